"""What a shop tells the house, written short: orders, refunds and events of Ann, and what came of them."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from members.rules import MemberReference
from membership_site.flows import event_received, order_paid, order_refunded
from orders import queries as orders_queries
from orders.enums import OrderStatus
from orders.rules import EventStatement, LineStatement, OrderStatement, RefundStatement
from points import actions as points_actions
from points import queries as points_queries
from points.models import Lot
from tiers import queries as tiers_queries
from tiers.models import Standing

DAY = dt.timedelta(days=1)
ANN = MemberReference(external_id="c-ann")
ALWAYS = dt.date(1970, 1, 1)

Line = str | tuple[str, int, str] | tuple[str, int, str, str]


def order(
    number: str, lines: Iterable[Line], at: dt.datetime, *, status: str = "paid", stated_at: dt.datetime | None = None,
    discount: str = "0", source: str = "web",
) -> OrderStatement:  # fmt: skip
    """Will state an order; a line is an amount ("100"), or (line, quantity, unit price, discount of the line)."""
    stated = []
    for place, line in enumerate(lines, 1):
        line_id, quantity, price, *off = (str(place), 1, line) if isinstance(line, str) else line
        stated.append(LineStatement(line_id, quantity, Decimal(price), Decimal(off[0] if off else 0)))
    return OrderStatement(
        source, number, OrderStatus(status), at, stated_at or at, "CNY", tuple(stated), discount=Decimal(discount)
    )


def place(
    number: str, lines: Iterable[Line], at: dt.datetime, *, who: MemberReference = ANN, **rest: Any
) -> order_paid.OrderAnswer:
    """Will tell of an order."""
    return order_paid.take_order(statement=order(number, lines, at, **rest), reference=who, at=at, actor="test")


def refund(number: str, refund_id: str, units: Mapping[str, int], at: dt.datetime) -> RefundStatement:
    """Will state a return of units by line."""
    return RefundStatement("web", number, refund_id, at, tuple(units.items()))


def give_back(
    number: str, refund_id: str, units: Mapping[str, int], at: dt.datetime, *, preview: bool = False
) -> order_refunded.RefundAnswer:
    """Will tell of a return of units by line, or only ask what it would do."""
    statement = refund(number, refund_id, units, at)
    return order_refunded.take_refund(statement=statement, at=at, actor="test", preview=preview)


def do(
    kind: str, at: dt.datetime, *, event_id: str = "", who: MemberReference = ANN, **properties: Any
) -> event_received.EventAnswer:
    """Will tell of an event; without an id it is one of its own instant."""
    statement = EventStatement("app", event_id or f"{kind}-{at.isoformat()}", kind, at, properties)
    return event_received.take_event(statement=statement, reference=who, at=at, actor="test")


def use(member_id: int, points: int, at: dt.datetime, key: str = "") -> Any:
    """Will spend points under a key, by default one of the instant."""
    return points_actions.spend(
        member_id=member_id,
        source_key=key or f"use:{at.isoformat()}:{points}",
        points=points,
        explanation=[{"code": "test"}],
        policy_id=points_queries.policy_on(at.date()).id,
        at=at,
        actor="test",
    )


def purse(member_id: int, at: dt.datetime) -> tuple[int, int, int]:
    """Will return (available, pending, debt) at an instant."""
    balance = points_queries.get_balance(member_id, at)
    return balance.available, balance.pending, balance.debt


def tier(member_id: int) -> str:
    """Will return the code of the tier held."""
    return Standing.objects.select_related("tier").get(member_id=member_id).tier.code


def worth(member_id: int, at: dt.datetime) -> dict[str, Any]:
    """Will return all that a member has and counts for: what any two ways to the same facts must agree on."""
    today = at.date()
    spent = orders_queries.spent_in_window(member_id, ALWAYS, today)
    terms = tiers_queries.terms_on(today)
    return {
        "purse": purse(member_id, at),
        "lots": sorted(
            Lot.objects.filter(member_id=member_id).values_list("wallet", "active_on", "expires_on", "points")
        ),
        "spend": spent.spend,
        "orders": spent.orders,
        "growth": points_queries.growth_in_window(member_id, ALWAYS, today),
        "window": tiers_queries.facts_on(member_id, terms, today),
        "tier": tier(member_id),
    }
