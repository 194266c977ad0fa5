"""GET of a member's entitlements: what can be used now, and what an article is to him."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from benefits import actions as benefits_actions
from benefits.actions import NewGoods
from benefits.enums import GoodsKind
from benefits.models import Entitlement
from tests.api.conftest import Shop
from tests.benefits.matrices import DEED, publish, raised, row
from tests.conftest import NOON

pytestmark = pytest.mark.django_db
NONE = {"price": None, "opens_at": None}


def test_what_can_be_used_now(shop: Shop, join: Any) -> None:
    """In the order of the matrix; nothing is marked as seen."""
    ann = raised(join("ann"), "silver")
    answer = shop.get(f"/members/{ann.number}/entitlements")
    assert answer.status_code == 200
    assert [(one["kind"], one["code"], one["quota_left"], one["until"]) for one in answer.json()] == [
        ("free_shipping", "free-shipping", None, "2027-03-03"),
        ("member_goods", "member-goods", None, "2027-03-03"),
        ("service", "priority-line", None, "2027-03-03"),
        ("coupon", "monthly-coupon", 1, "2026-03-31"),
    ]
    assert Entitlement.objects.get().seen_at is None
    assert shop.get("/members/M999/entitlements").status_code == 404


def test_what_an_article_is_to_him(shop: Shop, join: Any) -> None:
    """A price, the right to buy, the instant it opens; nothing where it is nothing special to him."""
    publish(row("prices", "member_price", {"diamond": {}}))
    opens = NOON + dt.timedelta(days=2)
    since = NOON - dt.timedelta(days=1)
    rows = [
        NewGoods(GoodsKind.MEMBER_PRICE, "tea", since, price=Decimal("9.5")),
        NewGoods(GoodsKind.MEMBER_ONLY, "tea", since),
        NewGoods(GoodsKind.EARLY_ACCESS, "pot", since, opens_at=opens),
    ]
    benefits_actions.add_goods(goods=rows, **DEED)
    eve, bob = raised(join("eve"), "diamond"), join("bob")
    found = {one["kind"]: one for one in shop.get(f"/members/{eve.number}/entitlements?sku=tea").json()}
    assert set(found) == {"member_price", "member_goods"}
    assert (found["member_price"]["price"], found["member_goods"]["price"]) == ("9.50", None)
    [early] = shop.get(f"/members/{eve.number}/entitlements?sku=pot").json()
    assert (early["kind"], early["opens_at"]) == ("early_access", "2026-03-04T04:00:00Z")
    for sku in ("tea", "pot"):
        assert shop.get(f"/members/{bob.number}/entitlements?sku={sku}").json() == []
