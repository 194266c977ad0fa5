"""A policy is tried on an order or event that really happened, or on a made event: what it would earn, as booked."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kit import clock
from kit.keys import event_key, order_key
from membership_site.flows import circumstances, event_received, order_booking
from orders.models import Order, ShopEvent
from points import queries as points_queries
from points.rules import earning
from points.rules.circumstances import Circumstances
from points.rules.policy import Policy
from tiers import queries as tiers_queries

SOURCE = "console"
"""The channel of an event that was made for trying."""


def try_order(*, order: Order, policy: Policy, at: dt.datetime) -> earning.OrderPlan:
    """Will work out what an order earns under a policy, as if it were booked for the first time; books nothing.

    The tier is the one held then, caps have left what they would without this order, tags, birthday and segments are
    those of `at`. Raises ValueError for a parked order. At most 14 queries, and those of segments.
    """
    if order.member_id is None:
        raise ValueError("A parked order belongs to nobody yet, so it cannot be tried.")
    key = order_key(order.source, order.order_id)
    tier = tiers_queries.tier_before(order.member_id, order.placed_at, key)
    segments = circumstances.segments_of(order.member_id, policy, at, earning.ORDER)
    facts = order_booking.facts_of(order, earning.EarnRate(tier.multiplier, tier.code), policy, segments)
    around = None
    if facts.deed:
        left = points_queries.allowances_without(order.member_id, policy, earning.ORDER, order.business_date, key)
        around = Circumstances(facts.deed, left)
    return earning.plan_order(policy, facts.rate, facts.lines, facts.placed_on, amounts=facts.amounts, around=around)


def try_event(*, event: ShopEvent, policy: Policy, at: dt.datetime) -> earning.EventPlan:
    """Will work out what an event earns under a policy, as if it were booked for the first time; books nothing.

    Earlier events count as they stood then, caps have left what they would without this event, tier, tags, birthday and
    segments are as in try_order. What invites a friend is planned as it is booked: by its own points, without rules.
    Raises ValueError for a parked event. At most 12 queries, and those of segments.
    """
    if event.member_id is None:
        raise ValueError("A parked event belongs to nobody yet, so it cannot be tried.")
    segments = circumstances.segments_of(event.member_id, policy, at, event.type)
    facts = event_received.facts_of(event, policy, segments, is_past=True)
    if event.type == event_received.WAITING:
        return earning.plan_event(policy, replace(facts, around=None))
    if facts.around:
        key = event_key(event.source, event.event_id)
        left = points_queries.allowances_without(event.member_id, policy, event.type, event.business_date, key)
        facts = replace(facts, around=replace(facts.around, allowances=left))
    return earning.plan_event(policy, facts)


def made_event(*, member_id: int, kind: str, properties: Mapping[str, Any], at: dt.datetime) -> ShopEvent:
    """Will make up an event of a member, which is stored nowhere, to try a policy on."""
    return ShopEvent(
        member_id=member_id,
        source=SOURCE,
        event_id="",
        type=kind,
        occurred_at=at,
        business_date=clock.business_date(at),
        properties=dict(properties),
    )
