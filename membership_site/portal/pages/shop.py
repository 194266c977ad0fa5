"""The reference shop's pages: articles, what a cart comes to and why, and what a checkout holds or has paid for."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.forms import BoundField
from django.utils.translation import gettext as _

from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.enums import CheckoutState
from benefits.queries import CheckoutView
from benefits.rules.coupons import Rejection
from kit import clock
from membership_site import formats
from membership_site.flows import shop_tried
from membership_site.flows.checkout_quoted import Quote, applied_of, rejected_of
from membership_site.portal.forms.shop import CartForm
from points import queries as points_queries
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording


@dataclass(frozen=True)
class Shelf:
    """An article with the field for its units."""

    name: str
    price: Decimal
    icon: str
    field: BoundField


@dataclass(frozen=True)
class Row:
    """A line of a sum: what, and how much is added or taken off."""

    words: str
    amount: Decimal


@dataclass(frozen=True)
class Refused:
    """Something that was considered and is not used, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class CartShown:
    """What a cart comes to: its sum row by row, what was not used, and what it would earn."""

    rows: tuple[Row, ...]
    total: Decimal
    points: int
    to_earn: int
    saved: Decimal
    rejected: tuple[Refused, ...]
    goods: tuple[Refused, ...]
    quote_hash: str


@dataclass(frozen=True)
class ShopPage:
    """The shop: shelves, the member's points, and the cart where one is priced."""

    shelves: tuple[Shelf, ...]
    available: int
    cart: CartShown | None
    is_empty: bool


def shop_page(form: CartForm, quote: Quote | None, member_id: int, at: dt.datetime) -> ShopPage:
    """Will assemble the shop, with what a cart comes to where it was priced. Some six queries."""
    return ShopPage(
        shelves=tuple(
            Shelf(benefits_wording.named(one.names, one.sku), one.price, one.icon, form[f"units-{one.sku}"])
            for one in shop_tried.ARTICLES
        ),
        available=points_queries.get_balance(member_id, at).available,
        cart=_cart(quote, at) if quote else None,
        is_empty=form.is_bound and form.is_valid() and not form.units,
    )


def _cart(quote: Quote, at: dt.datetime) -> CartShown:
    tiers = tiers_queries.tiers_of_ladder(clock.business_date(at))
    names = {tier.code: tiers_wording.tier_name(tier) for tier in tiers}
    names |= {key: benefits_wording.named(source.names, source.code) for key, source in quote.sources.items()}
    unknown = benefits_wording.rejection_words(Rejection("unknown"), formats)
    considered = [
        Refused(names[source.offer.key], benefits_wording.rejection_words(why, formats, names))
        for source, why in rejected_of(quote)
    ]
    return CartShown(
        rows=tuple(_rows(quote, names)),
        total=quote.total,
        points=quote.points.points,
        to_earn=quote.to_earn,
        saved=quote.combination.saved + sum((line.member_saving for line in quote.lines), Decimal(0)),
        rejected=(*considered, *(Refused(code, unknown) for code in quote.unknown)),
        goods=tuple(
            Refused(_article_name(sku), benefits_wording.goods_words(why, formats)) for sku, why in quote.refused
        ),
        quote_hash=quote.hash,
    )


def _rows(quote: Quote, names: Mapping[str, str]) -> list[Row]:
    """Goods, members' prices, coupons and benefits, shipping, points: the rows sum to the total."""
    goods = sum((line.amount for line in quote.lines), Decimal(0))
    members = sum((line.member_saving for line in quote.lines), Decimal(0))
    rows = [Row(_("Goods"), goods)]
    if members:
        rows.append(Row(_("Members’ prices"), -members))
    applied = applied_of(quote)
    rows += [Row(names[source.offer.key], -(one.amount - one.shipping)) for source, one in applied if not one.shipping]
    rows.append(Row(_("Shipping"), quote.asked.cart.shipping))
    rows += [Row(names[source.offer.key], -one.shipping) for source, one in applied if one.shipping]
    if quote.points.points:
        said = _("%(points)s points") % {"points": formats.num(quote.points.points)}
        rows.append(Row(said, -quote.points.amount))
    return rows


def _article_name(sku: str) -> str:
    article = next(one for one in shop_tried.ARTICLES if one.sku == sku)
    return benefits_wording.named(article.names, sku)


@dataclass(frozen=True)
class Unit:
    """A line of a paid order of which units may come back."""

    line_id: str
    name: str
    left: int


@dataclass(frozen=True)
class CheckoutPage:
    """A checkout: where it stands, what it comes to, and what can be done with it now."""

    id: uuid.UUID
    state: str
    is_held: bool
    is_paid: bool
    expires_at: dt.datetime
    total: Decimal
    points: int
    to_earn: int
    applied: tuple[tuple[str, Decimal], ...]
    order_id: str
    source: str
    units: tuple[Unit, ...]


def _applied(view: CheckoutView, at: dt.datetime) -> tuple[tuple[str, Decimal], ...]:
    """Will return what a checkout's coupons and benefits take off, by their names. Two queries, and one at first."""
    applied = view.quote["applied"]
    coupons = benefits_queries.candidates_of(view.member_id, at, [code for code, _, _ in applied])
    names = {one.code: one.names for one in coupons}
    matrix = benefits_queries.matrix_on(clock.business_date(at))
    names |= {benefit.code: benefit.names for benefit in matrix.benefits}
    return tuple((benefits_wording.named(names.get(code, {}), code), Decimal(amount)) for code, _, amount in applied)


def checkout_page(view: CheckoutView, at: dt.datetime) -> CheckoutPage:
    """Will assemble a checkout as it stands at an instant. At most five queries."""
    state = view.state_at(at)
    left = shop_tried.left_of(view) if state is CheckoutState.CONFIRMED else {}
    names = {line_id: texts[0] for line_id, _, _, _, *texts in view.request["lines"]}
    return CheckoutPage(
        id=view.id,
        state=benefits_wording.checkout_state_words(state),
        is_held=state is CheckoutState.HELD,
        is_paid=state is CheckoutState.CONFIRMED,
        expires_at=view.expires_at,
        total=Decimal(view.quote["total"]),
        points=view.points,
        to_earn=view.quote["to_earn"],
        applied=_applied(view, at),
        order_id=shop_tried.order_id_of(view),
        source=shop_tried.SOURCE,
        units=tuple(Unit(line_id, _article_name(names[line_id]), number) for line_id, number in left.items() if number),
    )
