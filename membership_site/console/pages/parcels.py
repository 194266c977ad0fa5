"""The staff's pages of gifts that are sent: the list by state, and one gift with its way."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.enums import FulfilmentState
from benefits.queries import FulfilmentRow
from benefits.rules.fulfilment import NEXT
from kit import clock, paging
from membership_site.console.pages import people
from membership_site.console.pages.members import member_url
from membership_site.console.pages.words import State

ROWS = 50
BY_HAND = (FulfilmentState.DELIVERED, FulfilmentState.RETURNED, FulfilmentState.READY, FulfilmentState.CANCELLED)


@dataclass(frozen=True)
class StateTab:
    """A state to look at, and how many stand there."""

    code: str
    label: str
    count: int
    is_current: bool


@dataclass(frozen=True)
class Line:
    """A gift in the list; `until` is the last date for an address."""

    id: int
    gift: str
    member: str
    member_url: str
    since: dt.datetime
    until: dt.date | None
    parcel: str


@dataclass(frozen=True)
class ParcelsPage:
    """The list of one state."""

    tabs: tuple[StateTab, ...]
    current: str
    text: str
    rows: tuple[Line, ...]
    more: str
    is_first: bool
    is_filtered: bool


@dataclass(frozen=True)
class StepLine:
    """One change: to which state, when, by whom, why."""

    state: str
    at: dt.datetime
    who: str
    note: str


@dataclass(frozen=True)
class ParcelPage:
    """One gift: for whom, where to, what happened, what may happen next."""

    id: int
    gift: str
    member: str
    member_url: str
    state: State
    is_ready: bool
    address: tuple[str, ...]
    parcel: str
    steps: tuple[StepLine, ...]
    moves: tuple[tuple[str, str], ...]
    is_redeemed: bool


def parcels_page(data: Mapping[str, str]) -> ParcelsPage:
    """Will assemble the list that an address asks for. Two queries."""
    known = {state.value: state for state in FulfilmentState}
    state = known.get(data.get("state", ""), FulfilmentState.READY)
    text = data.get("q", "").strip()[:80]
    counts = benefits_queries.count_fulfilments()
    after = _place(data.get("after", ""))
    rows = benefits_queries.list_fulfilments(state, text=text, after=after, limit=ROWS + 1)
    shown = rows[:ROWS]
    query = {"state": state.value} | ({"q": text} if text else {})
    more = query | {"after": str(paging.Place(shown[-1].changed_at.isoformat(), shown[-1].id))} if rows[ROWS:] else {}
    return ParcelsPage(
        tabs=tuple(
            StateTab(one.value, benefits_wording.parcel_state_words(one), counts.get(one.value, 0), one is state)
            for one in FulfilmentState
        ),
        current=state.value,
        text=text,
        rows=tuple(_line(row) for row in shown),
        more=f"?{urlencode(more)}" if more else "",
        is_first=after is None,
        is_filtered=bool(text),
    )


def _place(text: str) -> tuple[dt.datetime, int] | None:
    place = paging.read_place(text)
    at = paging.read_instant(place.key) if place else None
    return (at, place.id) if place and at else None


def _line(row: FulfilmentRow) -> Line:
    return Line(
        id=row.id,
        gift=benefits_wording.named(row.names, row.item),
        member=row.name or row.number,
        member_url=member_url(row.number),
        since=row.changed_at,
        until=_last(row),
        parcel=" ".join(filter(None, (row.carrier, row.tracking))),
    )


def _last(row: FulfilmentRow) -> dt.date | None:
    if row.state != FulfilmentState.NEEDS_ADDRESS or row.address_until is None:
        return None
    return clock.business_date(row.address_until - dt.timedelta(microseconds=1))


def parcel_page(row: FulfilmentRow) -> ParcelPage:
    """Will assemble one gift. At most two queries."""
    steps = benefits_queries.steps_of(row.id)
    names = people.names_of(step.actor for step in steps)
    state = FulfilmentState(row.state)
    may = [one for one in BY_HAND if one in NEXT[state] and (one is not FulfilmentState.READY or _came_back(state))]
    return ParcelPage(
        id=row.id,
        gift=benefits_wording.named(row.names, row.item),
        member=" ".join(filter(None, (row.name, row.number))),
        member_url=member_url(row.number),
        state=State(benefits_wording.parcel_state_words(state), benefits_wording.tone(state)),
        is_ready=state is FulfilmentState.READY,
        address=_address(row),
        parcel=" ".join(filter(None, (row.carrier, row.tracking))),
        steps=tuple(
            StepLine(benefits_wording.parcel_state_words(step.state), step.at, names[step.actor], _note(step.note))
            for step in steps
        ),
        moves=tuple((one.value, _move_words(one)) for one in may),
        is_redeemed=row.is_redeemed,
    )


def _came_back(state: FulfilmentState) -> bool:
    return state is FulfilmentState.RETURNED


def _address(row: FulfilmentRow) -> tuple[str, ...]:
    """Will write an address as a label has it."""
    if row.address is None:
        return ()
    place = " ".join(filter(None, (row.address.postcode, row.address.city, row.address.region)))
    return tuple(filter(None, (row.address.name, *row.address.lines, place, row.address.phone)))


def _note(note: str) -> str:
    return _("The member entered an address.") if note == "address" else note


def _move_words(state: FulfilmentState) -> str:
    """Will say what a press does."""
    return {
        FulfilmentState.DELIVERED: _("It was delivered"),
        FulfilmentState.RETURNED: _("It came back"),
        FulfilmentState.READY: _("Send it again"),
        FulfilmentState.CANCELLED: _("Give it up"),
    }[state]


HEADS = (
    *("id", "gift", "member", "name", "phone", "line1", "line2", "postcode", "city", "region", "carrier", "tracking"),
)


def packing_rows(rows: list[FulfilmentRow]) -> list[tuple[str, ...]]:
    """Will write gifts as rows of the packing list; carrier and tracking are to be filled in and sent back."""
    written: list[tuple[str, ...]] = []
    for row in rows:
        to = row.address
        lines = (*(to.lines if to else ()), "", "")
        cells = (to.postcode, to.city, to.region) if to else ("", "", "")
        gift = benefits_wording.named(row.names, row.item)
        person = (to.name, to.phone) if to else (row.name, "")
        written.append((str(row.id), gift, row.number, *person, lines[0], lines[1], *cells, "", ""))
    return written
