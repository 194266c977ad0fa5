"""A member's nights, one or many at once: what each of them decides, date by date."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from tiers.enums import Occasion
from tiers.rules.deciding import Measure, Occurrence, Outcome, decide
from tiers.rules.facts import History
from tiers.rules.ladder import LadderTerms
from tiers.rules.position import Position


@dataclass(frozen=True, slots=True)
class Ladders:
    """A ladder's published versions: the one in force on a date, when each begins to decide, what any of them asks."""

    on: Callable[[dt.date], LadderTerms]
    begins: tuple[dt.date, ...] = ()
    uses: frozenset[str] = frozenset()


class Lived(NamedTuple):
    """A decision of a night, and the date of it."""

    date: dt.date
    outcome: Outcome


def turns_of(versions: Iterable[LadderTerms]) -> tuple[dt.date, ...]:
    """Will return the dates on which versions begin to decide: when they come into force, when their notice ends."""
    return tuple(sorted({date for terms in versions for date in (terms.effective_on, terms.notice_ends)}))


def cause_of(date: dt.date) -> str:
    """Will name the night of a date as what caused a decision."""
    return f"night:{date}"


def live_through(
    position: Position, own: LadderTerms, decided_on: dt.date, night: dt.date, history: History, ladders: Ladders
) -> list[Lived]:
    """Will return what the nights up to one decide of a member on whom something was decided last on `decided_on`.

    A position that was left lying is decided on as of the date on which it had become due, and after that on each date
    on which something counted, so that late nights equal nights on time. One on which nothing was due is decided on
    as of the night alone.
    """
    if decided_on > night:
        return []
    lived: list[Lived] = []
    on = night if position.due is None or position.due >= night else max(position.due, decided_on)
    changes: list[dt.date] | None = None
    while True:
        now = ladders.on(on)
        measure = Measure(now, history.facts(now, on), history.joined)
        theirs = measure if own.version_id == now.version_id else Measure(own, history.facts(own, on), history.joined)
        outcome = decide(position, Occurrence(Occasion.NIGHT, on, cause_of(on)), measure, theirs)
        if outcome and outcome.terms:
            lived.append(Lived(on, outcome))
            position, own = outcome.position, outcome.terms
        due = position.due
        if outcome and due is not None and due <= on:
            continue
        if on >= night:
            return lived
        if changes is None:
            changes = [*history.changes(ladders.uses, on, night), *ladders.begins]
        on = min(date for date in (*changes, due, night) if date is not None and date > on)
