"""Storing many orders at once, for imports: COPY instead of a statement an order, the same rows."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kit import clock
from kit.copy import copy_rows, next_ids
from orders import rules

ORDER_COLUMNS = (
    "id", "member_id", "member_reference", "source", "order_id", "status", "placed_at", "business_date", "stated_at",
    "status_at", "currency", "discount", "shipping", "tax", "points_paid", "basis", "revision", "digest", "booked_at",
)  # fmt: skip
LINE_COLUMNS = (
    "order_id", "position", "line_id", "sku", "name", "category", "brand", "quantity", "unit_price", "discount",
    "basis", "attributes", "refunded_quantity",
)  # fmt: skip
MOVEMENT_COLUMNS = ("member_id", "source_key", "counts_on", "known_on", "at", "spend", "orders")


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order that is not stored yet. Booked ones count at once; `bases` is what its lines earn on."""

    statement: rules.OrderStatement
    reference: dict[str, str]
    member_id: int | None
    booked: bool
    bases: Sequence[Decimal]


def insert_orders(*, orders: Sequence[NewOrder], at: dt.datetime, actor: str) -> None:
    """Will store orders nobody has stored before, with lines, and the spend of those that are booked.

    Fails as a whole (IntegrityError) where one is stored already: the caller has looked, and holds the import's lock.
    """
    ids = next_ids("orders_order", len(orders))
    copy_rows("orders_order", ORDER_COLUMNS, (_order(i, order) for i, order in zip(ids, orders, strict=True)))
    copy_rows(
        "orders_orderline",
        LINE_COLUMNS,
        (
            _line(i, position, line, basis)
            for i, order in zip(ids, orders, strict=True)
            for position, (line, basis) in enumerate(zip(order.statement.lines, order.bases, strict=True))
        ),
    )
    copy_rows("orders_spendmovement", MOVEMENT_COLUMNS, (_movement(order) for order in orders if order.booked))


def _order(order_id: int, order: NewOrder) -> tuple[object, ...]:
    stated = order.statement
    return (
        order_id,
        order.member_id,
        json.dumps(order.reference),
        stated.source,
        stated.order_id,
        stated.status.value,
        stated.placed_at,
        clock.business_date(stated.placed_at),
        stated.stated_at,
        stated.status_at,
        stated.currency,
        stated.discount,
        stated.shipping,
        stated.tax,
        stated.points_paid,
        sum(order.bases, Decimal(0)),
        1,
        rules.digest(stated, order.reference),
        stated.placed_at if order.booked else None,
    )


def _line(order_id: int, position: int, line: rules.LineStatement, basis: Decimal) -> tuple[object, ...]:
    return (
        order_id,
        position,
        line.line_id,
        line.sku,
        line.name,
        line.category,
        line.brand,
        line.quantity,
        line.unit_price,
        line.discount,
        basis,
        json.dumps(line.attributes) if line.attributes else "{}",
        0,
    )


def _movement(order: NewOrder) -> tuple[object, ...]:
    stated = order.statement
    date = clock.business_date(stated.placed_at)
    return order.member_id, f"{stated.key}:paid", date, date, stated.placed_at, sum(order.bases, Decimal(0)), 1
