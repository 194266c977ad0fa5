"""What waits for its member or its order, and what is stored already."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kit import sql
from orders.models import Order, Refund, ShopEvent

STORED = b"""
SELECT order_id, digest, stated_at, member_id FROM orders_order
WHERE source = %(source)s AND order_id = ANY(%(orders)s::text[])
"""
AWAITED = b"""
SELECT order_id_stated FROM orders_refund
WHERE source = %(source)s AND order_id_stated = ANY(%(orders)s::text[]) AND booked_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """What tells a repeat of an order's statement from a change."""

    digest: bytes
    stated_at: dt.datetime
    parked: bool


def stored_orders(source: str, order_ids: Sequence[str]) -> dict[str, StoredOrder]:
    """Will return {order number: what is stored} for those of many that are stored. One query."""
    rows = sql.fetch_text(STORED, {"source": source, "orders": list(order_ids)})
    return {order_id: StoredOrder(bytes(digest), at, member is None) for order_id, digest, at, member in rows}


def orders_with_waiting_refunds(source: str, order_ids: Sequence[str]) -> set[str]:
    """Will return those of many order numbers that a parked refund waits for. One query."""
    return {order_id for (order_id,) in sql.fetch_text(AWAITED, {"source": source, "orders": list(order_ids)})}


def anything_parked() -> bool:
    """Will say whether any order or event waits for its member. One or two queries."""
    return Order.objects.filter(member=None).exists() or ShopEvent.objects.filter(member=None).exists()


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


@dataclass(frozen=True, slots=True)
class Parked:
    """What waits for its member, counted up to a limit, and since when the longest waiting order was placed."""

    orders: int
    events: int
    oldest_order_at: dt.datetime | None


def parked(most: int) -> Parked:
    """Will count what waits for its member, each kind up to `most`. One query."""
    return Parked(*sql.fetch("orders", "parked", most=most)[0])


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """A stored event that is not dealt with, and whose it is."""

    id: int
    member_id: int
    source: str
    properties: dict[str, Any]


def waiting_events(event_type: str, after: int, limit: int) -> list[WaitingEvent]:
    """Will return stored events of a type that belong to a member and are not dealt with, by id. One query."""
    waiting = ShopEvent.objects.filter(type=event_type, booked_at=None, member__isnull=False, id__gt=after)
    return [WaitingEvent(*row) for row in waiting.order_by("id").values_list(*WaitingEvent.__slots__)[:limit]]


def locked_event(event_id: int) -> ShopEvent | None:
    """Will return and lock an event. One query."""
    return ShopEvent.objects.select_for_update().filter(id=event_id).first()
