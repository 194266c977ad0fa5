"""A published ladder as plain values: what each rung asks, and how windows, validity and grace are counted."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from kit import dates
from tiers.enums import AtEnd, Join, OnRefund, Rounding, Start, Window
from tiers.rules.facts import Facts

METRICS = ("spend", "orders", "growth", "active_days", "years", "referrals")
PLAIN = frozenset({"spend", "orders", "growth"})
"""Metrics that are always counted, because lists show them."""
BEGINNING = dates.ALWAYS
"""Where a window without a beginning begins."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a rung asks: any of the metrics that are given, or all of them. None given is no way at all."""

    spend: Decimal | None = None
    orders: int | None = None
    growth: int | None = None
    active_days: int | None = None
    years: int | None = None
    referrals: int | None = None
    join: Join = Join.ANY

    def ways(self) -> list[tuple[str, Decimal]]:
        """Will return (metric, threshold) of each metric that is asked, in the order of METRICS."""
        return [(name, Decimal(need)) for name in METRICS if (need := getattr(self, name)) is not None]

    @property
    def by_spend(self) -> Decimal | None:
        """The spend that is enough by itself; None where spend is not asked, or not alone."""
        return None if self.join is Join.ALL and len(self.ways()) > 1 else self.spend


@dataclass(frozen=True, slots=True)
class Rung:
    """One tier of a ladder version; `re_enter` is asked of whoever held it before, where it is not what `reach` is."""

    tier_id: int
    rank: int
    code: str
    multiplier: Decimal
    reach: Requirement
    keep: Requirement
    re_enter: Requirement | None = None
    never_lost: bool = False
    by_invitation: bool = False

    def asked_of(self, highest: int) -> Requirement:
        """Will return what reaches it for somebody who has held `highest`."""
        return self.re_enter if self.re_enter and highest >= self.rank else self.reach


@dataclass(frozen=True)
class LadderTerms:
    """A ladder version as plain values; rungs by rank, the lowest (rank 0) open to everybody.

    `window_days` is of a rolling window; nobody falls under this version until `notice_days` after it began.
    """

    ladder_id: int
    version_id: int
    window_days: int
    validity_months: int
    grace_days: int
    rungs: tuple[Rung, ...]
    window: Window = Window.ROLLING
    start: Start = Start.AT_ONCE
    rounding: Rounding = Rounding.SAME_DATE
    at_end: AtEnd = AtEnd.TO_EARNED
    grace_rounds_up: bool = False
    protection_days: int = 0
    on_refund: OnRefund = OnRefund.HOLD
    notice_days: int = 0
    effective_on: dt.date = dt.date.min

    @property
    def validity_years(self) -> int:
        """The whole years of a validity."""
        return self.validity_months // 12

    @cached_property
    def uses(self) -> frozenset[str]:
        """The metrics that any rung asks for."""
        asked = [asked for rung in self.rungs for asked in (rung.reach, rung.keep, rung.re_enter) if asked]
        return frozenset(metric for requirement in asked for metric, _ in requirement.ways())

    @property
    def is_plain(self) -> bool:
        """Whether spend, orders and growth of the last so many days decide everything, at once."""
        return self.uses <= PLAIN and self.window is Window.ROLLING and self.start is Start.AT_ONCE

    @property
    def notice_ends(self) -> dt.date:
        """The first date on which anybody may fall under this version."""
        if self.effective_on == dt.date.min:
            return self.effective_on
        return self.effective_on + dt.timedelta(days=self.notice_days)

    def window_start(self, on: dt.date, joined: dt.date | None = None) -> dt.date:
        """Will return the first date that counts when evaluated on a date.

        A membership year of one of whom it is not known when he joined is the year that ends on the date.
        """
        if self.window is Window.ROLLING:
            return on - dt.timedelta(days=self.window_days - 1)
        if self.window is Window.CALENDAR_YEAR:
            return on.replace(month=1, day=1)
        if self.window is Window.LIFETIME:
            return BEGINNING
        if joined is None:
            return dates.add_years(on, -1) + dt.timedelta(days=1)
        return _anniversary(joined, on)

    def next_period(self, on: dt.date, joined: dt.date) -> dt.date:
        """Will return the first date of the period after a date: calendar year, membership year, else month."""
        if self.window is Window.CALENDAR_YEAR:
            return dt.date(on.year + 1, 1, 1)
        if self.window is Window.MEMBERSHIP_YEAR:
            current = _anniversary(joined, on)
            return dates.add_years(joined, current.year - joined.year + 1)
        return dates.last_of_month(on.year, on.month) + dt.timedelta(days=1)

    def valid_through(self, on: dt.date) -> dt.date:
        """Will return the last date of a validity that begins on a date, or that goes on from an end."""
        end = dates.add_months(on, self.validity_months)
        if self.rounding is Rounding.MONTH:
            return dates.last_of_month(end.year, end.month)
        if self.rounding is Rounding.YEAR:
            return dt.date(end.year, 12, 31)
        return end

    def grace_through(self, until: dt.date) -> dt.date:
        """Will return the last date of grace after a validity that ended on a date."""
        end = until + dt.timedelta(days=self.grace_days)
        return dates.last_of_month(end.year, end.month) if self.grace_rounds_up else end


