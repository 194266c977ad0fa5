"""What happened to the members of a range of ids, for whole-population replays."""

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from kit import sql


class LineOfRange(NamedTuple):
    """A line of a booked order with what belongs to the order; `status`, amounts and lines as last stated."""

    member_id: int
    id: int
    source: str
    order_id: str
    status: str
    placed_at: dt.datetime
    business_date: dt.date
    status_at: dt.datetime
    revision: int
    tax: Decimal
    shipping: Decimal
    points_paid: int
    order_basis: Decimal
    line_id: str
    basis: Decimal
    quantity: int
    unit_price: Decimal
    sku: str
    category: str
    brand: str


class ReturnOfRange(NamedTuple):
    """A return of units of one of those orders; `lines` as [line, quantity], as stated."""

    order: int
    refund_id: str
    refunded_at: dt.datetime
    lines: list[tuple[str, int]]


class EventOfRange(NamedTuple):
    """A booked event."""

    member_id: int
    source: str
    event_id: str
    type: str
    occurred_at: dt.datetime
    business_date: dt.date
    properties: dict[str, Any]


def orders_of_range(after: int, upto: int, since: dt.date, until: dt.datetime) -> list[LineOfRange]:
    """Will return the booked orders of members above one id up to another since a date, a row per line. One query."""
    rows = sql.fetch("orders", "orders_of_range", after=after, upto=upto, since=since, until=until)
    return list(map(LineOfRange._make, rows))


def returns_of_range(after: int, upto: int, since: dt.date, until: dt.datetime) -> list[ReturnOfRange]:
    """Will return what came back of the orders of such a range, by order in order of time. One query."""
    rows = sql.fetch("orders", "returns_of_range", after=after, upto=upto, since=since, until=until)
    return [ReturnOfRange(order, refund_id, at, _json(lines)) for order, refund_id, at, lines in rows]


def events_of_range(after: int, upto: int, since: dt.date, until: dt.datetime, but: str) -> list[EventOfRange]:
    """Will return the booked events of such a range but those of one type, by member in order of time. One query."""
    rows = sql.fetch("orders", "events_of_range", after=after, upto=upto, since=since, until=until, but=but)
    return [EventOfRange._make((*row[:6], _json(row[6]))) for row in rows]


def orders_before_range(after: int, upto: int, since: dt.date) -> dict[int, int]:
    """Will return {member: paid orders before a date} of members above one id up to another. One query."""
    return dict(sql.fetch("orders", "orders_before_range", after=after, upto=upto, since=since))


def event_dates_of_range(
    after: int, upto: int, since: dt.date, *, recent: Sequence[str], recently: dt.date, ever: Sequence[str]
) -> dict[tuple[int, str], list[dt.date]]:
    """Will return {(member, type): dates before a date} of events; of types in `recent` from a date on. One query."""
    found: dict[tuple[int, str], list[dt.date]] = {}
    rows = sql.fetch(
        "orders",
        "event_dates_of_range",
        after=after,
        upto=upto,
        since=since,
        recent=list(recent),
        recently=recently,
        ever=list(ever),
    )
    for member_id, event_type, date in rows:
        found.setdefault((member_id, event_type), []).append(date)
    return found


def _json(value: Any) -> Any:
    """JSON comes as text through a cursor of our own."""
    return json.loads(value) if isinstance(value, str) else value
