"""What others may ask of orders."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Sum

from kit import sql
from kit.keys import event_key, order_key
from kit.money import exponent_of
from orders.enums import OrderStatus
from orders.models import Order, Refund, ShopEvent, SpendMovement
from orders.rules import remaining_basis


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
    return [OrderRow(o.id, o.source, o.order_id, o.status, o.placed_at, o.basis, bool(o.refunds.all())) for o in orders]


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


def count_paid_before(member_id: int, at: dt.datetime, but: int) -> int:
    """Will count a member's booked orders that are still paid and were placed up to an instant, but one. One query."""
    booked = Order.objects.filter(member_id=member_id, placed_at__lte=at, status=OrderStatus.PAID)
    return booked.filter(booked_at__isnull=False).exclude(id=but).count()


def event_dates(member_id: int, event_type: str, since: dt.date) -> list[dt.date]:
    """Will return the business dates of a member's booked events of a type since a date, latest first. One query."""
    events = ShopEvent.objects.filter(
        member_id=member_id, type=event_type, business_date__gte=since, booked_at__isnull=False
    ).order_by("-business_date")
    return list(events.values_list("business_date", flat=True))


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """What tells a repeat of an order's statement from a change."""

    digest: bytes
    stated_at: dt.datetime
    parked: bool


