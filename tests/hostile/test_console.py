"""The forms and pages of the console that a story shows under a hostile hand: it refuses, and is never surprised.

The suite sends a share of all there is, always the same; HOSTILE_SHARE=1 sends everything, which takes hours.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from membership_site.console import urls
from tests.hostile import scene
from tests.hostile.hand import Hand, Walk, ask, attack, forms_asked, forms_of, strange_parts, walk

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SHARE = float(os.environ.get("HOSTILE_SHARE", "0.001"))
SEED = int(os.environ.get("HOSTILE_SEED", "8"))
OFTEN = ("console:campaign_step", "console:report", "console:reward_new", "console:reward_edit")
"""Addresses of which each makes another page."""

ELSEWHERE = {
    *("StaffLogInForm", "FactorForm", "ConfirmForm", "FirstAdminForm", "SetUpForm", "AcceptForm"),
    *("AnswerForm", "ApproveForm", "BookingForm", "BudgetForm", "DecideForm", "EndForm", "MessageForm", "StartForm"),
    *("UndoForm", "WriteOffForm", "MergeForm", "NoteForm", "ExtendForm"),
}
"""Forms that wait for something that happens in no story here: a question, a debt, a log-in, a second person."""


@dataclass(frozen=True)
class Stage:
    """An administrator's hand, and what there is for it."""

    walked: Walk
    number: str

    def hand(self) -> Hand:
        """A hand that has done nothing yet."""
        return Hand(scene.entered(email=scene.ADMIN))


@pytest.fixture(scope="module")
def stage(module_programme: None) -> Iterator[Stage]:
    """The console, walked from the overview and a member's page, with drafts begun."""
    with scene.house() as ann:
        client, starts = scene.entered(email=scene.ADMIN), ("/console/", f"/console/members/{ann.number}/")
        scene.sow(client, ann)
        yield Stage(walk(client, starts, "console:", OFTEN), ann.number)


def test_every_form_refuses_what_it_cannot_take(stage: Stage) -> None:
    """No fault, nothing half done, nothing echoed as markup; every form of the console but ELSEWHERE was among them."""
    hand, chance = stage.hand(), random.Random(SEED)
    with forms_asked() as asked:
        for form in stage.walked.forms:
            attack(hand, form, SHARE, chance)
        for name, paths in stage.walked.pages.items():
            for path in paths:
                ask(hand, path, stage.walked.parameters[name], 0, chance)
    assert not hand.wrong, hand.complaints()
    assert len(hand.taken) > 20, "hardly a form was filled in well enough to be taken"
    unseen = {form.__name__ for form in forms_of("membership_site.console")} - {form.__name__ for form in asked}
    assert unseen <= ELSEWHERE, f"no page shows {sorted(unseen - ELSEWHERE)}"


def test_every_page_takes_any_parameter(stage: Stage) -> None:
    """Filters, sorting, places in a list, dates: what cannot be read is left out or named; nothing changes."""
    hand, chance = stage.hand(), random.Random(SEED)
    for name, paths in stage.walked.pages.items():
        ask(hand, paths[0], stage.walked.parameters[name], SHARE, chance)
    assert not hand.wrong, hand.complaints()


def test_every_address_takes_any_part(stage: Stage) -> None:
    """Numbers that no column holds, names that nobody has, bytes that no text has: there is no such page."""
    hand, chance = stage.hand(), random.Random(SEED)
    paths = list(strange_parts(urls.urlpatterns, "console", stage.number))
    for path in paths if SHARE >= 1 else chance.sample(paths, min(len(paths), int(SHARE * 60_000))):
        hand.get(path, "strange")
        hand.post(path, [("form_key", "x")], "strange")
    assert not hand.wrong, hand.complaints()


def test_every_page_does_without_the_cache(stage: Stage) -> None:
    """What is kept for some minutes is worked out, what is counted is not; nobody is turned away."""
    hand = stage.hand()
    with scene.cache_away():
        for paths in stage.walked.pages.values():
            for path in paths:
                hand.get(path, "without the cache")
    assert not hand.wrong, hand.complaints()
