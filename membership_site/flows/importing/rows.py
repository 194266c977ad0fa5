"""From rows of a file to statements: cells read, groups formed, and for each bad row a code and a sentence."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from kit import clock
from kit.files import Row
from members import rules as members_rules
from members.actions import NewMember
from members.rules import BadIdentity, IdentityValue, MemberReference
from orders import rules as orders_rules
from orders.enums import OrderStatus
from orders.rules import BadStatement, EventStatement, LineStatement, OrderStatement, RefundStatement

IGNORED_COLUMNS = {"error_code", "error"}
"""What our own error files add; a mended file is imported without them."""


class BadRow(Exception):
    """A row, or its group, cannot be what it should be."""

    def __init__(self, code: str, message: str, row: int | None = None) -> None:
        self.code, self.row = code, row
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Context:
    """What reading a file needs to know."""

    columns: list[str]
    source: str
    currency: str
    exponent: int
    now: dt.datetime
    extra: list[str] = field(default_factory=list)


class Item(NamedTuple):
    """One statement of a file, ready to be booked: when, its id for order, who, what, and the rows it came from."""

    at: dt.datetime
    id: str
    reference: str
    statement: Any
    rows: list[Row]


def context(
    columns: list[str], known: Iterable[str], source: str, currency: str, exponent: int, now: dt.datetime
) -> Context:
    """Will return the context of a file; columns nobody knows become attributes."""
    extra = [name for name in columns if name not in set(known) | IGNORED_COLUMNS]
    return Context(columns, source, currency, exponent, now, extra)


def groups(rows: Iterable[Row], columns: list[str], keys: tuple[str, ...]) -> Iterator[list[Row]]:
    """Will gather rows that stand together and have the same keys; a row that cannot be read stands alone."""
    indexes = [columns.index(name) for name in keys]
    group: list[Row] = []
    current: list[str] | None = None
    for row in rows:
        key = None if row.problem else [row.cells[index] for index in indexes]
        if group and (key is None or key != current):
            yield group
            group = []
        group.append(row)
        current = key
    if group:
        yield group


def cells(row: Row, about: Context) -> dict[str, str]:
    """Will return a row's cells by column, "" for those the file lacks; raises BadRow where the row cannot be read."""
    if row.problem:
        raise BadRow(*row.problem, row=row.number)
    return defaultdict(str, zip(about.columns, [cell.strip() for cell in row.cells], strict=True))


def instant(text: str, name: str) -> dt.datetime:
    """Will read RFC 3339, or a local time of the programme's zone without offset; raises BadRow."""
    try:
        value = dt.datetime.fromisoformat(text)
        return value if value.tzinfo else value.replace(tzinfo=clock.programme_zone()).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        message = f"{name} “{text[:40]}” is not a time. Use 2026-03-31T18:30:00+08:00, or a local time without offset."
        raise BadRow("missing" if not text else "time", message) from None


def number(text: str, name: str, default: Decimal | None = None) -> Decimal:
    """Will read an amount; raises BadRow."""
    if not text and default is not None:
        return default
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise BadRow(
            "missing" if not text else "amount", f"{name} “{text[:40]}” is not an amount. Use one such as 120.50."
        )
    return value


def whole(text: str, name: str) -> int:
    """Will read a number of units; raises BadRow."""
    value = number(text, name)
    if value != value.to_integral_value() or not 1 <= value <= orders_rules.QUANTITY_MAX:
        raise BadRow(
            "quantity", f"{name} “{text[:40]}” is not a number of units. Use a whole number from 1 to a million."
        )
    return int(value)


def order_item(group: list[Row], about: Context) -> Item:
    """Will read the rows of one order; raises BadRow."""
    lines = []
    first: dict[str, str] = {}
    for row in group:
        values = cells(row, about)
        first = first or values
        try:
            _same_order(first, values)
            lines.append(_line(values, about))
        except BadRow as error:
            raise BadRow(error.code, str(error), row.number) from error
    at = instant(first["placed_at"], "placed_at")
    try:
        status = OrderStatus(first["status"].lower() or "paid")
    except ValueError:
        raise BadRow("status", f"status “{first['status'][:40]}” is not paid or cancelled.") from None
    statement = OrderStatement(
        source=about.source,
        order_id=first["order_id"],
        status=status,
        placed_at=at,
        stated_at=at,
        currency=first["currency"].upper() or about.currency,
        lines=tuple(lines),
        shipping=number(first["shipping"], "shipping", Decimal(0)),
        points_paid=_points(first["points_paid"]),
    )
    _checked(orders_rules.check_order, statement, currency=about.currency, exponent=about.exponent, now=about.now)
    return Item(at, statement.order_id, _reference(first["member"]), statement, group)


POINTS_PAID_MAX = 2**31 - 1


def _points(text: str) -> int:
    """Will read how many points paid for an order, none where nothing is stated; raises BadRow."""
    value = number(text, "points_paid", Decimal(0))
    if value != value.to_integral_value() or not 0 <= value <= POINTS_PAID_MAX:
        raise BadRow("points_paid", f"points_paid “{text[:40]}” is not a number of points. Use a whole one, or 0.")
    return int(value)


