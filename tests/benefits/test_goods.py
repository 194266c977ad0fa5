"""Goods that members see otherwise: added once, ended, and listed."""

import datetime as dt
from decimal import Decimal

import pytest

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.actions import NewGoods
from benefits.enums import GoodsKind
from benefits.models import MemberGoods
from tests.benefits.matrices import DEED
from tests.conftest import NOON

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TEA = NewGoods(GoodsKind.MEMBER_PRICE, "tea", NOON, name="Tea", price=Decimal("9.50"))


def add(*goods):
    return benefits_actions.add_goods(goods=goods, **DEED)


def test_added_once(programme):
    cup = NewGoods(GoodsKind.MEMBER_ONLY, "cup", NOON)
    assert add(TEA, cup) == 2
    assert add(TEA, cup) == 0
    with pytest.raises(benefits_actions.GoodsThere):
        add(
            NewGoods(GoodsKind.MEMBER_PRICE, "tea", NOON, price=Decimal(8)),
            NewGoods(GoodsKind.MEMBER_ONLY, "pot", NOON),
        )
    with pytest.raises(benefits_actions.GoodsThere):
        add(NewGoods(GoodsKind.MEMBER_ONLY, "pot", NOON), NewGoods(GoodsKind.MEMBER_ONLY, "pot", NOON))
    assert [row.sku for row in benefits_queries.list_goods(NOON)] == ["cup", "tea"]
    assert [row.sku for row in benefits_queries.list_goods(NOON, text="Te")] == ["tea"]


def test_ended_at_once_and_what_never_began_is_gone(programme):
    add(TEA, NewGoods(GoodsKind.MEMBER_ONLY, "cup", NOON + 9 * DAY))
    tea, cup = MemberGoods.objects.order_by("id").values_list("id", flat=True)
    for _ in range(2):
        benefits_actions.end_goods(goods_id=tea, at=NOON + DAY, actor="staff:1")
    benefits_actions.end_goods(goods_id=cup, at=NOON + DAY, actor="staff:1")
    with pytest.raises(benefits_actions.NoGoods):
        benefits_actions.end_goods(goods_id=cup, at=NOON + DAY, actor="staff:1")
    assert MemberGoods.objects.get().ends_at == NOON + DAY
    assert [row.sku for row in benefits_queries.goods_of(["tea"], NOON)] == ["tea"]
    assert benefits_queries.goods_of(["tea"], NOON + DAY) == []
