"""A paid order walks through the house."""

import datetime as dt
from decimal import Decimal

import pytest

from members.rules import MemberReference
from membership_site.flows import event_received, order_paid, order_refunded
from orders.enums import OrderStatus, Recorded
from orders.rules import EventStatement, LineStatement, OrderStatement, RefundStatement
from points import queries as points_queries
from tiers import queries as tiers_queries

ANN = MemberReference(external_id="c-ann")


def order(number, amounts, at, status="paid", stated_at=None, quantity=1):
    lines = tuple(
        LineStatement(line_id=str(i), quantity=quantity, unit_price=Decimal(amount))
        for i, amount in enumerate(amounts, 1)
    )
    return OrderStatement("web", number, OrderStatus(status), at, stated_at or at, "CNY", lines)


@pytest.mark.django_db
def test_an_order_earns_and_moves_up(join, noon):
    ann = join("ann", reward=True)
    first = order_paid.take_order(statement=order("1", ["600.50", "499.70"], noon), reference=ANN, at=noon, actor="t")
    assert (first.points, first.growth, first.outcome) == (1100, 1100, Recorded.NEW)
    assert first.lines == (("1", 600), ("2", 500))
    assert first.tier == tiers_queries.TierAfter("silver", True)
    again = order_paid.take_order(statement=order("1", ["600.50", "499.70"], noon), reference=ANN, at=noon, actor="t")
    assert again.outcome == Recorded.SAME and again.points == 1100 and again.tier == first.tier
    later = noon + dt.timedelta(days=1)
    second = order_paid.take_order(statement=order("2", ["10", "20"], later), reference=ANN, at=later, actor="t")
    assert second.points == 60 and second.tier == tiers_queries.TierAfter("silver", False)
    balance = points_queries.get_balance(ann.id, later)
    assert (balance.available, balance.pending, balance.debt) == (100, 1160, 0)
    refund = RefundStatement("web", "1", "R1", later, (("1", 1),))
    seen = order_refunded.take_refund(statement=refund, at=later, actor="t", preview=True)
    done = order_refunded.take_refund(statement=refund, at=later, actor="t")
    assert (done.reversed, done.growth, done.debt) == (seen.reversed, seen.growth, seen.debt) == (600, 600, 0)
    assert order_refunded.take_refund(statement=refund, at=later, actor="t").outcome == Recorded.SAME
    standing = tiers_queries.get_standing(ann.id, later)
    assert standing.tier.code == "silver" and standing.until == dt.date(2027, 3, 3)
    assert standing.facts.spend == Decimal("529.70") and standing.facts.orders == 2
    event = EventStatement("web", "e1", "review", later, {"photo": True})
    answer = event_received.take_event(statement=event, reference=ANN, at=later, actor="t")
    assert (answer.points, answer.growth) == (50, 10)
    cancel = order("1", ["600.50", "499.70"], noon, "cancelled", later)
    gone = order_paid.take_order(statement=cancel, reference=ANN, at=later, actor="t")
    assert gone.outcome == Recorded.CHANGED
    assert points_queries.get_balance(ann.id, later).pending == 60


@pytest.mark.django_db
def test_parked_things_wait_for_their_member(join, noon, programme):
    early = order_paid.take_order(statement=order("9", ["50"], noon), reference=ANN, at=noon, actor="t")
    assert early.outcome == Recorded.PARKED
    refund = RefundStatement("web", "9", "R1", noon, (("1", 1),))
    assert order_refunded.take_refund(statement=refund, at=noon, actor="t").outcome == Recorded.PARKED
    ann = join("ann")
    assert points_queries.get_balance(ann.id, noon).pending == 0
    assert [row.points for row in points_queries.list_statement(ann.id)] == [-50, -50, 50, 50]
