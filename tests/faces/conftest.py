"""A cast of members whose stories touch every part of their pages."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as site

from benefits import actions as benefits_actions
from kit import clock
from members import actions as members_actions
from members.models import Account, Member
from members.rules import MemberReference
from membership_site.flows import event_received, order_paid, order_refunded, starter
from orders.enums import OrderStatus
from orders.rules import EventStatement, LineStatement, OrderStatement, RefundStatement
from tests import told
from tests.benefits.coupons import define, give
from tests.conftest import NOON, enrol

EMAILS = tuple(f"{name}@example.com" for name in ("mei", "neo", "tom", "out"))
GOODS = ("Oat & honey hand cream", "Walking shoes “Ridge” 42", "护手霜 50ml", "A kettle")


@dataclass(frozen=True)
class FaceCast:
    """`mei` has lived through everything, `neo` joined today, `tom` owes points, `out` has no membership."""

    mei: Account
    neo: Account
    tom: Account
    out: Account


@pytest.fixture
def face_cast(transactional_db: None, settings: Any) -> FaceCast:
    """Members with log-ins, their stories told up to this minute, or up to one earlier today."""
    settings.DEMO_SHOP = True
    told.once(tell_of_all)
    return FaceCast(*(Account.objects.get(email=email) for email in EMAILS))


def tell_of_all() -> None:
    """Will load the starter programme and let everybody join, open a log-in and live."""
    starter.load(at=NOON, actor="test")
    now = clock.now()
    mei, neo, tom, out = EMAILS
    _with_account(enrol("mei", at=now - dt.timedelta(days=400), reward=True), mei, "Mei-Ling Chan")
    _with_account(enrol("neo", at=now, reward=True), neo, "")
    _with_account(enrol("tom", at=now - dt.timedelta(days=60)), tom, "Tom Ng")
    Account.objects.create_user(out, "out-of-the-programme")
    tell_of_mei(now)
    tell_of_tom(now)


def tell_of_mei(now: dt.datetime) -> None:
    """Will give her five orders over a year, a return, a week of check-ins and a review."""
    baskets = ("280.00 99.90", "1080.00", "2200.00 340.50 12.00", "640.00", "59.90")
    for number, (days, basket) in enumerate(zip((390, 200, 90, 33, 2), baskets, strict=True), 1):
        place_order("mei", f"A-10{number}", basket.split(), now - dt.timedelta(days=days))
    statement = RefundStatement("web", "A-103", "R-1", now - dt.timedelta(days=80), (("2", 1),))
    order_refunded.take_refund(statement=statement, at=now - dt.timedelta(days=80), actor="test")
    for days in range(6, -1, -1):
        happen("mei", "check_in", f"c{days}", now - dt.timedelta(days=days, minutes=5))
    give_coupons(now)
    happen("mei", "review", "r1", now - dt.timedelta(days=20), photo=True)


def give_coupons(now: dt.datetime) -> None:
    """Will give her coupons in every state: one she may use, one for Gold, one to come, one that lapsed, one void."""
    mei = Member.objects.get(account__email="mei@example.com").id
    define(at=now - dt.timedelta(days=60), minimum="50", scope={"categories": ["tea"]}, uses_per_member=3)
    define("five", at=now, kind="percent", amount="", percent="15", cap="50", tiers=["gold"], weekdays=[6, 7])
    give(mei, source_key="ready", at=now)
    give(mei, "five", source_key="gold", at=now)
    give(mei, source_key="coming", at=now, starts_on=clock.business_date(now) + dt.timedelta(days=3))
    give(mei, source_key="lapsed", at=now - dt.timedelta(days=30))
    void = give(mei, source_key="void", at=now)
    benefits_actions.void(coupon_id=void.id, reason="Given twice", at=now, actor="staff:1")


def tell_of_tom(now: dt.datetime) -> None:
    """Will let him return an order whose points he has spent."""
    from points import actions as points_actions
    from points import queries as points_queries

    at = now - dt.timedelta(days=30)
    place_order("tom", "T-1", ["500.00"], at)
    member = Member.objects.get(account__email="tom@example.com")
    policy = points_queries.policy_on(clock.business_date(now))
    points_actions.spend(
        member_id=member.id,
        source_key="reward:tea:1",
        points=400,
        explanation=[{"code": "reward", "name": "Tea"}],
        policy_id=policy.id,
        at=at + dt.timedelta(days=20),
        actor="test",
    )
    refund = RefundStatement("web", "T-1", "R-1", now - dt.timedelta(days=1), (("1", 1),))
    order_refunded.take_refund(statement=refund, at=now - dt.timedelta(days=1), actor="test")


def place_order(name: str, number: str, amounts: list[str], at: dt.datetime) -> None:
    """Will tell the house of a paid order."""
    lines = tuple(
        LineStatement(line_id=str(i), quantity=1, unit_price=Decimal(amount), name=GOODS[i % len(GOODS)])
        for i, amount in enumerate(amounts, 1)
    )
    statement = OrderStatement("web", number, OrderStatus.PAID, at, at, site.PROGRAMME_CURRENCY, lines)
    order_paid.take_order(statement=statement, reference=MemberReference(external_id=f"c-{name}"), at=at, actor="test")


def happen(name: str, kind: str, number: str, at: dt.datetime, **properties: object) -> None:
    """Will tell the house of an event."""
    statement = EventStatement("web", f"{name}-{number}", kind, at, properties)
    reference = MemberReference(external_id=f"c-{name}")
    event_received.take_event(statement=statement, reference=reference, at=at, actor="test")


def _with_account(member: Member, email: str, name: str) -> Account:
    Member.objects.filter(id=member.id).update(name=name)
    return members_actions.open_member_account(
        member_id=member.id, email=email, password="a-long-password", at=clock.now(), actor="test"
    )
