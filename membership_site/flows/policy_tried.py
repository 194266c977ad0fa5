"""A policy is tried on an order that really happened: what it would earn, by the function that books it."""

from kit.keys import order_key
from membership_site.flows import order_booking
from orders.models import Order
from points import queries as points_queries
from points.rules import earning
from points.rules.circumstances import Circumstances
from points.rules.policy import Policy
from tiers import queries as tiers_queries


def try_order(*, order: Order, policy: Policy) -> earning.OrderPlan:
    """Will work out what an order earns under a policy, as if it were booked for the first time; books nothing.

    The tier is the one held then, caps have left what they would without this order, tags and birthday are today's.
    Raises ValueError for a parked order. At most 14 queries.
    """
    if order.member_id is None:
        raise ValueError("A parked order belongs to nobody yet, so it cannot be tried.")
    key = order_key(order.source, order.order_id)
    tier = tiers_queries.tier_before(order.member_id, order.placed_at, key)
    facts = order_booking.facts_of(order, earning.EarnRate(tier.multiplier, tier.code), policy)
    around = None
    if facts.deed:
        left = points_queries.allowances_without(order.member_id, policy, earning.ORDER, order.business_date, key)
        around = Circumstances(facts.deed, left)
    return earning.plan_order(policy, facts.rate, facts.lines, facts.placed_on, amounts=facts.amounts, around=around)