def stored_orders(source: str, order_ids: Sequence[str]) -> dict[str, StoredOrder]:
    """Will return {order number: what is stored} for those of many that are stored. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT order_id, digest, stated_at, member_id FROM orders_order WHERE source = %s AND order_id = ANY(%s)",
            [source, list(order_ids)],
        )
        rows = cursor.fetchall()
    return {order_id: StoredOrder(bytes(digest), at, member is None) for order_id, digest, at, member in rows}


def orders_with_waiting_refunds(source: str, order_ids: Sequence[str]) -> set[str]:
    """Will return those of many order numbers that a parked refund waits for. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT order_id_stated FROM orders_refund "
            "WHERE source = %s AND order_id_stated = ANY(%s) AND booked_at IS NULL",
            [source, list(order_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def anything_parked() -> bool:
    """Will say whether any order or event waits for its member. One or two queries."""
    return Order.objects.filter(member=None).exists() or ShopEvent.objects.filter(member=None).exists()


# ---- lists and pages of the staff


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A return as timelines show it; `amount` is what the shop paid back, where it said so."""

    source: str
    order_id: str
    refund_id: str
    refunded_at: dt.datetime
    amount: Decimal | None
    booked: bool


@dataclass(frozen=True, slots=True)
class SpendOfDate:
    """What orders of one business date came to for members, less what was returned or cancelled of them since."""

    date: dt.date
    spend: Decimal
    orders: int


@dataclass(frozen=True, slots=True)
class Parked:
    """What waits for its member, counted up to a limit, and since when the longest waiting order was placed."""

    orders: int
    events: int
    oldest_order_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class SecondOrders:
    """How many members ordered for the first time in a period, and how many of them again soon after."""

    firsts: int
    seconds: int


def last_orders_of(member_ids: Sequence[int]) -> dict[int, dt.datetime]:
    """Will return {id: when the last paid order was placed} of those members who have one. One query."""
    return dict(sql.fetch("orders", "last_orders", members=list(member_ids)))


def list_orders_before(member_id: int, before: dt.datetime | None, limit: int) -> list[OrderRow]:
    """Will return a member's orders placed before an instant, latest first. One query."""
    orders = Order.objects.filter(member_id=member_id)
    if before:
        orders = orders.filter(placed_at__lt=before)
    returned = Exists(Refund.objects.filter(order_id=OuterRef("id")))
    rows = orders.order_by("-placed_at", "-id").annotate(refunded=returned).values_list(*OrderRow.__slots__)
    return [OrderRow(*row) for row in rows[:limit]]


def list_refunds_before(member_id: int, before: dt.datetime | None, limit: int) -> list[RefundRow]:
    """Will return the returns of a member's orders before an instant, latest first. One query."""
    refunds = Refund.objects.filter(order__member_id=member_id)
    if before:
        refunds = refunds.filter(refunded_at__lt=before)
    fields = ("source", "order_id_stated", "refund_id", "refunded_at", "amount", "booked_at")
    rows = refunds.order_by("-refunded_at", "-id").values_list(*fields)[:limit]
    return [
        RefundRow(source, order_id, refund_id, refunded_at, amount, booked=booked_at is not None)
        for source, order_id, refund_id, refunded_at, amount, booked_at in rows
    ]


def returned_share(member_id: int, starts_on: dt.date, ends_on: dt.date) -> Decimal | None:
    """Will return the share of a window's spend that was returned or cancelled; None without spend. One query."""
    sums = SpendMovement.objects.filter(
        member_id=member_id, counts_on__gte=starts_on, counts_on__lte=ends_on, known_on__lte=ends_on
    ).aggregate(bought=Sum("spend", filter=Q(spend__gt=0)), returned=Sum("spend", filter=Q(spend__lt=0)))
    return -(sums["returned"] or Decimal(0)) / sums["bought"] if sums["bought"] else None


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


def parked(most: int) -> Parked:
    """Will count what waits for its member, each kind up to `most`. One query."""
    return Parked(*sql.fetch("orders", "parked", most=most)[0])


def waiting_events(event_type: str, after: int) -> list[int]:
    """Will return the ids of stored events of a type that belong to a member and are not dealt with. One query."""
    waiting = ShopEvent.objects.filter(type=event_type, booked_at=None, member__isnull=False, id__gt=after)
    return list(waiting.order_by("id").values_list("id", flat=True))


def locked_event(event_id: int) -> ShopEvent | None:
    """Will return and lock an event. One query."""
    return ShopEvent.objects.select_for_update().filter(id=event_id).first()


def first_kept_order_date(member_id: int) -> dt.date | None:
    """Will return the business date of a member's first paid order of which anything was kept. One query."""
    kept = Order.objects.filter(member_id=member_id, status=OrderStatus.PAID, booked_at__isnull=False)
    kept = kept.filter(lines__refunded_quantity__lt=F("lines__quantity"))
    return kept.order_by("placed_at").values_list("business_date", flat=True).first()


# ---- what a member did, whether it earned or not


@dataclass(frozen=True, slots=True)
class DeedRow:
    """An order or an event that was dealt with; `type` is `order` or the event's, `basis` the order's."""

    key: str
    type: str
    order_id: str
    at: dt.datetime
    business_date: dt.date
    basis: Decimal
    is_booked: bool
    is_paid: bool
    with_photo: bool


def list_deeds(
    member_id: int, since: dt.datetime | None, before: dt.datetime | None, waiting: Sequence[str], limit: int
) -> list[DeedRow]:
    """Will return a member's booked orders and events of a half-open time, latest first, each kind up to a limit.

    Events of the types `waiting` are told of before they are booked, too. Two queries.
    """
    orders = Order.objects.filter(member_id=member_id, booked_at__isnull=False)
    events = ShopEvent.objects.filter(Q(booked_at__isnull=False) | Q(type__in=list(waiting)), member_id=member_id)
    if since:
        orders, events = orders.filter(placed_at__gte=since), events.filter(occurred_at__gte=since)
    if before:
        orders, events = orders.filter(placed_at__lt=before), events.filter(occurred_at__lt=before)
    deeds = [_deed_of_order(order) for order in orders.order_by("-placed_at", "-id")[:limit]]
    deeds += [_deed_of_event(event) for event in events.order_by("-occurred_at", "-id")[:limit]]
    return sorted(deeds, key=lambda deed: deed.at, reverse=True)


def _deed_of_order(order: Order) -> DeedRow:
    key, paid = order_key(order.source, order.order_id), order.status == OrderStatus.PAID
    return DeedRow(key, "order", order.order_id, order.placed_at, order.business_date, order.basis, True, paid, False)


def _deed_of_event(event: ShopEvent) -> DeedRow:
    key, photo = event_key(event.source, event.event_id), event.properties.get("photo") is True
    at, booked = event.occurred_at, event.booked_at is not None
    return DeedRow(key, event.type, "", at, event.business_date, Decimal(0), booked, True, photo)


# ---- one order, for its own page


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of an order as its page shows it, the first one at position 1; `basis` is after all discounts."""

    position: int
    line_id: str
    name: str
    sku: str
    category: str
    brand: str
    quantity: int
    refunded_quantity: int
    basis: Decimal

    @property
    def returnable(self) -> int:
        """How many units have not come back yet."""
        return self.quantity - self.refunded_quantity


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as its page shows it, with its lines in the shop's own order."""

    source: str
    order_id: str
    status: str
    placed_at: dt.datetime
    business_date: dt.date
    basis: Decimal
    discount: Decimal
    shipping: Decimal
    tax: Decimal
    points_paid: int
    is_booked: bool
    lines: tuple[LineView, ...]

    @property
    def key(self) -> str:
        """The order's source key."""
        return order_key(self.source, self.order_id)

    @property
    def may_be_returned(self) -> bool:
        """Whether it has earned and units of it can still come back."""
        return self.is_booked and self.status == OrderStatus.PAID and any(line.returnable for line in self.lines)


def find_order_of(member_id: int, source: str, order_id: str) -> OrderView | None:
    """Will return an order with its lines if it is this member's own, else None. Two queries."""
    order = Order.objects.filter(member_id=member_id, source=source, order_id=order_id).first()
    if order is None:
        return None
    rows = order.lines.order_by("position").values_list(*LineView.__slots__[1:])
    lines = tuple(LineView(place, *row) for place, row in enumerate(rows, 1))
    shown = {name: getattr(order, name) for name in OrderView.__slots__ if name not in ("is_booked", "lines")}
    return OrderView(**shown, is_booked=order.booked_at is not None, lines=lines)
