"""Carts that tests quote, hold and pay for."""

import datetime as dt
from decimal import Decimal
from typing import Any

from benefits.models import Coupon, CouponCount, MemberCount
from benefits.queries import CheckoutView
from benefits.rules.checkout import Cart, CartLine
from membership_site.flows import checkout_quoted, checkout_reserved
from membership_site.flows.checkout_quoted import Asked, Quote
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from tests.conftest import NOON


def asked(
    member_id: int, *amounts: str, shipping: str = "8", points: int | str = 0, codes: tuple[str, ...] = ()
) -> Asked:
    """Asks for a cart with a line of one unit for each amount; "10x3" is three units at 10."""
    lines = []
    for place, amount in enumerate(amounts, 1):
        price, _, quantity = amount.partition("x")
        lines.append(CartLine(str(place), int(quantity or 1), Decimal(price), sku=f"s{place}", name=f"Article {place}"))
    return Asked(member_id, Cart(tuple(lines), Decimal(shipping)), codes, points, "web")


def rich(member_id: int, points: int = 1000, at: dt.datetime = NOON) -> None:
    """Will give a member points that can be spent."""
    today = at.date()
    points_actions.credit(
        member_id=member_id,
        wallet=Wallet.POINTS,
        source_key="rich",
        points=points,
        lot=(today, today + dt.timedelta(days=300)),
        explanation=[{"code": "test"}],
        policy_id=points_queries.policy_on(today).id,
        at=at,
        actor="test",
    )


def quote(what: Asked, at: dt.datetime = NOON) -> Quote:
    """Will price a cart."""
    return checkout_quoted.quote(asked=what, at=at)


def reserve(what: Asked, key: str = "cart:1", at: dt.datetime = NOON, **more: Any) -> CheckoutView:
    """Will hold what a cart's quote uses."""
    return checkout_reserved.reserve(
        asked=what, quote_hash=quote(what, at).hash, source_key=key, lasts=None, at=at, actor="test", **more
    )


def confirm(checkout: CheckoutView, order_id: str = "1", at: dt.datetime = NOON) -> checkout_reserved.Confirmed:
    """Will let a checkout pay for an order."""
    return checkout_reserved.confirm(checkout=checkout.id, source="web", order_id=order_id, at=at, actor="test")


def counts(definition: str = "ten") -> tuple[int, int, Decimal, Decimal]:
    """What was used of a coupon: (used, held, spent, held of its budget); counted alike for members and coupons."""
    [count] = CouponCount.objects.filter(definition__code=definition)
    for rows in (MemberCount.objects.filter(definition=count.pk), Coupon.objects.filter(definition=count.pk)):
        assert sum(row.used for row in rows) == count.used
        assert sum(row.held for row in rows) == count.held
    return count.used, count.held, count.spent, count.spent_held
