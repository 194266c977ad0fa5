"""The reference shop: articles to try a cart with, sold and taken back as a real shop would tell of it.

It is there to see the checkout at work, and to be read by whoever connects a shop: quote, hold, confirm, order,
return, in this order. Shown only where DEMO_SHOP is on.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from benefits import queries as benefits_queries
from benefits.queries import CheckoutView
from benefits.rules.checkout import Cart, CartLine
from kit.money import exponent_of
from members.rules import MemberReference
from membership_site.flows import checkout_reserved, order_paid, order_refunded
from membership_site.flows.checkout_quoted import Asked, asked_of
from orders import queries as orders_queries
from orders.enums import OrderStatus
from orders.rules import LineStatement, OrderStatement, RefundStatement

SOURCE = "reference-shop"
SHIPPING = Decimal("8.00")


@dataclass(frozen=True, slots=True)
class Article:
    """Something that the reference shop sells."""

    sku: str
    names: Mapping[str, str]
    category: str
    brand: str
    price: Decimal
    icon: str


def _article(sku: str, names: tuple[str, str, str], category: str, brand: str, price: str, icon: str) -> Article:
    languages = ("en", "zh-hans", "zh-hant")
    return Article(sku, dict(zip(languages, names, strict=True)), category, brand, Decimal(price), icon)


ARTICLES = (
    _article("OAT-50", ("Oat hand cream", "燕麦护手霜", "燕麥護手霜"), "skincare", "Fernway", "60.25", "leaf"),
    _article("ROSE-30", ("Rose face oil", "玫瑰面部精油", "玫瑰面部精油"), "skincare", "Fernway", "128.00", "gem"),
    _article("TEA-9", ("Green tea, 100 g", "绿茶100克", "綠茶100克"), "tea", "Highmoor", "39.50", "leaf"),
    _article("CUP-2", ("Stoneware cup", "陶杯", "陶杯"), "kitchen", "Highmoor", "45.00", "gift"),
    _article("LAMP-1", ("Reading lamp", "阅读灯", "閱讀燈"), "home", "Lumen", "349.00", "sun"),
    _article("SCARF-7", ("Wool scarf", "羊毛围巾", "羊毛圍巾"), "clothing", "Lumen", "220.00", "gift"),
)  # fmt: skip


def cart_of(units: Mapping[str, int], currency: str) -> Cart:
    """Will return the cart of so many units by SKU; goods from nowhere are left out."""
    lines = tuple(
        CartLine(
            line_id=str(place),
            quantity=units[article.sku],
            unit_price=article.price,
            sku=article.sku,
            name=article.names["en"],
            category=article.category,
            brand=article.brand,
        )
        for place, article in enumerate(ARTICLES, 1)
        if units.get(article.sku)
    )
    return Cart(lines, SHIPPING, exponent_of(currency))


def find_of_member(checkout: uuid.UUID, member_id: int) -> CheckoutView | None:
    """Will return a member's own checkout of the reference shop, or None. One query."""
    view = benefits_queries.find_checkout(checkout)
    return view if view and view.member_id == member_id and view.request["channel"] == SOURCE else None


def order_id_of(checkout: CheckoutView) -> str:
    """Will return the number of the order that a checkout becomes: the shop's own, the same every time."""
    return f"R-{str(checkout.id)[:8].upper()}"


@transaction.atomic
def pay(*, checkout: CheckoutView, number: str, currency: str, at: dt.datetime, actor: str) -> CheckoutView:
    """Will confirm a checkout for its order and state the order as paid; again changes nothing.

    Raises what checkout_reserved.confirm raises.
    """
    order_id = order_id_of(checkout)
    done = checkout_reserved.confirm(checkout=checkout.id, source=SOURCE, order_id=order_id, at=at, actor=actor)
    if orders_queries.find_order(SOURCE, order_id) is None:
        statement = _statement(done.checkout, currency, at)
        order_paid.take_order(statement=statement, reference=MemberReference(number=number), at=at, actor=actor)
    return done.checkout


def take_back(
    *, checkout: CheckoutView, units: Mapping[str, int], at: dt.datetime, actor: str
) -> order_refunded.RefundAnswer:
    """Will take units of a paid checkout's order back; raises orders.rules.BadStatement, StatementChanged."""
    order_id = order_id_of(checkout)
    lines = tuple((line_id, quantity) for line_id, quantity in units.items() if quantity)
    statement = RefundStatement(SOURCE, order_id, f"back-{at.isoformat()}", at, lines)
    return order_refunded.take_refund(statement=statement, at=at, actor=actor)


def left_of(checkout: CheckoutView) -> dict[str, int]:
    """Will return how many units of each line of a paid checkout's order can still come back. Two queries."""
    order = orders_queries.find_order(SOURCE, order_id_of(checkout))
    if order is None or order.status != OrderStatus.PAID:
        return {}
    return {line.line_id: line.quantity - line.refunded_quantity for line in order.lines.order_by("position")}


def _statement(checkout: CheckoutView, currency: str, at: dt.datetime) -> OrderStatement:
    """The order as the shop tells of it: each line with what came off it, and how many points paid."""
    asked: Asked = asked_of(checkout.member_id, checkout.request)
    off = {
        line_id: Decimal(amount) - Decimal(left) - Decimal(points_amount)
        for line_id, amount, _, points_amount, left in checkout.quote["lines"]
    }
    lines = tuple(
        LineStatement(
            line_id=line.line_id,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount=off[line.line_id],
            sku=line.sku,
            name=line.name,
            category=line.category,
            brand=line.brand,
        )
        for line in asked.cart.lines
    )
    return OrderStatement(
        source=SOURCE,
        order_id=order_id_of(checkout),
        status=OrderStatus.PAID,
        placed_at=at,
        stated_at=at,
        currency=currency,
        lines=lines,
        shipping=Decimal(checkout.quote["shipping"]),
        points_paid=checkout.points,
    )
