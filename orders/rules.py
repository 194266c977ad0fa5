"""What an order comes to: pure arithmetic of lines, discounts and returned units."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from kit.keys import order_key
from kit.money import PRECISION, part_of, share_money
from orders.enums import OrderStatus


class BadStatement(Exception):
    """What the shop stated cannot be true; `code` is stable, `field` is where."""

    def __init__(self, code: str, field: str, message: str) -> None:
        self.code, self.field = code, field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class LineStatement:
    """A line as stated; `discount` is the line's total."""

    line_id: str
    quantity: int
    unit_price: Decimal
    discount: Decimal = Decimal(0)
    sku: str = ""
    name: str = ""
    category: str = ""
    brand: str = ""


@dataclass(frozen=True, slots=True)
class OrderStatement:
    """An order as stated: its full state. `stated_at` is the shop's updated_at."""

    source: str
    order_id: str
    status: OrderStatus
    placed_at: dt.datetime
    stated_at: dt.datetime
    currency: str
    lines: tuple[LineStatement, ...]
    discount: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    points_paid: int = 0

    @property
    def key(self) -> str:
        """The order's source key."""
        return order_key(self.source, self.order_id)


@dataclass(frozen=True, slots=True)
class RefundStatement:
    """A return of units as stated."""

    source: str
    order_id: str
    refund_id: str
    refunded_at: dt.datetime
    lines: tuple[tuple[str, int], ...]
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EventStatement:
    """An event as stated."""

    source: str
    event_id: str
    type: str
    occurred_at: dt.datetime
    properties: dict[str, Any]


def digest(statement: OrderStatement | RefundStatement | EventStatement, member: dict[str, str] | None = None) -> bytes:
    """Will return the SHA-256 of a statement's content, by which a repeat is told from a change."""

    def plain(value: object) -> str:
        return str(value.normalize()) if isinstance(value, Decimal) else str(value)

    fields = {name: getattr(statement, name) for name in statement.__slots__}
    if isinstance(statement, OrderStatement):
        del fields["stated_at"]
        fields["lines"] = [[getattr(line, name) for name in line.__slots__] for line in statement.lines]
    text = json.dumps([fields, member or {}], default=plain, sort_keys=True)
    return hashlib.sha256(text.encode()).digest()


def line_bases(lines: Sequence[LineStatement], order_discount: Decimal, exponent: int) -> list[Decimal]:
    """Will return what each line earns on: quantity x price - discount, less its share of the order's discount.

    The order's discount is shared by largest remainder over the lines' amounts, in the currency's smallest coin
    (`exponent` decimals). Raises BadStatement where a discount is larger than what it is taken from.
    """
    with localcontext(prec=PRECISION):
        amounts = [line.quantity * line.unit_price - line.discount for line in lines]
    for index, amount in enumerate(amounts):
        if amount < 0:
            field = f"lines.{index}.discount"
            raise BadStatement("discount_too_large", field, "The line's discount is larger than its price.")
    if order_discount > sum(amounts, Decimal(0)):
        raise BadStatement("discount_too_large", "discount", "The order's discount is larger than its lines' sum.")
    if not order_discount:
        return amounts
    shares = share_money(order_discount, amounts, exponent)
    return [amount - part for amount, part in zip(amounts, shares, strict=True)]


def remaining_basis(basis: Decimal, quantity: int, refunded: int, exponent: int) -> Decimal:
    """Will return what is left of a line's basis after returned units; the last unit takes the rest."""
    return basis - part_of(basis, refunded, quantity, exponent)
