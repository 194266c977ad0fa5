"""Decisions that members question: those that wait, with the reasons and the form, and those that were answered."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kit.paging import read_row
from members import queries as members_queries
from membership_site import formats
from membership_site.console.access import Capability, Person
from membership_site.console.forms.questions import AnswerForm
from membership_site.console.pages import people
from membership_site.console.pages.approvals import About
from membership_site.console.pages.members import member_url
from membership_site.console.pages.words import State
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording
from tiers.enums import Verdict
from tiers.queries import ChallengeView

CARDS = 50
ROWS = 20


@dataclass(frozen=True)
class Card:
    """A question that waits, with the decision it is about; `form` is missing for who may not answer."""

    id: int
    about: About
    title: str
    date: dt.date
    reasons: tuple[str, ...]
    words: str
    opened_at: dt.datetime
    since: str
    form: AnswerForm | None


@dataclass(frozen=True)
class Row:
    """A question that was answered."""

    at: dt.datetime
    about: About
    title: str
    words: str
    answer: str
    answered_by: str
    state: State


@dataclass(frozen=True)
class QuestionsPage:
    """The page as the template shows it; `failed` is the form that was sent and refused."""

    cards: tuple[Card, ...]
    is_more: bool
    rows: tuple[Row, ...]
    older: str
    is_first: bool
    failed: AnswerForm | None


def questions_page(
    person: Person, before: str, at: dt.datetime, failed: tuple[int, AnswerForm] | None = None
) -> QuestionsPage:
    """Will assemble what waits and a page of what was answered. At most six queries, however many there are."""
    waiting = tiers_queries.open_challenges(CARDS + 1)
    cursor = read_row(before)
    place = (dt.datetime.fromisoformat(cursor[0]), cursor[1]) if cursor else None
    answered = tiers_queries.answered_challenges(place, ROWS + 1)
    shown, done = waiting[:CARDS], answered[:ROWS]
    names = members_queries.names_of([found.member_id for found in (*shown, *done)])
    actors = people.names_of(found.answered_by for found in done)
    last = done[-1] if len(answered) > ROWS else None
    return QuestionsPage(
        cards=_cards(person, shown, names, at, failed),
        is_more=len(waiting) > CARDS,
        rows=tuple(_row(found, names, actors) for found in done),
        older=f"{last.answered_at.isoformat()}~{last.id}" if last and last.answered_at else "",
        is_first=cursor is None,
        failed=failed[1] if failed else None,
    )


# ---- leaves


def _cards(
    person: Person,
    found: Sequence[ChallengeView],
    names: Mapping[int, tuple[str, str]],
    at: dt.datetime,
    failed: tuple[int, AnswerForm] | None,
) -> tuple[Card, ...]:
    cards = []
    for asked in found:
        form = failed[1] if failed and failed[0] == asked.id else AnswerForm(auto_id=f"answer-{asked.id}-%s")
        cards.append(
            Card(
                id=asked.id,
                about=_about(names, asked),
                title=tiers_wording.decision_title(asked.decision, formats),
                date=asked.decision.business_date,
                reasons=tiers_wording.staff_reasons(asked.decision, formats),
                words=asked.words,
                opened_at=asked.opened_at,
                since=formats.ago(asked.opened_at, at),
                form=form if person.may(Capability.ANSWER_QUESTIONS) else None,
            )
        )
    return tuple(cards)


def _row(found: ChallengeView, names: Mapping[int, tuple[str, str]], actors: Mapping[str, str]) -> Row:
    is_upheld = found.verdict == Verdict.UPHELD
    return Row(
        at=found.answered_at or found.opened_at,
        about=_about(names, found),
        title=tiers_wording.decision_title(found.decision, formats),
        words=found.words,
        answer=found.answer,
        answered_by=actors[found.answered_by],
        state=State(_("Was right") if is_upheld else _("Explained"), "good" if is_upheld else ""),
    )


def _about(names: Mapping[int, tuple[str, str]], found: ChallengeView) -> About:
    number, name = names[found.member_id]
    return About(number, name or _("No name"), member_url(number))
