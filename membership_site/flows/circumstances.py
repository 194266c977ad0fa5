"""What earning rules ask of an order or an event and its member, gathered from the rooms that know it."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kit import clock
from members import queries as members_queries
from orders import queries as orders_queries
from orders.models import Order
from points.rules.conditions import DeedFacts
from tiers import queries as tiers_queries


def of_order(order: Order, tier: str) -> DeedFacts:
    """Will gather what rules ask of an order that is booked for the first time. Five queries."""
    if order.member_id is None:
        raise ValueError("A parked order cannot be booked.")
    number = orders_queries.count_paid_before(order.member_id, order.placed_at, order.id) + 1
    return _of_deed(order.member_id, order.placed_at, order.source, tier, amount=order.basis, number=number)


def of_cart(member_id: int, at: dt.datetime, channel: str, tier: str, amount: Decimal) -> DeedFacts:
    """Will gather what rules ask of a cart, as if it were ordered now. Five queries."""
    number = orders_queries.count_paid_before(member_id, at, 0) + 1
    return _of_deed(member_id, at, channel, tier, amount=amount, number=number)


def of_event(member_id: int, at: dt.datetime, source: str, properties: Mapping[str, Any], cause: str) -> DeedFacts:
    """Will gather what rules ask of an event. Six queries."""
    tier = tiers_queries.tier_before(member_id, at, cause)
    return _of_deed(member_id, at, source, tier.code, properties=properties)


def _of_deed(
    member_id: int,
    at: dt.datetime,
    channel: str,
    tier: str,
    *,
    amount: Decimal = Decimal(0),
    number: int = 0,
    properties: Mapping[str, Any] | None = None,
) -> DeedFacts:
    local = at.astimezone(clock.programme_zone())
    traits = members_queries.traits_of(member_id)
    return DeedFacts(
        on=local.date(),
        time=local.time(),
        channel=channel,
        tier=tier,
        tiers=tiers_queries.tiers_up_to(tier, local.date()),
        tags=traits.tags,
        birthday=traits.birthday,
        number=number,
        amount=amount,
        properties=properties or {},
    )
