"""What an order is worth by now is brought to ledger, spend and tier: when paid, edited, refunded or cancelled."""

import datetime as dt
from typing import Any

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from kit.keys import order_key
from kit.money import exponent_of
from membership_site.flows import circumstances, member_merged, point_days, tier_changed, told
from orders import actions as orders_actions
from orders import queries as orders_queries
from orders.enums import OrderStatus
from orders.models import Order, OrderLine
from points import actions as points_actions
from points import queries as points_queries
from points.rules import earning
from points.rules.conditions import LineTraits
from points.rules.policy import Policy
from points.rules.restoring import Kept
from tiers import queries as tiers_queries


def book_plan(
    *, order: Order, occasion: str, segments: circumstances.Segments | None = None, at: dt.datetime, actor: str
) -> points_actions.OrderBooked:
    """Will book the difference between what an order has earned and what it should have by now, then evaluate.

    `segments` are what its member stood in before it came, for the first booking; later ones remember. Points that paid
    for it come back first, so that what it gives back is taken from them and not made a debt.
    """
    if order.member_id is None:
        raise ValueError("A parked order cannot be booked.")
    survivor_id = member_merged.lock_both(order.member_id, at=at, actor=actor)
    restored = restore_spent(order=order, occasion=occasion, at=at, actor=actor)
    key = order_key(order.source, order.order_id)
    booked_rate = points_queries.booked_rate(order.member_id, key)
    if booked_rate:
        rate, policy = booked_rate.rate, points_queries.policy_by_id(booked_rate.policy_id)
    else:
        tier = tiers_queries.tier_before(order.member_id, order.placed_at, key)
        rate = earning.EarnRate(tier.multiplier, tier.code)
        policy = points_queries.policy_on(order.business_date)
    policy = point_days.with_days(policy, order.placed_at)
    facts = facts_of(order, rate, policy, segments or {})
    booked = points_actions.book_order(
        member_id=order.member_id, order_key=key, occasion=occasion, order=facts, policy=policy, at=at, actor=actor
    )
    if restored is None:
        # A confirmation that came meanwhile had the wallets' lock before us, and could not see our change.
        restore_spent(order=order, occasion=occasion, at=at, actor=actor)
    orders_actions.book_spend(order=order, occasion=occasion, at=at, actor=actor)
    if occasion:
        return_discounts(order=order, occasion=occasion, at=at, actor=actor)
    cause, returned = (f"{key}:{occasion}", key) if occasion else (key, "")
    if survivor_id is None:
        tier_changed.evaluate(member_id=order.member_id, cause=cause, at=at, actor=actor, returned=returned)
    else:
        member_merged.carry_on(
            member_id=order.member_id, survivor_id=survivor_id, cause=cause, at=at, actor=actor, returned=returned
        )
    _tell(order, survivor_id, key, occasion, booked.points_change, at, actor)
    return booked


def _tell(
    order: Order, survivor_id: int | None, key: str, occasion: str, change: int, at: dt.datetime, actor: str
) -> None:
    """Will send the receipt of what an order brought, or of what was taken back; an edit that adds sends none.

    Who was merged is told nothing: what was his goes over, and so does the receipt.
    """
    if order.member_id is None:
        return
    about: dict[str, Any] = {"member_id": survivor_id or order.member_id, "key": key, "order_id": order.order_id}
    if occasion:
        told.order_returned(**about, occasion=occasion, points=-change, at=at, actor=actor)
    else:
        told.order_earned(**about, points=change, at=at, actor=actor)


def restore_spent(*, order: Order, occasion: str, at: dt.datetime, actor: str) -> int | None:
    """Will bring what came back of the points that paid for an order to its returned share; returns the change.

    None where no points paid for it. One query then.
    """
    if order.member_id is None:
        raise ValueError("A parked order cannot be booked.")
    key = order_key(order.source, order.order_id)
    if points_queries.reservation_of_order(order.member_id, key) is None:
        return None
    kept = orders_queries.kept_of(order)
    return points_actions.restore_spent(
        member_id=order.member_id,
        order_key=key,
        occasion=occasion,
        kept=Kept(kept.first, kept.left, kept.nothing),
        at=at,
        actor=actor,
    )


def return_discounts(*, order: Order, occasion: str, at: dt.datetime, actor: str) -> None:
    """Will bring what came back of the discounts of an order's checkout to its returned share. One query without."""
    if order.member_id is None:
        raise ValueError("A parked order cannot be booked.")
    key = order_key(order.source, order.order_id)
    if benefits_queries.find_checkout_of_order(key) is None:
        return
    lines = list(order.lines.all())
    is_cancelled = order.status == OrderStatus.CANCELLED
    benefits_actions.return_shares(
        order_key=key,
        occasion=occasion,
        units={line.line_id: (line.refunded_quantity, line.quantity) for line in lines},
        nothing_left=is_cancelled or all(line.refunded_quantity == line.quantity for line in lines),
        exponent=exponent_of(order.currency),
        tier=tiers_queries.tier_before(order.member_id, at, key).code,
        at=at,
        actor=actor,
    )


def facts_of(
    order: Order, rate: earning.EarnRate, policy: Policy, segments: circumstances.Segments
) -> earning.OrderFacts:
    """Will gather what a policy asks of an order. One query, and five where it has rules or caps."""
    return earning.OrderFacts(
        rate=rate,
        lines=tuple(_line(line) for line in order.lines.order_by("position")),
        placed_on=order.business_date,
        counts=order.status == OrderStatus.PAID,
        amounts=earning.OrderAmounts(order.tax, order.shipping, order.points_paid),
        deed=circumstances.of_order(order, rate.tier, segments) if policy.looks_at(earning.ORDER) else None,
    )


def _line(line: OrderLine) -> earning.LineFacts:
    return earning.LineFacts(
        line_id=line.line_id,
        basis=line.basis,
        quantity=line.quantity,
        refunded_quantity=line.refunded_quantity,
        name=line.name,
        gross=line.quantity * line.unit_price,
        traits=LineTraits(line.sku, line.category, line.brand),
    )
