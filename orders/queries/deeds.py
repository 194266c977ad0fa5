"""What a member did, and one order as its page shows it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from kit.keys import event_key, order_key
from members import queries as members_queries
from orders.enums import OrderStatus
from orders.models import Order, ShopEvent


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

    member_id: int | None
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


def find_order_of(member_id: int, source: str, order_id: str, *, whole: bool = False) -> OrderView | None:
    """Will return an order with its lines if it is this member's own, else None. Two queries.

    The `whole` of them has those of who was merged into him, too.
    """
    if "\x00" in source + order_id:
        return None  # No text of the database has it, so that it cannot even be asked for.
    mine = Order.objects.filter(members_queries.of_whole(member_id) if whole else Q(member_id=member_id))
    order = mine.filter(source=source, order_id=order_id).first()
    if order is None:
        return None
    rows = order.lines.order_by("position").values_list(*LineView.__slots__[1:])
    lines = tuple(LineView(place, *row) for place, row in enumerate(rows, 1))
    shown = {name: getattr(order, name) for name in OrderView.__slots__ if name not in ("is_booked", "lines")}
    return OrderView(**shown, is_booked=order.booked_at is not None, lines=lines)