def _anniversary(joined: dt.date, on: dt.date) -> dt.date:
    """Will return the last turn of a membership year up to a date; one of before he joined is the day he joined."""
    years = on.year - joined.year
    turn = dates.add_years(joined, years)
    return max(turn if turn <= on else dates.add_years(joined, years - 1), joined)


@dataclass(frozen=True, slots=True)
class Reached:
    """What was met: a metric with its threshold, or `all` of them."""

    by: str
    threshold: Decimal | None


ALL = "all"
"""Said of a requirement all of whose metrics were reached."""


def met(asked: Requirement, facts: Facts) -> Reached | None:
    """Will return what met a requirement - the first of METRICS, or `all`; boundaries are inclusive."""
    ways = asked.ways()
    reached = [(metric, need) for metric, need in ways if facts.of(metric) >= need]
    if not reached:
        return None
    if asked.join is Join.ANY or len(ways) == 1:
        return Reached(*reached[0])
    return Reached(ALL, None) if len(reached) == len(ways) else None


def implies(harder: Requirement, easier: Requirement) -> bool:
    """Will say whether whatever meets one requirement meets the other too; what nobody can meet implies anything."""
    asked, other = dict(harder.ways()), dict(easier.ways())
    if not asked:
        return True
    if easier.join is Join.ANY or len(other) == 1:
        met_by = [metric in other and other[metric] <= need for metric, need in asked.items()]
        return any(met_by) if harder.join is Join.ALL else all(met_by)
    if harder.join is Join.ALL or len(asked) == 1:
        return bool(other) and all(metric in asked and need <= asked[metric] for metric, need in other.items())
    return False


def earned(terms: LadderTerms, facts: Facts, above: int = 0, highest: int = 0) -> tuple[int, Reached | None]:
    """Will return the highest rank whose requirement is met, and what met it; `above` at the least.

    Tiers by invitation are not reached. `highest` is the highest rank held before: those up to it ask to re-enter.
    """
    for rung in reversed(terms.rungs):
        if rung.rank <= above:
            break
        if not rung.by_invitation and (reached := met(rung.asked_of(highest), facts)):
            return rung.rank, reached
    return above, None


def gaps(asked: Requirement, facts: Facts) -> Sequence[tuple[str, Decimal, Decimal]]:
    """Will return (metric, threshold, missing) for each metric that is asked; missing is 0 where it is met."""
    return [(metric, need, max(need - facts.of(metric), Decimal(0))) for metric, need in asked.ways()]


def rank_in(terms: LadderTerms, old: LadderTerms, rank: int) -> tuple[int, bool]:
    """Will return the rank in one version of a tier of another, and whether that tier is gone from it.

    Tiers are matched by code; one that is gone is the nearest below it that is still there. A ladder of which nothing
    up to it is still there was renamed: there it is the rank that counts.
    """
    if terms is old or terms.version_id == old.version_id:
        return rank, False
    ranks = {rung.code: rung.rank for rung in terms.rungs}
    for rung in reversed(old.rungs[: rank + 1]):
        if rung.code in ranks:
            return ranks[rung.code], rung.rank != rank
    return min(rank, len(terms.rungs) - 1), False


def rank_of(terms: LadderTerms, rung: Rung) -> int:
    """Will return the rank of a tier in a version, by its code; where it has none of it, by its rank."""
    top = len(terms.rungs) - 1
    return next((one.rank for one in terms.rungs if one.code == rung.code), min(rung.rank, top))


RAREST = ("spend", "growth", "orders", "referrals", "active_days", "years")
"""Metrics in the order in which few members reach a threshold rather than many."""


def least_of(requirements: Iterable[Requirement]) -> dict[str, Decimal]:
    """Will return the least threshold of each metric: who is below all of them meets none of the requirements.

    Of a requirement that needs all its metrics one is enough to tell who may meet it: the rarest.
    """
    least: dict[str, Decimal] = {}
    for asked in requirements:
        ways = dict(asked.ways())
        if asked.join is Join.ALL and ways:
            rarest = min(ways, key=RAREST.index)
            ways = {rarest: ways[rarest]}
        for metric, need in ways.items():
            least[metric] = min(need, least.get(metric, need))
    return least


def least_to_rise(terms: LadderTerms, versions: Iterable[LadderTerms]) -> list[dict[str, Decimal]]:
    """Will return, for rank 0, 1, 2, ..., least_of what lifts that rank of any version higher in one version."""
    return _by_rank(
        versions,
        lambda old, rank: (
            asked
            for rung in terms.rungs[rank_in(terms, old, rank)[0] + 1 :]
            if not rung.by_invitation
            for asked in (rung.reach, rung.re_enter)
            if asked
        ),
    )


def least_to_keep(terms: LadderTerms, versions: Iterable[LadderTerms]) -> list[dict[str, Decimal]]:
    """Will return, for rank 0, 1, 2, ..., least_of what keeps that rank of any version, in its own and in one other."""
    return _by_rank(versions, lambda old, rank: (old.rungs[rank].keep, terms.rungs[rank_in(terms, old, rank)[0]].keep))


def _by_rank(
    versions: Iterable[LadderTerms], asked: Callable[[LadderTerms, int], Iterable[Requirement]]
) -> list[dict[str, Decimal]]:
    found: list[list[Requirement]] = []
    for version in versions:
        for rung in version.rungs:
            if rung.rank == len(found):
                found.append([])
            found[rung.rank] += asked(version, rung.rank)
    return [least_of(requirements) for requirements in found]
