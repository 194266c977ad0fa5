"""Orders, returns and events of a member, one by one or in lists."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from kit import sql
from kit.keys import order_key
from kit.money import exponent_of
from members import queries as members_queries
from orders.enums import OrderStatus
from orders.models import Order, OrderLine, Refund, ShopEvent, SpendMovement
from orders.rules import remaining_basis


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
    member_id: int | None


@dataclass(frozen=True, slots=True)
class OrderKept:
    """What is kept of an order: its basis when first paid, what is left of that, and whether everything came back."""

    first: Decimal
    left: Decimal
    nothing: bool


def kept_of(order: Order) -> OrderKept:
    """Will return what is kept of an order as it stands; one that was never paid begins with its basis. Two queries."""
    first = None
    if order.member_id is not None:
        key = f"{order_key(order.source, order.order_id)}:paid"
        paid = SpendMovement.objects.filter(member_id=order.member_id, source_key=key)
        first = paid.values_list("spend", flat=True).first()
    exponent = exponent_of(order.currency)
    lines = list(order.lines.all())
    left = [remaining_basis(line.basis, line.quantity, line.refunded_quantity, exponent) for line in lines]
    all_back = all(line.refunded_quantity == line.quantity for line in lines)
    nothing = order.status == OrderStatus.CANCELLED or all_back
    return OrderKept(order.basis if first is None else first, Decimal(0) if nothing else sum(left, Decimal(0)), nothing)


def find_order(source: str, order_id: str) -> Order | None:
    """Will return an order by the shop's number, or None. One query."""
    return Order.objects.filter(source=source, order_id=order_id).first()


def count_paid_before(member_id: int, at: dt.datetime, but: int) -> int:
    """Will count a member's booked orders that are still paid and were placed up to an instant, but one. One query."""
    booked = Order.objects.filter(member_id=member_id, placed_at__lte=at, status=OrderStatus.PAID)
    return booked.filter(booked_at__isnull=False).exclude(id=but).count()


def event_dates(
    member_id: int, event_type: str, since: dt.date, before: tuple[dt.datetime, int] | None = None
) -> list[dt.date]:
    """Will return the business dates of a member's booked events of a type since a date, latest first. One query.

    With `before` only of those that came before an event: its (instant, id).
    """
    events = ShopEvent.objects.filter(
        member_id=member_id, type=event_type, business_date__gte=since, booked_at__isnull=False
    )
    if before:
        at, event_id = before
        events = events.filter(Q(occurred_at__lt=at) | Q(occurred_at=at, id__lt=event_id))
    return list(events.order_by("-business_date").values_list("business_date", flat=True))


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A return as timelines show it; `amount` is what the shop paid back, where it said so."""

    source: str
    order_id: str
    refund_id: str
    refunded_at: dt.datetime
    amount: Decimal | None
    booked: bool


def list_orders_before(
    member_id: int, before: dt.datetime | None, limit: int, *, whole: bool = False
) -> list[OrderRow]:
    """Will return a member's orders placed before an instant, latest first. One query.

    The `whole` of them has those of who was merged into him, too.
    """
    orders = Order.objects.filter(members_queries.of_whole(member_id) if whole else Q(member_id=member_id))
    if before:
        orders = orders.filter(placed_at__lt=before)
    return [OrderRow(*row) for row in _rows(orders).values_list(*OrderRow.__slots__)[:limit]]


def orders_before(member_id: int, before: dt.datetime, limit: int) -> sql.Told[OrderRow]:
    """Will tell of a member's orders placed before an instant. No query of its own."""
    orders = _rows(Order.objects.filter(member_id=member_id, placed_at__lt=before))
    return sql.told(orders[:limit], "placed_at", OrderRow, OrderRow.__slots__)


def _rows(orders: "QuerySet[Order]") -> "QuerySet[Order]":
    returned = Exists(Refund.objects.filter(order_id=OuterRef("id")))
    return orders.order_by("-placed_at", "-id").annotate(refunded=returned)


def refunds_before(member_id: int, before: dt.datetime, limit: int) -> sql.Told[RefundRow]:
    """Will tell of the returns of a member's orders before an instant. No query of its own."""
    refunds = Refund.objects.filter(order__member_id=member_id, refunded_at__lt=before)
    rows = refunds.order_by("-refunded_at", "-id").annotate(
        stated=F("order_id_stated"), booked=Q(booked_at__isnull=False)
    )
    fields = ("source", "stated", "refund_id", "refunded_at", "amount", "booked")
    return sql.told(rows[:limit], "refunded_at", _refund, fields)


def _refund(**row: Any) -> RefundRow:
    return RefundRow(order_id=row.pop("stated"), **row)


def first_kept_order_date(member_id: int) -> dt.date | None:
    """Will return the business date of a member's first paid order of which anything was kept. One query."""
    kept = Order.objects.filter(member_id=member_id, status=OrderStatus.PAID, booked_at__isnull=False)
    kept = kept.filter(lines__refunded_quantity__lt=F("lines__quantity"))
    return kept.order_by("placed_at").values_list("business_date", flat=True).first()


def first_kept_order_dates(member_ids: Sequence[int]) -> dict[int, dt.date]:
    """Will return {member: date of his first paid order of which anything was kept} of some members. One query."""
    kept = Order.objects.filter(member_id__in=member_ids, status=OrderStatus.PAID, booked_at__isnull=False)
    kept = kept.filter(lines__refunded_quantity__lt=F("lines__quantity")).order_by("member_id", "placed_at")
    return dict(kept.distinct("member_id").values_list("member_id", "business_date"))


def events_of(member_id: int, event_type: str, limit: int) -> list[ShopEvent]:
    """Will return a member's latest events of a type, latest first. One query."""
    return list(
        ShopEvent.objects.filter(member_id=member_id, type=event_type).order_by("-business_date", "-id")[:limit]
    )


def list_latest_orders(limit: int) -> list[Order]:
    """Will return the orders that were told last and belong to a member, latest first. One query."""
    return list(Order.objects.filter(member__isnull=False, status=OrderStatus.PAID).order_by("-id")[:limit])


def find_orders_by_number(number: str, limit: int) -> list[Order]:
    """Will return the orders of any source that a shop gave a number and that belong to a member. One query."""
    return list(Order.objects.filter(order_id=number, member__isnull=False).order_by("-id")[:limit])


def find_order_of_member(order_id: int) -> Order | None:
    """Will return an order that belongs to a member, by its id; None where there is none. One query."""
    return Order.objects.filter(id=order_id, member__isnull=False).first()


def list_latest_events(limit: int) -> list[ShopEvent]:
    """Will return the events that were told last and belong to a member, latest first. One query."""
    return list(ShopEvent.objects.filter(member__isnull=False).order_by("-id")[:limit])


def find_event_of_member(event_id: int) -> ShopEvent | None:
    """Will return an event that belongs to a member, by its id; None where there is none. One query."""
    return ShopEvent.objects.filter(id=event_id, member__isnull=False).first()


@dataclass(frozen=True, slots=True)
class Goods:
    """What lines of the latest orders have: categories and brands, each once and in order, and their sources."""

    categories: tuple[str, ...]
    brands: tuple[str, ...]
    sources: tuple[str, ...]


def goods_of_latest(lines: int) -> Goods:
    """Will return what so many of the latest lines have. One query."""
    rows = list(OrderLine.objects.order_by("-id").values_list("category", "brand", "order__source")[:lines])
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    return Goods(*(tuple(sorted({value for value in column if value})) for column in columns))
