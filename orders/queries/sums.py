"""What members spent: in a window, by date, all together."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from kit import sql
from orders.models import SpendMovement


@dataclass(frozen=True, slots=True)
class Spent:
    """What a member spent and how many orders he made in a window."""

    spend: Decimal
    orders: int


def spent_in_window(member_id: int, starts_on: dt.date, ends_on: dt.date) -> Spent:
    """Will sum what counts from starts_on to ends_on, both inclusive, as known at the end of ends_on. One query."""
    sums = SpendMovement.objects.filter(
        member_id=member_id, counts_on__gte=starts_on, counts_on__lte=ends_on, known_on__lte=ends_on
    ).aggregate(spend=Sum("spend"), orders=Sum("orders"))
    return Spent(sums["spend"] or Decimal(0), sums["orders"] or 0)


@dataclass(frozen=True, slots=True)
class SpendOfDate:
    """What orders of one business date came to for members, less what was returned or cancelled of them since."""

    date: dt.date
    spend: Decimal
    orders: int


@dataclass(frozen=True, slots=True)
class SecondOrders:
    """How many members ordered for the first time in a period, and how many of them again soon after."""

    firsts: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Shopping:
    """When a member ordered last, and the share of a window's spend that went back; None without spend."""

    last_order_at: dt.datetime | None
    returned: Decimal | None


def shopping_of(member_id: int, at: dt.datetime, starts_on: dt.date, ends_on: dt.date) -> Shopping:
    """Will return how a member has shopped by an instant, in a window as it was known at its end. One query."""
    window = {"starts_on": starts_on, "ends_on": ends_on}
    [(last, bought, returned)] = sql.fetch("orders", "shopping_of", member=member_id, at=at, **window)
    return Shopping(last, -(returned or Decimal(0)) / bought if bought else None)


def count_buyers(starts_on: dt.date, ends_on: dt.date) -> int:
    """Will return how many members have an order that counts from starts_on to ends_on, inclusive. One query."""
    return int(sql.fetch("orders", "buyers", starts_on=starts_on, ends_on=ends_on)[0][0])


def spend_by_date(starts_on: dt.date, ends_on: dt.date) -> list[SpendOfDate]:
    """Will return what each date from starts_on to ends_on came to, as known now; empty ones left out. One query."""
    movements = SpendMovement.objects.filter(counts_on__gte=starts_on, counts_on__lte=ends_on)
    sums = movements.order_by("counts_on").values_list("counts_on").annotate(Sum("spend"), Sum("orders"))
    return [SpendOfDate(*row) for row in sums]


def second_orders(starts_on: dt.date, ends_on: dt.date, within_days: int) -> SecondOrders:
    """Will return how many first-time buyers of a period ordered again within so many days. One query."""
    rows = sql.fetch("orders", "second_orders", starts_on=starts_on, ends_on=ends_on, within_days=within_days)
    return SecondOrders(*rows[0])


def last_orders_of(member_ids: Sequence[int]) -> dict[int, dt.datetime]:
    """Will return {id: when the last paid order was placed} of those members who have one. One query."""
    return dict(sql.fetch("orders", "last_orders", members=list(member_ids)))
