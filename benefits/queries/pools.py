"""What the staff see of partners' codes: how many are free, given, read, over."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

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
    counted = PartnerCode.objects.values_list("pool_id").annotate(
        free=Count("id", filter=Q(member=None) & good),
        given=Count("id", filter=Q(member__isnull=False)),
        revealed=Count("id", filter=Q(revealed_at__isnull=False)),
        ended=Count("id", filter=Q(member=None) & ~good),
        next_ends_on=Min("ends_on", filter=Q(member=None) & good),
    )
    counts: dict[int, tuple[Any, ...]] = {pool_id: tuple(rest) for pool_id, *rest in counted}
    return [
        PoolRow(*(getattr(row, name) for name in OWN), *counts.get(row.id, (0, 0, 0, 0, None)))
        for row in Pool.objects.order_by("is_archived", "code")
    ]


OWN = ("code", "partner", "names", "instructions", "value", "cost", "low_water", "is_archived")
"""What a pool's own row says; its codes are counted besides."""


def find_pool(code: str, today: dt.date) -> PoolRow | None:
    """Will return a pool, or None. Two queries."""
    return next((row for row in list_pools(today) if row.code == code), None)
