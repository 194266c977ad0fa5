"""What each room does alone when members are merged or forgotten: a repeat changes nothing, strangers are left."""

import datetime as dt
from decimal import Decimal

import pytest

from benefits import actions as benefits_actions
from benefits.models import Coupon, Entitlement
from members.actions.privacy import open_to_words
from messaging import actions as messaging_actions
from messaging.models import Suppression
from orders import actions as orders_actions
from orders.models import Order
from points import actions as points_actions
from points.actions import NoWallet
from points.models import Balance
from tests.flows.shop import place
from tests.flows.test_merging import ANN, BOB, lots, spent
from tiers import actions as tiers_actions
from tiers.models import Challenge

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def pair(join, noon):
    people = join("ann", reward=True), join("bob", at=noon - 2 * DAY, reward=True)
    place("A1", ["10"], noon - 9 * DAY, who=ANN)
    place("B1", ["20"], noon - DAY, who=BOB)
    return people


def test_points_go_over_and_back_and_a_repeat_finds_nothing(pair, noon):
    ann, bob = pair
    who = {"merged_id": bob.id, "survivor_id": ann.id, "numbers": (bob.number, ann.number), "at": noon, "actor": "test"}
    before = lots(ann), lots(bob)
    points_actions.lock_wallets(member_ids=[bob.id, ann.id], at=noon, actor="test")
    first = points_actions.carry_over(key="merge:1:1", **who)
    assert first.points and first.growth == 20
    assert points_actions.carry_over(key="merge:1:2", **who) == points_actions.carry_over(key="merge:1:3", **who)
    assert lots(bob) == []
    back = points_actions.give_back(merge_key="merge:1", **who)
    assert (back.points, back.points_kept, back.growth) == (first.points, 0, 20)
    assert (lots(ann), lots(bob)) == before
    with pytest.raises(NoWallet):
        points_actions.carry_over(key="merge:1:1", **who | {"merged_id": 10**9})


def test_spend_goes_over_and_back(pair, noon):
    ann, bob = pair
    who = {"merged_id": bob.id, "survivor_id": ann.id, "at": noon, "actor": "test"}
    place("B2", ["5"], noon, who=BOB, status="placed")
    before = spent(ann), spent(bob)
    assert orders_actions.carry_over(key="merge:1:1", **who).spend == Decimal(20)
    assert orders_actions.carry_over(key="merge:1:2", **who).orders == 0
    assert spent(bob) == {} and Order.objects.get(order_id="B2").member_id == ann.id
    assert orders_actions.give_back(merge_key="merge:1", **who).spend == Decimal(20)
    assert (spent(ann), spent(bob)) == before


def test_benefits_go_over_once_and_come_back(pair, noon):
    ann, bob = pair
    Coupon.objects.filter(member=ann).delete()
    Entitlement.objects.filter(member=ann).delete()
    who = {"merged_id": bob.id, "survivor_id": ann.id, "at": noon, "actor": "test"}
    held = Coupon.objects.filter(member=bob).count()
    moved = benefits_actions.carry_over(**who)
    if held:
        assert (
            moved.coupons and not Coupon.objects.filter(member=bob, used=0, voided_at=None, ends_at__gt=noon).exists()
        )
    assert benefits_actions.carry_over(**who).coupons == ()
    back = benefits_actions.give_back(coupons=moved.coupons, entitlements=moved.entitlements, **who)
    assert (back.coupons, back.entitlements, back.left) == (moved.coupons, moved.entitlements, 0)
    assert Coupon.objects.filter(member=bob).count() == held


def test_rooms_forget_one_and_leave_the_other(pair, noon):
    ann, bob = pair
    tiers_actions.open_challenge(member_id=ann.id, seq=1, words="why", at=noon, actor="member")
    tiers_actions.open_challenge(member_id=bob.id, seq=1, words="why", at=noon, actor="member")
    open_to_words()
    who = {"member_ids": [bob.id], "at": noon, "actor": "test"}
    for _repeat in range(2):
        orders_actions.forget(words=["c-bob"], **who)
        points_actions.forget(**who)
        tiers_actions.forget(**who)
        messaging_actions.forget(addresses=[("email", "bob@example.com"), ("phone", "+8613")], words=["bob"], **who)
    assert benefits_actions.forget(**who) == Coupon.objects.filter(member=bob, void_reason="erased").count()
    assert benefits_actions.forget(**who) == 0
    assert dict(Challenge.objects.values_list("member_id", "words")) == {ann.id: "why", bob.id: "erased"}
    assert Order.objects.get(order_id="A1").member_reference and not Order.objects.get(order_id="B1").member_reference
    assert Suppression.objects.count() == 2 and Balance.objects.filter(member=bob).exists()