def _same_order(first: Mapping[str, str], values: Mapping[str, str]) -> None:
    for name in ("placed_at", "member", "currency"):
        if values[name] != first[name]:
            raise BadRow("contradiction", f"{name} differs from the order's first row.")


def _line(values: Mapping[str, str], about: Context) -> LineStatement:
    return LineStatement(
        line_id=values["line_id"],
        quantity=whole(values["quantity"], "quantity"),
        unit_price=number(values["unit_price"], "unit_price"),
        discount=number(values["discount"], "discount", Decimal(0)),
        sku=values["sku"],
        name=values["name"],
        category=values["category"],
        brand=values["brand"],
        attributes=_attributes(values, about),
    )


def refund_item(group: list[Row], about: Context) -> Item:
    """Will read the rows of one refund; raises BadRow."""
    lines: list[tuple[str, int]] = []
    amount: Decimal | None = None
    first: dict[str, str] = {}
    for row in group:
        values = cells(row, about)
        first = first or values
        try:
            lines.append((values["line_id"], whole(values["quantity"], "quantity")))
            if values["amount"]:
                amount = (amount or Decimal(0)) + number(values["amount"], "amount")
        except BadRow as error:
            raise BadRow(error.code, str(error), row.number) from error
    at = instant(first["refunded_at"], "refunded_at")
    statement = RefundStatement(
        about.source, first["order_id"], first["refund_id"], at, tuple(lines), amount, _attributes(first, about)
    )
    _checked(orders_rules.check_refund, statement, exponent=about.exponent, now=about.now)
    return Item(at, f"{statement.order_id}:{statement.refund_id}", "", statement, group)


def event_item(group: list[Row], about: Context) -> Item:
    """Will read the row of one event; raises BadRow."""
    values = cells(group[0], about)
    at = instant(values["occurred_at"], "occurred_at")
    try:
        properties = json.loads(values["properties"] or "{}", parse_constant=_no_constant)
    except (ValueError, RecursionError):
        properties = None
    if not isinstance(properties, dict):
        raise BadRow(
            "properties", 'properties is not a JSON object. Use one such as {"photo": true}, or leave it empty.'
        )
    statement = EventStatement(
        about.source, values["event_id"], values["type"], at, properties, _attributes(values, about)
    )
    _checked(orders_rules.check_event, statement, now=about.now)
    return Item(at, statement.event_id, _reference(values["member"]), statement, group)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class MemberRow(NamedTuple):
    """A member as a file states him; without `joined_at` he joins at his first order."""

    new: NewMember
    joined_at: dt.datetime | None


def member_item(group: list[Row], about: Context) -> Item:
    """Will read the row of one member; raises BadRow."""
    values = cells(group[0], about)
    joined_at = instant(values["joined_at"], "joined_at") if values["joined_at"] else None
    new = NewMember(
        identities=_identities(values, about),
        name=_text(values["name"], "name", 120),
        birthday=_birthday(values["birthday"], about.now),
        gender=_text(values["gender"], "gender", 20),
        region=_text(values["region"], "region", 80),
        language=_text(values["language"], "language", 10),
        source=about.source,
        attributes=_attributes(values, about),
        tags=tuple(sorted({_text(tag.strip(), "tags", 60) for tag in values["tags"].split(";") if tag.strip()})),
    )
    if joined_at:
        _checked(orders_rules.check_instant, joined_at, name="joined_at", now=about.now)
    at = joined_at or about.now
    return Item(at, str(group[0].number), "", MemberRow(new, joined_at), group)


def _identities(values: Mapping[str, str], about: Context) -> tuple[IdentityValue, ...]:
    found = []
    try:
        if values["external_id"]:
            found.append(members_rules.external_identity(about.source, values["external_id"]))
        if values["email"]:
            found.append(members_rules.email_identity(values["email"]))
        if values["phone"]:
            found.append(members_rules.phone_identity(values["phone"]))
    except BadIdentity as error:
        raise BadRow("identity", str(error)) from error
    if not found:
        raise BadRow("missing", "The row has no external_id, email or phone; at least one is needed.")
    return tuple(found)


def _birthday(text: str, now: dt.datetime) -> dt.date | None:
    if not text:
        return None
    try:
        value = dt.date.fromisoformat(text)
    except ValueError:
        raise BadRow("date", f"birthday “{text[:40]}” is not a date. Use 1990-02-28.") from None
    if not dt.date(1900, 1, 1) <= value <= now.date():
        raise BadRow("date", f"birthday {text} cannot be: use a date from 1900 to today.")
    return value


def _text(text: str, name: str, length_max: int) -> str:
    _checked(orders_rules.check_text, text, name=name, length_max=length_max)
    return text


def _reference(text: str) -> str:
    if not text:
        raise BadRow(
            "missing", "member is missing: give an external id, e-mail address, phone number or member number."
        )
    return _text(text, "member", 254)


def _attributes(values: Mapping[str, str], about: Context) -> dict[str, str]:
    return {name: values[name] for name in about.extra if values[name]} if about.extra else {}


def _checked(check: Any, *args: Any, **options: Any) -> None:
    try:
        check(*args, **options)
    except BadStatement as error:
        raise BadRow(error.code, str(error)) from error


def reference_of(text: str) -> MemberReference:
    """Will return how a file named a member, as flows take it."""
    return MemberReference(anything=text)
