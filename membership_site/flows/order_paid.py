"""An order is stated: stored, earned, counted, and the member's tier evaluated, in one transaction."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from kit import clock
from kit.keys import order_key
from members import queries as members_queries
from members.rules import MemberReference
from membership_site.flows import circumstances, member_entry, order_booking, order_refunded, told
from orders import actions as orders_actions
from orders import queries as orders_queries
from orders import rules as orders_rules
from orders.enums import OrderStatus, Recorded
from orders.models import Order
from points import queries as points_queries
from points.rules import earning
from points.rules.booking import is_of_line
from tiers import queries as tiers_queries


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """What the shop is told of an order; `points` is what the order has earned by its statements, before returns."""

    outcome: Recorded
    source: str
    order_id: str
    status: str
    member_number: str
    points: int
    pending_until: dt.date | None
    lines: tuple[tuple[str, int], ...]
    growth: int
    tier: tiers_queries.TierAfter | None
    statement: tuple[points_queries.StatementRow, ...]


@transaction.atomic
def take_order(
    *, statement: orders_rules.OrderStatement, reference: MemberReference, at: dt.datetime, actor: str
) -> OrderAnswer:
    """Will take an order's full state: store it, book what it earns or gives back, evaluate the tier.

    An unknown member parks it, an older statement is ignored, a repeat gives the same answer. Raises
    orders.rules.BadStatement; nothing is half done.
    """
    member = member_entry.find_or_wait(reference, statement.source)
    stood = stood_in(member.id, statement.placed_at) if member else {}
    recorded = orders_actions.record_order(
        statement=statement,
        member_id=member.id if member else None,
        reference=reference.stated(),
        at=at,
        actor=actor,
    )
    if recorded.outcome in (Recorded.NEW, Recorded.CHANGED):
        with told.quietly(when=told.is_old(max(recorded.order.stated_at, recorded.order.placed_at), at)):
            book(order=recorded.order, segments=stood, actor=actor)
    return answer_of(recorded.order, recorded.outcome)


def stood_in(member_id: int, placed_at: dt.datetime) -> circumstances.Segments:
    """Will say of each segment that rules of the order's date name whether its member is in it, without the order.

    Asked as of the order's own time, so that a late delivery, or an import, earns what it would have earned.

    One query, and those of circumstances.segments_of.
    """
    policy = points_queries.policy_on(clock.business_date(placed_at))
    return circumstances.segments_of(member_id, policy, placed_at, earning.ORDER)


def book(*, order: Order, segments: circumstances.Segments, actor: str) -> None:
    """Will bring ledger, spend and tier to what a stored order is worth now, in the caller's transaction.

    `segments` are what its member stood in before it came (stood_in).

    The first booking happens as of the order's own time, so that a late delivery earns what it would have earned;
    a change happens as of the shop's updated_at.
    """
    if order.member_id is None:
        return
    if order.booked_at is None and order.status != OrderStatus.PAID:
        if order.status == OrderStatus.CANCELLED:
            # It was never paid; the points and coupons that were to pay for it come back all the same.
            at, occasion = max(order.stated_at, order.placed_at), f"cancel:{order.revision}"
            order_booking.restore_spent(order=order, occasion=occasion, at=at, actor=actor)
            order_booking.return_discounts(order=order, occasion=occasion, at=at, actor=actor)
        return
    first = order.booked_at is None
    # A shop's updated_at may be older than placed_at; nothing is taken back before it was given.
    at = order.placed_at if first else max(order.stated_at, order.placed_at)
    occasion = "" if first else f"{'cancel' if order.status == OrderStatus.CANCELLED else 'edit'}:{order.revision}"
    member_entry.enter(member_id=order.member_id, at=at, actor=actor, reward=False)
    order_booking.book_plan(order=order, occasion=occasion, segments=segments, at=at, actor=actor)
    if first:
        orders_actions.mark_booked(order=order, at=at, actor=actor)
        for refund in orders_queries.parked_refunds(order.source, order.order_id):
            order_refunded.book(refund=refund, order=order, actor=actor)


def answer_of(order: Order, outcome: Recorded) -> OrderAnswer:
    """Will read back what the shop is told of an order, so that a repeat is told the same."""
    number, tier, rows = "", None, []
    if order.member_id is not None:
        number = members_queries.number_of(order.member_id)
        key = order_key(order.source, order.order_id)
        tier = tiers_queries.tier_after(order.member_id, order.placed_at, key)
    if order.member_id is not None and order.booked_at is not None:
        rows = [
            row for row in points_queries.entries_of(order.member_id, key) if f"{key}:refund:" not in row.source_key
        ]
    points = [row for row in rows if row.wallet == "points" and is_of_line(row.explanation)]
    by_line: dict[str, int] = dict.fromkeys(order.lines.order_by("position").values_list("line_id", flat=True), 0)
    for row in points:
        line_id = row.explanation[0]["line"]
        by_line[line_id] = by_line.get(line_id, 0) + row.points
    return OrderAnswer(
        outcome=outcome,
        source=order.source,
        order_id=order.order_id,
        status=order.status,
        member_number=number,
        points=sum(row.points for row in points),
        pending_until=next((row.active_on for row in points if row.active_on), None),
        lines=tuple(by_line.items()),
        growth=sum(row.points for row in rows if row.wallet == "growth"),
        tier=tier,
        statement=tuple(rows),
    )
