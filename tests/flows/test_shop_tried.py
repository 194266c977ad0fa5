"""The reference shop sells and takes back as a real shop would tell of it."""

from typing import Any

import pytest

from benefits.enums import CheckoutState
from members.models import Member
from membership_site.flows import checkout_reserved, shop_tried
from membership_site.flows.checkout_quoted import Asked
from orders.models import Order
from orders.rules import BadStatement
from points import queries as points_queries
from tests.benefits.coupons import define, give
from tests.conftest import NOON
from tests.flows.carts import counts, quote, rich
from tests.flows.shop import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(join: Any) -> Member:
    """Ann has 1,000 points and a coupon."""
    member: Member = join("ann")
    rich(member.id)
    define(minimum="50.00")
    give(member.id)
    return member


def hold(ann: Member, units: dict[str, int], points: int = 0) -> Any:
    """Will hold a cart of the shop's articles."""
    asked = Asked(ann.id, shop_tried.cart_of(units, "CNY"), (), points, shop_tried.SOURCE)
    quoted = quote(asked).hash
    return checkout_reserved.reserve(
        asked=asked, quote_hash=quoted, source_key="shop:1", lasts=None, at=NOON, actor="member"
    )


def test_a_cart_has_what_the_shop_sells_and_nothing_else() -> None:
    cart = shop_tried.cart_of({"TEA-9": 2, "LAMP-1": 0, "NOWHERE": 3}, "CNY")
    assert [(line.sku, line.quantity, str(line.unit_price)) for line in cart.lines] == [("TEA-9", 2, "39.50")]


def test_every_article_is_named_in_three_languages() -> None:
    assert all(set(article.names) == {"en", "zh-hans", "zh-hant"} for article in shop_tried.ARTICLES)


def test_paying_states_the_order_as_it_was_quoted_once(ann: Member, join: Any) -> None:
    held = hold(ann, {"TEA-9": 2}, points=300)
    for _ in range(2):
        paid = shop_tried.pay(checkout=held, number=ann.number, currency="CNY", at=NOON, actor="member")
        assert paid.state == CheckoutState.CONFIRMED
    [order] = Order.objects.filter(source=shop_tried.SOURCE)
    assert order.order_id == shop_tried.order_id_of(held)
    assert (str(order.basis.normalize()), order.points_paid) == ("69", 300)
    assert held.quote["to_earn"] == 69 == points_queries.get_balance(ann.id, NOON).pending
    assert shop_tried.left_of(paid) == {"3": 2}


def test_units_that_come_back_bring_shares_and_the_last_one_the_coupon(ann: Member) -> None:
    held = hold(ann, {"TEA-9": 2}, points=300)
    assert shop_tried.left_of(held) == {}
    paid = shop_tried.pay(checkout=held, number=ann.number, currency="CNY", at=NOON, actor="member")
    first = shop_tried.take_back(checkout=paid, units={"3": 1}, at=NOON + DAY, actor="member")
    assert [(str(one.amount.normalize()), one.is_back) for one in first.discounts] == [("5", False)]
    last = shop_tried.take_back(checkout=paid, units={"3": 1}, at=NOON + 2 * DAY, actor="member")
    assert [(str(one.amount.normalize()), one.is_back) for one in last.discounts] == [("5", True)]
    assert first.restored + last.restored == 300
    assert counts()[:2] == (0, 0)
    assert shop_tried.left_of(paid) == {"3": 0}
    with pytest.raises(BadStatement):
        shop_tried.take_back(checkout=paid, units={"9": 1}, at=NOON + 3 * DAY, actor="member")


def test_a_checkout_is_only_its_members_own(ann: Member, join: Any) -> None:
    held = hold(ann, {"TEA-9": 2})
    assert shop_tried.find_of_member(held.id, ann.id) == held
    assert shop_tried.find_of_member(held.id, join("bob").id) is None
