"""Units of an order come back: points, growth and spend are taken back by line, never more than was earned."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from benefits import queries as benefits_queries
from benefits.queries import DiscountBack
from kit.keys import order_key, source_key
from membership_site.flows import order_booking, told
from orders import actions as orders_actions
from orders import rules as orders_rules
from orders.enums import Recorded
from orders.models import Order, Refund
from points import queries as points_queries
from points.rules.booking import is_of_line
from tiers import queries as tiers_queries


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    """What the shop is told of a refund: units taken back of what was earned, and of what is owed now for that.

    `restored` are points that had paid for the order and went back to the lots they came from, `discounts` what came
    back of its coupons and benefits.
    """

    outcome: Recorded
    source: str
    order_id: str
    refund_id: str
    reversed: int
    debt: int
    restored: int
    growth: int
    discounts: tuple[DiscountBack, ...]
    tier: tiers_queries.TierAfter | None
    statement: tuple[points_queries.StatementRow, ...]


def take_refund(
    *, statement: orders_rules.RefundStatement, at: dt.datetime, actor: str, preview: bool = False
) -> RefundAnswer:
    """Will take a refund: store it and book it, or park it until its order is booked; a repeat books nothing.

    With `preview` everything is worked out and rolled back, so that what is shown is what would be booked. Raises
    orders.actions.StatementChanged.
    """
    with transaction.atomic():
        recorded = orders_actions.record_refund(statement=statement, at=at, actor=actor)
        if recorded.order is not None and recorded.outcome == Recorded.NEW:
            with told.quietly(when=told.is_old(recorded.refund.refunded_at, at)):
                book(refund=recorded.refund, order=recorded.order, actor=actor)
        answer = answer_of(recorded.refund, recorded.order, recorded.outcome)
        if preview:
            transaction.set_rollback(True)
    return answer


def book(*, refund: Refund, order: Order, actor: str) -> None:
    """Will count the returned units and take back their share, as of the refund's own time."""
    orders_actions.return_units(refund=refund, order=order, at=refund.refunded_at, actor=actor)
    occasion = source_key("refund", refund.refund_id)
    order_booking.book_plan(order=order, occasion=occasion, at=refund.refunded_at, actor=actor)


def answer_of(refund: Refund, order: Order | None, outcome: Recorded) -> RefundAnswer:
    """Will read back what the shop is told of a refund, so that a repeat is told the same."""
    rows: list[points_queries.StatementRow] = []
    tier, discounts = None, []
    if order is not None and order.member_id is not None and refund.booked_at is not None:
        key = f"{order_key(order.source, order.order_id)}:{source_key('refund', refund.refund_id)}"
        rows = points_queries.entries_of(order.member_id, key)
        occasion = source_key("refund", refund.refund_id)
        discounts = benefits_queries.returned_with(order_key(order.source, order.order_id), occasion)
        tier = tiers_queries.tier_after(order.member_id, refund.refunded_at, key)
    points = [row for row in rows if row.wallet == "points"]
    earned = [row for row in points if is_of_line(row.explanation)]
    return RefundAnswer(
        outcome=outcome,
        source=refund.source,
        order_id=refund.order_id_stated,
        refund_id=refund.refund_id,
        reversed=-sum(row.points for row in earned),
        debt=sum(row.debt_change for row in earned),
        restored=sum(row.points for row in points) - sum(row.points for row in earned),
        growth=-sum(row.points for row in rows if row.wallet == "growth"),
        discounts=tuple(discounts),
        tier=tier,
        statement=tuple(rows),
    )
