"""What comes of a member up to a date if nothing more happens, and what if he does something: pure.

Every night is lived as it would be run, but only on dates on which something can change; a test holds that to running
each of them.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from tiers.enums import Occasion
from tiers.rules.deciding import Measure, Occurrence, decide
from tiers.rules.facts import Counted, History
from tiers.rules.ladder import LadderTerms, Rung, rank_in, rank_of
from tiers.rules.nights import Ladders, Lived, live_through
from tiers.rules.position import Position

DAY = dt.timedelta(days=1)
CAUSE = "what-if"


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a member stands, under which version and since which decision, and all that counts of him."""

    position: Position
    own: LadderTerms
    decided_on: dt.date
    history: History
    ladders: Ladders

    @property
    def held(self) -> Rung:
        """The tier that he holds."""
        return _held(self.position, self.own)

    def measure(self, on: dt.date) -> Measure:
        """Will return what counts on a date under the version in force then."""
        terms = self.ladders.on(on)
        return Measure(terms, self.history.facts(terms, on), self.history.joined)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is decided of a member up to a date, and where he stands at the end of it."""

    upto: dt.date
    lived: tuple[Lived, ...]
    stand: Stand

    def rank_of(self, rung: Rung, own: LadderTerms) -> int:
        """Will return the rank, in the version of the end, of a tier of a version before."""
        return rank_in(self.stand.own, own, rung.rank)[0]

    @property
    def rank(self) -> int:
        """The rank that is held at the end, in the version of the end."""
        return rank_of(self.stand.own, self.stand.held)


class Leaving(NamedTuple):
    """What stops counting on a date."""

    date: dt.date
    spend: Decimal
    orders: int
    growth: int


def look_ahead(stand: Stand, today: dt.date, upto: dt.date, deeds: Iterable[Counted] = ()) -> Ahead:
    """Will live the nights from today to a date, the deeds on their dates before the night of each.

    Nights before today that have not been are lived with the first.
    """
    deeds = tuple(deeds)
    history = History(stand.history.joined, (*stand.history.rows, *deeds)) if deeds else stand.history
    changes = [*history.changes(stand.ladders.uses, today, upto), *stand.ladders.begins, upto]
    now = Stand(stand.position, stand.own, stand.decided_on, history, stand.ladders)
    lived: list[Lived] = []
    on = today
    while on <= upto:
        if any(deed.known_on == on for deed in deeds):
            now = _live(now, on - DAY, lived)
            now = _do(now, on, lived)
        now = _live(now, on, lived)
        due = now.position.due
        on = min((date for date in (*changes, due) if date is not None and date > on), default=upto + DAY)
    return Ahead(upto, tuple(lived), now)


def caught_up(stand: Stand, today: dt.date) -> Stand:
    """Will return where a member stands once the nights before today have been, where some have not been yet."""
    return look_ahead(stand, today - DAY, today - DAY).stand


def own_measure(stand: Stand, on: dt.date) -> Measure:
    """Will return what counts on a date under the version that a tier was granted under."""
    return Measure(stand.own, stand.history.facts(stand.own, on), stand.history.joined)


def judging(stand: Stand, on: dt.date) -> Measure:
    """Will return the version that says on a date whether the tier is kept, with what of today's counts then.

    That is the version in force, or his own until the notice of that one has run out.
    """
    terms = stand.ladders.on(on)
    if stand.own.version_id != terms.version_id and on < terms.notice_ends:
        terms = stand.own
    return Measure(terms, stand.history.facts(terms, on), stand.history.joined)


def order(on: dt.date, spend: Decimal, orders: int = 1, growth: int = 0) -> Counted:
    """Will return what an order of a date counts."""
    return Counted(on, on, spend, orders, growth)


def leaving(stand: Stand, today: dt.date, upto: dt.date) -> list[Leaving]:
    """Will return what of the spend, orders and growth that count today stops counting up to a date, date by date."""
    found = []
    rows = stand.history.rows
    start = stand.measure(today).window_start(today)
    for number in range(1, (upto - today).days + 1):
        on = today + number * DAY
        next_start = stand.ladders.on(on).window_start(on, stand.history.joined)
        if next_start > start:
            gone = [row for row in rows if start <= row.counts_on < next_start and row.known_on < on]
            if any(row.spend or row.orders or row.growth for row in gone):
                found.append(_sum(on, gone))
        start = next_start
    return found


# ---- leaves


def _live(now: Stand, night: dt.date, lived: list[Lived]) -> Stand:
    found = live_through(now.position, now.own, now.decided_on, night, now.history, now.ladders)
    lived += found
    return _after(now, found)


def _do(now: Stand, on: dt.date, lived: list[Lived]) -> Stand:
    """Will decide after a deed, as tiers.actions.evaluate does: first what should have begun, then the deed."""
    for _ in range(2):
        position = now.position
        begins = position.next is not None and position.next.on <= on and not position.hold
        measure = now.measure(on)
        own = measure
        if now.own.version_id != measure.terms.version_id:
            own = Measure(now.own, now.history.facts(now.own, on), now.history.joined)
        outcome = decide(position, Occurrence(Occasion.EVENT, on, CAUSE), measure, own)
        found = [Lived(on, outcome)] if outcome else []
        lived += found
        now = _after(now, found)
        if not begins:
            break
    return now


def _after(now: Stand, found: Sequence[Lived]) -> Stand:
    if not found:
        return now
    last = found[-1].outcome
    return Stand(last.position, last.terms or now.own, found[-1].date, now.history, now.ladders)


def _held(position: Position, own: LadderTerms) -> Rung:
    return position.hold.rung if position.hold else own.rungs[position.rank]


def _sum(on: dt.date, rows: Sequence[Counted]) -> Leaving:
    spend = sum((row.spend for row in rows), Decimal(0))
    return Leaving(on, spend, sum(row.orders for row in rows), sum(row.growth for row in rows))
