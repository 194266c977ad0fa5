"""Where a member stands: pure decisions from a position, the window's facts and a published ladder version."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kit import dates
from tiers.enums import DecisionKind


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Ways to a tier, any of which suffices; None is no way. All None is open to everybody."""

    spend: Decimal | None = None
    orders: int | None = None
    growth: int | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One tier of a ladder version."""

    tier_id: int
    rank: int
    code: str
    multiplier: Decimal
    reach: Thresholds
    keep: Thresholds


@dataclass(frozen=True, slots=True)
class LadderTerms:
    """A ladder version as plain values; rungs by rank, the lowest (rank 0) open to everybody."""

    ladder_id: int
    version_id: int
    window_days: int
    validity_years: int
    grace_days: int
    rungs: tuple[Rung, ...]

    def window_start(self, on: dt.date) -> dt.date:
        """Will return the first date that counts when evaluated on a date."""
        return on - dt.timedelta(days=self.window_days - 1)

    def valid_through(self, on: dt.date) -> dt.date:
        """Will return the last date of a validity that begins on a date."""
        return dates.add_years(on, self.validity_years)


@dataclass(frozen=True, slots=True)
class Facts:
    """What counts in the window."""

    spend: Decimal
    orders: int
    growth: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where a member stands; the lowest tier has no end."""

    rank: int
    since: dt.date
    until: dt.date | None = None
    grace: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided: the new position, and the metric and threshold that made it (none for a fall or grace)."""

    kind: DecisionKind
    position: Position
    reached_by: str = ""
    threshold: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """A threshold that was met."""

    by: str
    threshold: Decimal


def met(thresholds: Thresholds, facts: Facts) -> Reached | None:
    """Will return the first threshold that is met - spend, then orders, then growth; boundaries are inclusive."""
    if thresholds.spend is not None and facts.spend >= thresholds.spend:
        return Reached("spend", thresholds.spend)
    if thresholds.orders is not None and facts.orders >= thresholds.orders:
        return Reached("orders", Decimal(thresholds.orders))
    if thresholds.growth is not None and facts.growth >= thresholds.growth:
        return Reached("growth", Decimal(thresholds.growth))
    return None


def earned(terms: LadderTerms, facts: Facts, above: int = 0) -> tuple[int, Reached | None]:
    """Will return the highest rank whose reach thresholds are met, and what met them; `above` at the least."""
    for rung in reversed(terms.rungs):
        if rung.rank <= above:
            break
        if reached := met(rung.reach, facts):
            return rung.rank, reached
    return above, None


def join(on: dt.date) -> Outcome:
    """Will place a new member on the lowest tier."""
    return Outcome(DecisionKind.JOINED, Position(rank=0, since=on))


def after_event(position: Position, facts: Facts, terms: LadderTerms, on: dt.date) -> Outcome | None:
    """Will decide after an order or a growth entry: up only, or kept while in grace; None where nothing changes."""
    rank, reached = earned(terms, facts, above=position.rank)
    if reached:
        return _upgrade(rank, reached, terms, on)
    if position.grace is not None and on <= position.grace:
        return _renewal(position, facts, terms)
    return None


def at_night(position: Position, facts: Facts, terms: LadderTerms, on: dt.date) -> Outcome | None:
    """Will decide at the end of a business date: upgrades missed, ends of validity, grace; None for no change."""
    rank, reached = earned(terms, facts, above=position.rank)
    if reached:
        return _upgrade(rank, reached, terms, on)
    if position.until is None:
        return None
    if position.grace is not None:
        kept = _renewal(position, facts, terms)
        return kept or (_fall(facts, terms, on) if position.grace <= on else None)
    if position.until <= on:
        return _renewal(position, facts, terms) or _grace(position, terms)
    return None


def _upgrade(rank: int, reached: Reached, terms: LadderTerms, on: dt.date) -> Outcome:
    position = Position(rank=rank, since=on, until=terms.valid_through(on))
    return Outcome(DecisionKind.UPGRADE, position, reached.by, reached.threshold)


def _renewal(position: Position, facts: Facts, terms: LadderTerms) -> Outcome | None:
    reached = met(terms.rungs[position.rank].keep, facts)
    if reached is None or position.until is None:
        return None
    until = terms.valid_through(position.until)
    renewed = Position(rank=position.rank, since=position.since, until=until)
    return Outcome(DecisionKind.RENEWAL, renewed, reached.by, reached.threshold)


def _grace(position: Position, terms: LadderTerms) -> Outcome:
    if position.until is None:
        raise ValueError("The lowest tier has no grace.")
    grace = position.until + dt.timedelta(days=terms.grace_days)
    return Outcome(
        DecisionKind.GRACE, Position(rank=position.rank, since=position.since, until=position.until, grace=grace)
    )


def _fall(facts: Facts, terms: LadderTerms, on: dt.date) -> Outcome:
    rank, reached = earned(terms, facts)
    until = terms.valid_through(on) if rank else None
    position = Position(rank=rank, since=on, until=until)
    return Outcome(
        DecisionKind.DOWNGRADE, position, reached.by if reached else "", reached.threshold if reached else None
    )


def gaps(thresholds: Thresholds, facts: Facts) -> Sequence[tuple[str, Decimal, Decimal]]:
    """Will return (metric, threshold, missing) for each way that exists; missing is 0 where it is met."""
    ways = (
        ("spend", thresholds.spend, facts.spend),
        ("orders", thresholds.orders, Decimal(facts.orders)),
        ("growth", thresholds.growth, Decimal(facts.growth)),
    )
    return [
        (name, Decimal(need), max(Decimal(need) - have, Decimal(0))) for name, need, have in ways if need is not None
    ]
