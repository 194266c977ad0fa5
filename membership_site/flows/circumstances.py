"""What earning rules ask of an order or an event and its member, gathered from the rooms that know it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from campaigns import queries as campaigns_queries
from kit import clock
from members import queries as members_queries
from orders import queries as orders_queries
from orders.models import Order
from points.rules.conditions import DeedFacts
from points.rules.policy import Policy
from tiers import queries as tiers_queries

Segments = Mapping[str, bool]
"""Of each segment that a policy's rules name, as they write it, whether the member is in it."""


def segments_of(member_id: int, policy: Policy, at: dt.datetime, deed: str) -> Segments:
    """Will say of each segment that rules for a deed name whether a member is in it at an instant.

    To be asked before the deed is recorded, so that who comes back is still one who was away. No query where no rule
    names one, else one and those of compiling for each.
    """
    return segments_of_many([member_id], policy, at, deed)[member_id]


def segments_of_many(member_ids: Sequence[int], policy: Policy, at: dt.datetime, deed: str) -> dict[int, Segments]:
    """Will say so of many members: as many queries for all of them as for one."""
    found = campaigns_queries.who_is_in(policy.segments_of(deed), member_ids, at)
    return {member: {one: member in ids for one, ids in found.items()} for member in member_ids}


def of_order(order: Order, tier: str, segments: Segments) -> DeedFacts:
    """Will gather what rules ask of an order that is booked for the first time. Five queries."""
    if order.member_id is None:
        raise ValueError("A parked order cannot be booked.")
    number = orders_queries.count_paid_before(order.member_id, order.placed_at, order.id) + 1
    return _of_deed(order.member_id, order.placed_at, order.source, tier, segments, amount=order.basis, number=number)


def of_cart(member_id: int, at: dt.datetime, channel: str, tier: str, amount: Decimal, segments: Segments) -> DeedFacts:
    """Will gather what rules ask of a cart, as if it were ordered now. Five queries."""
    number = orders_queries.count_paid_before(member_id, at, 0) + 1
    return _of_deed(member_id, at, channel, tier, segments, amount=amount, number=number)


def of_event(
    member_id: int, at: dt.datetime, source: str, properties: Mapping[str, Any], cause: str, segments: Segments
) -> DeedFacts:
    """Will gather what rules ask of an event. Six queries."""
    tier = tiers_queries.tier_before(member_id, at, cause)
    return _of_deed(member_id, at, source, tier.code, segments, properties=properties)


def _of_deed(
    member_id: int,
    at: dt.datetime,
    channel: str,
    tier: str,
    segments: Segments,
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
        segments=segments,
        birthday=traits.birthday,
        number=number,
        amount=amount,
        properties=properties or {},
    )
