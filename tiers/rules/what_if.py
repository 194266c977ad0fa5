"""What if: what comes of one deed on a date, beside what comes without it. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tiers.enums import DecisionKind, Join
from tiers.rules.ahead import Ahead, Stand, look_ahead
from tiers.rules.facts import Counted
from tiers.rules.ladder import Rung, gaps, rank_in
from tiers.rules.nights import Lived
from tiers.rules.staying import Fall, fall_after


@dataclass(frozen=True, slots=True)
class Rise:
    """A higher tier that a deed brings: which, and from when on."""

    rung: Rung
    since: dt.date


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a deed changes up to a date.

    `rise` is the higher tier it brings; where it brings none, `above` is the next tier and `missing` what is missing of
    each metric on the date of the deed, all of which is needed where `missing_all` says so. `fall` is what comes of the
    tier held today all the same, `fall_without` what would come without the deed.
    """

    deed: Counted
    nothing: Ahead
    doing: Ahead
    rise: Rise | None
    above: Rung | None
    missing: tuple[tuple[str, Decimal, Decimal], ...]
    missing_all: bool
    fall: Fall | None
    fall_without: Fall | None


def what_if(stand: Stand, today: dt.date, upto: dt.date, deed: Counted) -> WhatIf:
    """Will say what a deed between today and a date changes."""
    nothing, doing = look_ahead(stand, today, upto), look_ahead(stand, today, upto, [deed])
    rise = _rise(nothing.lived, doing.lived, deed)
    above = None if rise else _above(stand, today, deed)
    return WhatIf(
        deed=deed,
        nothing=nothing,
        doing=doing,
        rise=rise,
        above=above[0] if above else None,
        missing=above[1] if above else (),
        missing_all=above is not None and above[2],
        fall=fall_after(stand, today, [deed]),
        fall_without=fall_after(stand, today),
    )


# ---- leaves


def _rise(nothing: Sequence[Lived], doing: Sequence[Lived], deed: Counted) -> Rise | None:
    """The first rise from the deed on that does not come without it."""
    known = {_told(lived) for lived in nothing}
    for lived in doing:
        outcome = lived.outcome
        if lived.date < deed.known_on or outcome.terms is None or _told(lived) in known:
            continue
        if outcome.kind is DecisionKind.SCHEDULED and outcome.position.next:
            return Rise(outcome.position.next.rung, outcome.position.next.on)
        if outcome.kind is DecisionKind.UPGRADE:
            return Rise(outcome.terms.rungs[outcome.position.rank], outcome.position.since)
    return None


def _told(lived: Lived) -> tuple[dt.date, DecisionKind, int]:
    return lived.date, lived.outcome.kind, lived.outcome.position.rank


def _above(
    stand: Stand, today: dt.date, deed: Counted
) -> tuple[Rung, tuple[tuple[str, Decimal, Decimal], ...], bool] | None:
    """The next tier that can be reached on the date of the deed, what it lacks then, and whether it takes all of it."""
    then = look_ahead(stand, today, deed.known_on, [deed]).stand
    measure = then.measure(deed.known_on)
    rank = rank_in(measure.terms, then.own, then.held.rank)[0]
    peak = rank_in(measure.terms, then.own, then.position.peak)[0]
    for rung in measure.terms.rungs[rank + 1 :]:
        if not rung.by_invitation:
            asked = rung.asked_of(peak)
            return rung, tuple(gaps(asked, measure.facts)), asked.join is Join.ALL
    return None
