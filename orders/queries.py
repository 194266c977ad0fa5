"""What others may ask of orders."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from orders.models import Order, Refund, ShopEvent, SpendMovement


@dataclass(frozen=True, slots=True)
class Spent:
    """What a member spent and how many orders he made in a window."""

    spend: Decimal
    orders: int


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as lists and timelines show it."""

    id: int
    source: str
    order_id: str
    status: str
    placed_at: dt.datetime
    basis: Decimal
    refunded: bool


def spent_in_window(member_id: int, starts_on: dt.date, ends_on: dt.date) -> Spent:
    """Will sum what counts from starts_on to ends_on, both inclusive, as known at the end of ends_on. One query."""
    sums = SpendMovement.objects.filter(
        member_id=member_id, counts_on__gte=starts_on, counts_on__lte=ends_on, known_on__lte=ends_on
    ).aggregate(spend=Sum("spend"), orders=Sum("orders"))
    return Spent(sums["spend"] or Decimal(0), sums["orders"] or 0)


def list_orders(member_id: int, limit: int) -> list[OrderRow]:
    """Will return a member's latest orders. Two queries."""
    orders = Order.objects.filter(member_id=member_id).order_by("-placed_at", "-id").prefetch_related("refunds")[:limit]
    return [
        OrderRow(o.id, o.source, o.order_id, o.status, o.placed_at, o.basis, bool(o.refunds.all())) for o in orders
    ]


def find_order(source: str, order_id: str) -> Order | None:
    """Will return an order by the shop's number, or None. One query."""
    return Order.objects.filter(source=source, order_id=order_id).first()


def parked_orders(references: Sequence[dict[str, str]]) -> list[Order]:
    """Will return and lock parked orders that named a member in one of these ways, by time placed. One query."""
    parked = Order.objects.select_for_update().filter(member=None, member_reference__in=list(references))
    return list(parked.order_by("placed_at", "order_id"))


def parked_events(references: Sequence[dict[str, str]]) -> list[ShopEvent]:
    """Will return and lock parked events that named a member in one of these ways, by time. One query."""
    parked = ShopEvent.objects.select_for_update().filter(member=None, member_reference__in=list(references))
    return list(parked.order_by("occurred_at", "event_id"))


def parked_refunds(source: str, order_id: str) -> list[Refund]:
    """Will return and lock refunds that wait for an order, by time. One query."""
    waiting = Refund.objects.select_for_update().filter(source=source, order_id_stated=order_id, booked_at=None)
    return list(waiting.order_by("refunded_at", "refund_id"))


def event_dates(member_id: int, type: str, since: dt.date) -> list[dt.date]:
    """Will return the business dates of a member's booked events of a type since a date, latest first. One query."""
    events = ShopEvent.objects.filter(
        member_id=member_id, type=type, business_date__gte=since, booked_at__isnull=False
    ).order_by("-business_date")
    return list(events.values_list("business_date", flat=True))
