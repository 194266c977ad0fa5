"""What the staff see of partners' codes: how many are free, given, read, over."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Min, Q

from benefits.models import PartnerCode, Pool


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A pool with the counts of its codes on a date; `ended` are those that nobody had in time.

    `next_ends_on` is the last date of the free code that ends soonest.
    """

    code: str
    partner: str
    names: dict[str, str]
    instructions: dict[str, str]
    value: Decimal
    cost: Decimal
    low_water: int
    is_archived: bool
    free: int
    given: int
    revealed: int
    ended: int
    next_ends_on: dt.date | None

    @property
    def is_low(self) -> bool:
        """Whether fewer are free than the staff want to be told of."""
        return not self.is_archived and self.free < self.low_water


def list_pools(today: dt.date) -> list[PoolRow]:
    """Will return all pools, those that give no more last. Two queries."""
    good = Q(ends_on=None) | Q(ends_on__gte=today)
    counts = {
        row["pool_id"]: row
        for row in PartnerCode.objects.values("pool_id").annotate(
            free=Count("id", filter=Q(member=None) & good),
            given=Count("id", filter=Q(member__isnull=False)),
            revealed=Count("id", filter=Q(revealed_at__isnull=False)),
            ended=Count("id", filter=Q(member=None) & ~good),
            next_ends_on=Min("ends_on", filter=Q(member=None) & good),
        )
    }
    none = {"free": 0, "given": 0, "revealed": 0, "ended": 0, "next_ends_on": None}
    names = [name for name in PoolRow.__slots__ if name not in none]
    found = []
    for row in Pool.objects.order_by("is_archived", "code"):
        known = counts.get(row.id, none)
        found.append(PoolRow(*(getattr(row, name) for name in names), **{name: known[name] for name in none}))
    return found


def find_pool(code: str, today: dt.date) -> PoolRow | None:
    """Will return a pool, or None. Two queries."""
    return next((row for row in list_pools(today) if row.code == code), None)
