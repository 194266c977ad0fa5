"""What an order comes to: pure arithmetic of lines, discounts and returned units."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kit.keys import order_key
from kit.money import part_of, share_money
from orders.enums import OrderStatus


class BadStatement(Exception):
    """What the shop stated cannot be true; `code` is stable, `field` is where."""

    def __init__(self, code: str, field: str, message: str) -> None:
        self.code, self.field = code, field
        super().__init__(message)


@dataclass(frozen=True)
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
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
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

    @property
    def status_at(self) -> dt.datetime:
        """When it took the status, if this statement is the first to say so: no order ends before it was placed."""
        return max(self.stated_at, self.placed_at)


@dataclass(frozen=True)
class RefundStatement:
    """A return of units as stated."""

    source: str
    order_id: str
    refund_id: str
    refunded_at: dt.datetime
    lines: tuple[tuple[str, int], ...]
    amount: Decimal | None = None
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EventStatement:
    """An event as stated."""

    source: str
    event_id: str
    type: str
    occurred_at: dt.datetime
    properties: dict[str, Any]
    attributes: dict[str, str] = field(default_factory=dict)


def digest(statement: OrderStatement | RefundStatement | EventStatement, member: dict[str, str] | None = None) -> bytes:
    """Will return the SHA-256 of a statement's content, by which a repeat is told from a change.

    Equal amounts and instants are equal however they are written: 1.50 is 1.5, noon in Shanghai is 04:00Z.
    """

    def plain(value: object) -> str:
        if isinstance(value, dt.datetime):
            value = value.astimezone(dt.UTC)
        return str(value.normalize()) if isinstance(value, Decimal) else str(value)

    fields = dict(vars(statement))
    if isinstance(statement, OrderStatement):
        del fields["stated_at"]
        fields["lines"] = [list(vars(line).values()) for line in statement.lines]
    text = json.dumps([fields, member or {}], default=plain, sort_keys=True)
    return hashlib.sha256(text.encode()).digest()


def line_bases(lines: Sequence[LineStatement], order_discount: Decimal, exponent: int) -> list[Decimal]:
    """Will return what each line earns on: quantity x price - discount, less its share of the order's discount.

    The order's discount is shared by largest remainder over the lines' amounts, in the currency's smallest coin
    (`exponent` decimals). Raises BadStatement where a discount is larger than what it is taken from.
    """
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


FUTURE_MAX = dt.timedelta(days=1)
"""How far a shop's clock may run ahead of ours before what it states is refused."""

EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
AMOUNT_MAX = Decimal(10) ** 12
QUANTITY_MAX = 1_000_000
ID_LENGTH_MAX = 128
TEXT_LENGTH_MAX = 254


def check_instant(value: dt.datetime, name: str, now: dt.datetime) -> None:
    """Will raise BadStatement where an instant cannot be: before 1990, or more than a day ahead of our clock."""
    if value < EARLIEST:
        raise BadStatement("too_early", name, f"{value:%Y-%m-%d} is before 1990. Check the date.")
    if value > now + FUTURE_MAX:
        raise BadStatement(
            "in_the_future", name, f"{value:%Y-%m-%d %H:%M} has not come yet. Check the date and its zone."
        )


def check_amount(value: Decimal, name: str, exponent: int) -> None:
    """Will raise BadStatement where an amount is negative, too large, or finer than the currency's smallest coin."""
    if not value.is_finite() or value < 0 or value >= AMOUNT_MAX:
        raise BadStatement("amount", name, "Use an amount from 0 up to a million million, for example 120.50.")
    decimals = -int(value.normalize().as_tuple().exponent)
    if decimals > exponent:
        raise BadStatement("decimals", name, f"{value} has more than {exponent} decimals, the most this currency has.")


def check_text(value: str, name: str, length_max: int, *, needed: bool = False) -> None:
    """Will raise BadStatement where a text is missing, too long, or has characters that cannot be stored."""
    if needed and not value:
        raise BadStatement("missing", name, f"{name} is missing.")
    if len(value) > length_max:
        raise BadStatement("too_long", name, f"{name} has {len(value)} characters; {length_max} is the most.")
    if "\x00" in value or not (value.isascii() or _storable(value)):
        raise BadStatement("characters", name, f"{name} has characters that cannot be stored.")


