"""The forms and pages of the members' door that a story shows under a hostile hand, a member's and a stranger's."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client

from members.models import Member
from membership_site.portal import urls
from tests.hostile import scene
from tests.hostile.hand import Hand, Walk, ask, attack, forms_asked, forms_of, strange_parts, walk
from tests.hostile.test_console import SEED, SHARE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OUTSIDE = ("/", "/login/", "/join/", "/enter/", "/enter/forgotten/", "/programme/")
ELSEWHERE = {"CodeForm", "ChallengeForm", "HoldForm", "BrowserForm", "ScoreForm", "WordsForm"}
"""Forms that wait for a code or a message, or that only a script sends."""


SEEN = ("benefits_entitlement", "members_member")
"""Where it is kept that a benefit was seen, and the code by which a member invites, made when he first looks for it."""


@dataclass(frozen=True)
class Stage:
    """A member, what she finds, and what a stranger finds."""

    ann: Member
    inside: Walk
    outside: Walk

    def hands(self) -> Iterator[tuple[Hand, Walk]]:
        """Hers and a stranger's, each with what there is for it."""
        yield Hand(scene.entered(member=self.ann), SEEN), self.inside
        yield Hand(Client()), self.outside


@pytest.fixture(scope="module")
def stage(module_programme: None) -> Iterator[Stage]:
    """The members' pages, walked by a member and from outside."""
    with scene.house() as ann:
        inside = walk(scene.entered(member=ann), ("/", "/me/", "/shop/", "/messages/settings/"), "portal:")
        yield Stage(ann, inside, walk(Client(), OUTSIDE, "portal:"))


def test_every_form_refuses_what_it_cannot_take(stage: Stage) -> None:
    """No fault, nothing half done, nothing echoed as markup; every form of this door but ELSEWHERE was among them."""
    chance = random.Random(SEED)
    with forms_asked() as asked:
        for hand, walked in stage.hands():
            for form in walked.forms:
                attack(hand, form, SHARE * 2, chance)
            for name, paths in walked.pages.items():
                ask(hand, paths[0], walked.parameters[name], 0, chance)
            assert not hand.wrong, hand.complaints()
    unseen = {form.__name__ for form in forms_of("membership_site.portal")} - {form.__name__ for form in asked}
    assert unseen <= ELSEWHERE, f"no page shows {sorted(unseen - ELSEWHERE)}"


def test_every_page_takes_any_parameter(stage: Stage) -> None:
    """Places in a list, years, what comes next: what cannot be read is left out, and looking changes nothing."""
    chance = random.Random(SEED)
    for hand, walked in stage.hands():
        for name, paths in walked.pages.items():
            ask(hand, paths[0], walked.parameters[name], SHARE, chance)
        assert not hand.wrong, hand.complaints()


def test_every_address_takes_any_part(stage: Stage) -> None:
    """Numbers that no column holds, links that nobody signed: there is no such page, for a member and a stranger."""
    paths = list(strange_parts(urls.urlpatterns, "portal", stage.ann.number))
    for hand, _walked in stage.hands():
        for path in paths:
            hand.get(path, "strange")
            hand.post(path, [("form_key", "x")], "strange")
        assert not hand.wrong, hand.complaints()


def test_every_page_does_without_the_cache(stage: Stage) -> None:
    """What is counted there against guessing is not counted while it is away; nobody is turned away."""
    for hand, walked in stage.hands():
        with scene.cache_away():
            for paths in walked.pages.values():
                for path in paths:
                    hand.get(path, "without the cache")
            hand.post("/points/give/", [("recipient", "M1"), ("points", "5")], "without the cache")
        assert not hand.wrong, hand.complaints()
