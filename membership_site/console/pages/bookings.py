"""What members asked for: services, seats and trials that wait for an answer, and those that were answered."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from benefits import queries as benefits_queries
from benefits.enums import BookingState
from benefits.queries import BookingRow
from benefits.rules.matrix import Matrix
from benefits.wording import matrix as wording
from kit import clock
from members import queries as members_queries
from membership_site import formats
from membership_site.console.access import Capability, Person
from membership_site.console.forms.bookings import BookingForm
from membership_site.console.pages import people
from membership_site.console.pages.approvals import About
from membership_site.console.pages.members import member_url
from membership_site.console.pages.words import State

CARDS, ROWS = 100, 50
TONES = {BookingState.ASKED: "warn", BookingState.CONFIRMED: "good", BookingState.DECLINED: "bad"}


@dataclass(frozen=True)
class Card:
    """A booking that waits, or is confirmed and to be done; `form` is missing for who may not answer."""

    id: int
    about: About
    benefit: str
    period: str
    wanted_at: dt.datetime | None
    note: str
    asked_at: dt.datetime
    since: str
    state: State
    answer: str
    is_asked: bool
    form: BookingForm | None


@dataclass(frozen=True)
class Row:
    """A booking that is over."""

    at: dt.datetime
    about: About
    benefit: str
    note: str
    answer: str
    who: str
    state: State


@dataclass(frozen=True)
class BookingsPage:
    """The page as the template shows it; `failed` is the form that was sent and refused."""

    cards: tuple[Card, ...]
    rows: tuple[Row, ...]
    failed: BookingForm | None


def bookings_page(person: Person, at: dt.datetime, failed: tuple[int, BookingForm] | None = None) -> BookingsPage:
    """Will assemble what waits and what was answered last. At most six queries, however many there are."""
    waiting, over = benefits_queries.open_bookings(CARDS), benefits_queries.answered_bookings(ROWS)
    names = members_queries.names_of([row.member_id for row in (*waiting, *over)])
    actors = people.names_of(row.answered_by for row in over)
    matrix = benefits_queries.matrix_on(clock.business_date(at))
    may = person.may(Capability.ANSWER_BOOKINGS)
    return BookingsPage(
        cards=tuple(_card(row, names, matrix, at, failed, may=may) for row in waiting),
        rows=tuple(
            Row(
                at=row.answered_at or row.asked_at,
                about=_about(names, row),
                benefit=_benefit(matrix, row),
                note=row.note,
                answer=row.answer,
                who=actors[row.answered_by],
                state=_state(row.state),
            )
            for row in over
        ),
        failed=failed[1] if failed else None,
    )


def _card(
    row: BookingRow,
    names: Mapping[int, tuple[str, str]],
    matrix: Matrix,
    at: dt.datetime,
    failed: tuple[int, BookingForm] | None,
    *,
    may: bool,
) -> Card:
    form = failed[1] if failed and failed[0] == row.id else BookingForm(auto_id=f"booking-{row.id}-%s")
    return Card(
        id=row.id,
        about=_about(names, row),
        benefit=_benefit(matrix, row),
        period=row.period,
        wanted_at=row.wanted_at,
        note=row.note,
        asked_at=row.asked_at,
        since=formats.ago(row.asked_at, at),
        state=_state(row.state),
        answer=row.answer,
        is_asked=row.state is BookingState.ASKED,
        form=form if may else None,
    )


def _state(state: BookingState) -> State:
    return State(wording.booking_state(state), TONES.get(state, ""))


def _benefit(matrix: Matrix, row: BookingRow) -> str:
    found = matrix.find(row.benefit)
    return wording.benefit_name(found) if found else row.benefit


def _about(names: Mapping[int, tuple[str, str]], row: BookingRow) -> About:
    number, name = names[row.member_id]
    return About(number, name or _("No name"), member_url(number))
