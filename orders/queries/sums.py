"""What members spent: in a window, by date, all together."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from kit import sql
from orders.models import SpendMovement
from orders.queries.waiting import Parked


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


@dataclass(frozen=True, slots=True)
class Trade:
    """What dates came to, empty ones left out; buyers and second orders of each period asked for; what waits."""

    dates: tuple[SpendOfDate, ...]
    buyers: tuple[int, ...]
    second: tuple[SecondOrders, ...]
    parked: Parked


Dates = tuple[dt.date, dt.date]


def trade(dates: Dates, *, buyers: Sequence[Dates], firsts: Sequence[Dates], within_days: int, most: int) -> Trade:
    """Will return what dates came to as known now, how many members have an order that counts in some periods, and how
    many first-time buyers of others ordered again within so many days; what waits is counted up to `most`.

    All dates are inclusive. One query.
    """
    begun = {"buyers_from": [one[0] for one in buyers], "buyers_upto": [one[1] for one in buyers]}
    first = {"firsts_from": [one[0] for one in firsts], "firsts_upto": [one[1] for one in firsts]}
    rows = sql.fetch(
        "orders",
        "trade",
        dates_from=dates[0],
        dates_upto=dates[1],
        buyers=sql.part("orders", "buyers", **begun),
        second_orders=sql.part("orders", "second_orders", **first, within_days=within_days),
        parked=sql.part("orders", "parked", most=most),
    )
    [(orders, events, oldest)] = [(row[4], row[5], row[6]) for row in rows if row[0] == "parked"]
    return Trade(
        dates=tuple(SpendOfDate(row[1], row[3], int(row[4])) for row in rows if row[0] == "date"),
        buyers=tuple(int(row[4]) for row in rows if row[0] == "buyers"),
        second=tuple(SecondOrders(int(row[4]), row[5]) for row in rows if row[0] == "second"),
        parked=Parked(int(orders), events, oldest),
    )


def last_orders_of(member_ids: Sequence[int]) -> dict[int, dt.datetime]:
    """Will return {id: when the last paid order was placed} of those members who have one. One query."""
    return dict(sql.fetch("orders", "last_orders", members=list(member_ids)))
