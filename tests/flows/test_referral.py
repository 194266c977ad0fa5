"""Referrals: both sides, once, when the friend's first order has left its return window."""

import datetime as dt
from decimal import Decimal

import pytest

from members.rules import MemberReference
from membership_site.flows import event_received, nightly, order_paid, order_refunded, referral_settled
from membership_site.flows.starter import POINTS_TERMS
from orders.enums import OrderStatus
from orders.models import ShopEvent
from orders.rules import EventStatement, LineStatement, OrderStatement, RefundStatement
from points import queries as points_queries
from points.models import PolicyVersion

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def refer(by, friend, at, event_id="f1"):
    """The shop says that a member referred a friend."""
    statement = EventStatement("web", event_id, referral_settled.TYPE, at, {"friend": friend})
    reference = MemberReference(external_id=by)
    return event_received.take_event(statement=statement, reference=reference, at=at, actor="t")


def buy(who, at, number="o1"):
    """A paid order of 50."""
    lines = (LineStatement("1", 1, Decimal(50)),)
    statement = OrderStatement("web", number, OrderStatus.PAID, at, at, "CNY", lines)
    order_paid.take_order(statement=statement, reference=MemberReference(external_id=who), at=at, actor="t")


def rewards(member):
    """Dates and points of what a member got for referrals."""
    rows = points_queries.list_statement(member.id, wallet="points")
    return [(row.business_date, row.points) for row in rows if row.explanation[0].get("type") == "referral"]


def settled(as_of):
    """How many of those that wait are settled by the end of a date."""
    return len(list(referral_settled.settle_waiting(as_of=as_of, after=0)))


def test_both_get_their_points_when_the_window_has_closed(join, noon):
    ann, bob = join("ann"), join("bob")
    assert refer("c-ann", "bob@example.com", noon).points == 0
    buy("c-bob", noon + DAY)
    closes = (noon + 8 * DAY).date()
    for late in range(2, 8):
        assert settled((noon + late * DAY).date()) == 0
    nightly.run(as_of=closes)
    assert rewards(ann) == rewards(bob) == [(closes, 200)]
    assert settled(closes + 9 * DAY) == 0
    assert refer("c-ann", "bob@example.com", noon).points == 200


def test_late_nights_date_it_the_same(join, noon):
    ann, _ = join("ann"), join("bob")
    refer("c-ann", "c-bob", noon)
    buy("c-bob", noon)
    nightly.run(as_of=(noon + 60 * DAY).date())
    assert rewards(ann) == [((noon + 7 * DAY).date(), 200)]


def test_a_friend_is_referred_once_and_nobody_refers_himself(join, noon):
    ann, bob, cat = join("ann"), join("bob"), join("cat")
    buy("c-bob", noon)
    refer("c-ann", "c-bob", noon, "f1")
    refer("c-cat", "c-bob", noon, "f2")
    refer("c-bob", "c-bob", noon, "f3")
    assert settled((noon + 30 * DAY).date()) == 2  # the third was closed at once
    assert rewards(ann) and not rewards(cat)
    assert rewards(bob) == [((noon + 7 * DAY).date(), 200)]


def test_a_returned_first_order_does_not_count_and_strangers_wait(join, noon):
    ann, bob = join("ann"), join("bob")
    refer("c-ann", "c-bob", noon)
    refer("c-ann", "nobody@example.com", noon, "f2")
    buy("c-bob", noon)
    back = RefundStatement("web", "o1", "R1", noon + DAY, (("1", 1),))
    order_refunded.take_refund(statement=back, at=noon, actor="t")
    assert settled((noon + 30 * DAY).date()) == 0
    buy("c-bob", noon + 20 * DAY, "o2")
    assert settled((noon + 30 * DAY).date()) == 1
    assert rewards(ann) == rewards(bob) == [((noon + 27 * DAY).date(), 200)]
    assert ShopEvent.objects.filter(booked_at=None).count() == 1


def test_a_programme_without_referrals_closes_them_without_points(join, noon):
    ann, bob = join("ann"), join("bob")
    events = {name: terms for name, terms in POINTS_TERMS["events"].items() if name != "referral"}
    terms, today = {**POINTS_TERMS, "events": events}, noon.date()
    PolicyVersion.objects.create(number=2, effective_on=today, terms=terms, published_at=noon, actor="t")
    refer("c-ann", "c-bob", noon)
    buy("c-bob", noon)
    [outcome] = nightly.run_step(name="settle_referrals", as_of=(noon + 30 * DAY).date())
    assert (outcome.state, outcome.detail) == ("done", {"settled": 1})
    assert rewards(ann) == rewards(bob) == [] and not ShopEvent.objects.filter(booked_at=None).exists()


def test_friends_who_never_come_are_not_looked_at_one_by_one(join, noon, django_assert_max_num_queries):
    join("ann")
    for number in range(9):
        refer("c-ann", f"nobody{number}@example.com", noon, f"f{number}")
    with django_assert_max_num_queries(4):
        assert settled((noon + 30 * DAY).date()) == 0
    assert ShopEvent.objects.filter(booked_at=None).count() == 9
