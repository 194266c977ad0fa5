"""What counts of a member in a window: summed from dated rows, as known on a date."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from kit import dates

if TYPE_CHECKING:
    from tiers.rules.ladder import LadderTerms

NOT_OWN_EVENTS = ("referral", "birthday", "anniversary")
"""Types of events that befall a member: what a friend's order or the night brings makes no day an active one."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What counts in the window; metrics that the ladder does not ask for are left at nought."""

    spend: Decimal
    orders: int
    growth: int
    active_days: int = 0
    years: int = 0
    referrals: int = 0

    def of(self, metric: str) -> Decimal:
        """Will return how much there is of a metric."""
        return Decimal(getattr(self, metric))


class Counted(NamedTuple):
    """Something that counts on one date and became known on another; `events` are the member's own deeds."""

    counts_on: dt.date
    known_on: dt.date
    spend: Decimal = Decimal(0)
    orders: int = 0
    growth: int = 0
    events: int = 0
    referrals: int = 0


def years_between(joined: dt.date, on: dt.date) -> int:
    """Will return the completed years of a membership; one begun on 29 February turns on 28 February."""
    years = on.year - joined.year
    return max(years if dates.add_years(joined, years) <= on else years - 1, 0)


class History:
    """All that counts of one member, and when he joined."""

    def __init__(self, joined: dt.date, rows: Iterable[Counted] = ()) -> None:
        self.joined = joined
        self.rows = tuple(rows)

    def facts(self, terms: "LadderTerms", on: dt.date) -> Facts:
        """Will return what counts in the window that ends on a date, as known at its end."""
        start = terms.window_start(on, self.joined)
        seen = [row for row in self.rows if start <= row.counts_on <= on and row.known_on <= on]
        uses = terms.uses
        return Facts(
            sum((row.spend for row in seen), Decimal(0)),
            sum(row.orders for row in seen),
            sum(row.growth for row in seen),
            _active_days(seen) if "active_days" in uses else 0,
            years_between(self.joined, on) if "years" in uses else 0,
            sum(row.referrals for row in seen) if "referrals" in uses else 0,
        )

    def changes(self, uses: Collection[str], after: dt.date, upto: dt.date) -> list[dt.date]:
        """Will return the dates after one and up to another on which something may have risen, in order."""
        found = {max(row.counts_on, row.known_on) for row in self.rows}
        if "years" in uses:
            found |= {dates.add_years(self.joined, years) for years in range(1, upto.year - self.joined.year + 1)}
        return sorted(date for date in found if after < date <= upto)


def _active_days(rows: Iterable[Counted]) -> int:
    by_date: Counter[dt.date] = Counter()
    acted = set()
    for row in rows:
        by_date[row.counts_on] += row.orders
        if row.events:
            acted.add(row.counts_on)
    return len(acted | {date for date, orders in by_date.items() if orders > 0})
