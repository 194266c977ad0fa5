"""What a fresh installation offers for points, and what the demo adds: once, whatever was changed since."""

import pytest

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.models import CouponTerms, GiftItem, PartnerCode, Redemption, Reward
from membership_site.flows import demo, shop_tried, starter
from tests.benefits.shelf import redeem
from tests.points.conftest import give  # noqa: F401
from tests.points.proof import balanced  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]


def test_coupons_for_points_are_offered_once(join, give, noon):  # noqa: F811
    assert starter.offer_rewards(at=noon, actor="test") and not starter.offer_rewards(at=noon, actor="test")
    assert list(Reward.objects.order_by("code").values_list("code", "prices")) == [
        ("reward-10", {"*": 1000}),
        ("reward-50", {"*": 4500}),
    ]
    benefits_actions.change_stock(code="reward-10", by=5, key="k", at=noon, actor="test")
    assert not starter.offer_rewards(at=noon, actor="test") and Reward.objects.get(code="reward-10").left == 5
    offered = CouponTerms.objects.filter(definition__code__startswith="reward-").values_list("terms", flat=True)
    assert {terms["minimum"] for terms in offered} == {"20", "100"}
    ann = join("ann").id
    give(ann, 1000)
    assert redeem(ann, "k", "reward-10").code


def test_the_demo_has_one_reward_of_every_kind(join, give, noon):  # noqa: F811
    ann = join("ann").id
    give(ann, 20_000)
    assert demo.stock_shelf(at=noon) and not demo.stock_shelf(at=noon)
    assert set(Reward.objects.values_list("kind", flat=True)) == {"gift", "partner_code", "draw"}
    gifts = GiftItem.objects.exclude(code=starter.GIFT)
    assert (gifts.count(), PartnerCode.objects.count()) == (2, demo.CINEMA_CODES)
    for code in Reward.objects.values_list("code", flat=True):
        redeem(ann, code, code)
    assert Redemption.objects.count() == 4


def test_the_demos_shop_has_goods_for_members_once(join, noon):
    ann = join("ann").id
    assert demo.stock_shop(at=noon) and not demo.stock_shop(at=noon)
    skus = [article.sku for article in shop_tried.ARTICLES]
    usable = benefits_queries.usable_at_checkout(ann, skus, noon)
    assert usable.prices == {"ROSE-30": 108}
    assert (usable.not_his, list(usable.not_yet)) == (("SCARF-7",), ["LAMP-1"])