def _storable(value: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in value)


def check_order(statement: OrderStatement, *, currency: str, exponent: int, now: dt.datetime) -> None:
    """Will raise BadStatement naming the first thing in an order's statement that cannot be true."""
    check_text(statement.source, "source", 40, needed=True)
    check_text(statement.order_id, "order_id", ID_LENGTH_MAX, needed=True)
    check_instant(statement.placed_at, "placed_at", now)
    check_instant(statement.stated_at, "updated_at", now)
    if statement.currency != currency:
        raise BadStatement("currency", "currency", f"The programme counts in {currency}, not in {statement.currency}.")
    for name in ("discount", "shipping", "tax"):
        check_amount(getattr(statement, name), name, exponent)
    if not statement.lines:
        raise BadStatement("missing", "lines", "An order needs at least one line.")
    seen: set[str] = set()
    for index, line in enumerate(statement.lines):
        _check_line(line, f"lines.{index}", exponent)
        if line.line_id in seen:
            raise BadStatement("duplicate", f"lines.{index}.line_id", f"Line {line.line_id} stands twice in the order.")
        seen.add(line.line_id)
    if sum(line.quantity * line.unit_price for line in statement.lines) >= AMOUNT_MAX:
        raise BadStatement("amount", "lines", "The lines come to more than a million million.")
    line_bases(statement.lines, statement.discount, exponent)


def _check_line(line: LineStatement, name: str, exponent: int) -> None:
    check_text(line.line_id, f"{name}.line_id", ID_LENGTH_MAX, needed=True)
    for text in ("sku", "category", "brand"):
        check_text(getattr(line, text), f"{name}.{text}", ID_LENGTH_MAX)
    check_text(line.name, f"{name}.name", TEXT_LENGTH_MAX)
    if not 1 <= line.quantity <= QUANTITY_MAX:
        raise BadStatement("quantity", f"{name}.quantity", "Use a whole number of units from 1 to a million.")
    check_amount(line.unit_price, f"{name}.unit_price", exponent)
    check_amount(line.discount, f"{name}.discount", exponent)


def check_refund(statement: RefundStatement, *, exponent: int, now: dt.datetime) -> None:
    """Will raise BadStatement naming the first thing in a refund's statement that cannot be true."""
    check_text(statement.source, "source", 40, needed=True)
    check_text(statement.order_id, "order_id", ID_LENGTH_MAX, needed=True)
    check_text(statement.refund_id, "refund_id", ID_LENGTH_MAX, needed=True)
    check_instant(statement.refunded_at, "refunded_at", now)
    if statement.amount is not None:
        check_amount(statement.amount, "amount", exponent)
    if not statement.lines:
        raise BadStatement("missing", "lines", "A refund needs at least one line with the units that came back.")
    for index, (line_id, quantity) in enumerate(statement.lines):
        check_text(line_id, f"lines.{index}.line_id", ID_LENGTH_MAX, needed=True)
        if not 1 <= quantity <= QUANTITY_MAX:
            raise BadStatement(
                "quantity", f"lines.{index}.quantity", "Use a whole number of units from 1 to a million."
            )


def check_event(statement: EventStatement, *, now: dt.datetime) -> None:
    """Will raise BadStatement naming the first thing in an event's statement that cannot be true."""
    check_text(statement.source, "source", 40, needed=True)
    check_text(statement.event_id, "event_id", ID_LENGTH_MAX, needed=True)
    check_text(statement.type, "type", 60, needed=True)
    check_instant(statement.occurred_at, "occurred_at", now)
    try:
        text = json.dumps(statement.properties, allow_nan=False, ensure_ascii=False)
    except ValueError:
        raise BadStatement("amount", "properties", "properties have a number that is too large to be stored.") from None
    if "\\u0000" in text or not _storable(text):
        raise BadStatement("characters", "properties", "properties have characters that cannot be stored.")
