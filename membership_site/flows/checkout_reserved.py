"""A checkout holds what its quote uses, pays for its order with it, or gives it back once, with its time at the latest.

Locks are taken in one order: the member's wallets, the checkout, then what it holds of coupons and quotas.
"""

import datetime as dt
import logging
import math
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.actions import CheckoutClosed, Held, NoneLeft, TakenMeanwhile
from benefits.enums import CheckoutState, DiscountKind
from benefits.queries import CheckoutView
from kit import locks
from kit.keys import order_key as key_of_order
from kit.money import plain
from membership_site.flows import checkout_quoted, checkout_released, order_booking, points_reserved
from membership_site.flows.checkout_quoted import Asked, Quote
from orders import queries as orders_queries
from points import actions as points_actions
from tiers import queries as tiers_queries

logger = logging.getLogger(__name__)

MINUTES = 15
"""How long a checkout holds things where nothing else is asked."""


class QuoteChanged(Exception):
    """What was quoted is not so any more; nothing was held. `quote` is what the cart comes to now."""

    def __init__(self, quote: Quote) -> None:
        self.quote = quote
        super().__init__("The quote has changed meanwhile. Nothing was held; look at the fresh one.")


class GoodsRefused(Exception):
    """The cart has goods that the member may not buy; nothing was held."""

    def __init__(self, quote: Quote) -> None:
        self.quote = quote
        super().__init__("The cart has goods that the member may not buy. Nothing was held.")


class ReservationExpired(Exception):
    """The checkout's time ran out and it cannot be had again as it was; nothing was used. `quote` is of now."""

    def __init__(self, quote: Quote) -> None:
        self.quote = quote
        super().__init__("The reservation ended, and what it held is not to be had as it was. Nothing was used.")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A checkout that has paid for an order, and whether that is new."""

    checkout: CheckoutView
    is_new: bool


def reserve(
    *,
    asked: Asked,
    quote_hash: str,
    source_key: str,
    lasts: dt.timedelta | None,
    api_key: str = "",
    at: dt.datetime,
    actor: str,
) -> CheckoutView:
    """Will hold what a quote uses for a time; the same key and cart give the first reservation again as it stands.

    Whatever others held too long is given back before anybody is refused. Raises QuoteChanged where it comes to
    anything else than what was quoted, GoodsRefused, benefits.actions.CheckoutKeyReused, and
    benefits.queries.TooManyGuesses, which are counted for `api_key` too.
    """
    if known := _reserved_before(asked, source_key):
        return known
    checkout_released.lapse_own(member_id=asked.member_id, at=at, actor=actor)
    until = at + (lasts or dt.timedelta(minutes=MINUTES))
    for is_last in (False, True):
        quote = checkout_quoted.quote_guessed(asked=asked, api_key=api_key, at=at)
        if quote.refused:
            raise GoodsRefused(quote)
        if quote.hash != quote_hash:
            if not is_last and checkout_released.lapse_due(at=at, actor=actor):
                continue
            raise QuoteChanged(quote)
        try:
            return _hold(quote, source_key, until, at, actor)
        except (NoneLeft, TakenMeanwhile, points_actions.NotEnoughPoints):
            if is_last or not checkout_released.lapse_due(at=at, actor=actor):
                raise QuoteChanged(checkout_quoted.quote(asked=asked, at=at)) from None
    raise AssertionError("the loop returns or raises")


def extend(*, checkout: uuid.UUID, lasts: dt.timedelta, at: dt.datetime, actor: str) -> CheckoutView:
    """Will hold a checkout's things for a time from now; raises what benefits.actions.extend_checkout raises."""
    with transaction.atomic():
        known = checkout_released.get(checkout)
        if known.reservation_id and known.state_at(at) is CheckoutState.HELD:
            points_actions.extend(reservation_id=known.reservation_id, expires_at=at + lasts, at=at, actor=actor)
        return benefits_actions.extend_checkout(checkout=checkout, expires_at=at + lasts, at=at, actor=actor)


@transaction.atomic
def confirm(*, checkout: uuid.UUID, source: str, order_id: str, at: dt.datetime, actor: str) -> Confirmed:
    """Will let a checkout pay for an order, however often it is asked: coupons and points are used, once.

    One whose time ran out is held anew where everything is still to be had as quoted, else ReservationExpired is
    raised. Where the order is known already, what came back of it comes back at once. Raises what
    benefits.actions.confirm_checkout raises.
    """
    known = checkout_released.get(checkout)
    if known.state_at(at) is CheckoutState.LAPSED:
        known = _hold_again(known, at, actor)
    if known.state == CheckoutState.HELD and known.reservation_id:
        _confirm_points(known.reservation_id, source, order_id, at, actor)
    key = key_of_order(source, order_id)
    tier = tiers_queries.tier_before(known.member_id, at, key).code
    view, is_new = benefits_actions.confirm_checkout(checkout=checkout, order_key=key, tier=tier, at=at, actor=actor)
    order = orders_queries.find_order(source, order_id) if is_new else None
    if order and order.member_id == view.member_id:
        order_booking.return_discounts(order=order, occasion="confirm", at=at, actor=actor)
    return Confirmed(view, is_new)


# ---- leaves


def _confirm_points(reservation_id: uuid.UUID, source: str, order_id: str, at: dt.datetime, actor: str) -> None:
    """Will let points pay for the order; what others did meanwhile is said of the checkout."""
    try:
        points_reserved.confirm(reservation_id=reservation_id, source=source, order_id=order_id, at=at, actor=actor)
    except points_actions.ReservationTaken as taken:
        raise benefits_actions.CheckoutTaken(taken.order_key) from None
    except points_actions.OrderPaid as paid:
        raise benefits_actions.OrderHasCheckout(str(paid)) from None
    except points_actions.ReservationReleased:
        raise CheckoutClosed(CheckoutState.RELEASED) from None
    except points_actions.ReservationLapsed:
        raise CheckoutClosed(CheckoutState.LAPSED) from None


def _reserved_before(asked: Asked, source_key: str) -> CheckoutView | None:
    known = benefits_queries.find_checkout(benefits_queries.checkout_id(asked.member_id, source_key))
    if known and known.request != asked.as_stored():
        raise benefits_actions.CheckoutKeyReused(f"{source_key} was used for another cart. Nothing was held.")
    return known


@transaction.atomic
def _hold(quote: Quote, source_key: str, until: dt.datetime, at: dt.datetime, actor: str) -> CheckoutView:
    """Will hold what a quote uses, once for a key: whoever sends it at the same moment waits and gets the first one."""
    member_id = quote.asked.member_id
    checkout = benefits_queries.checkout_id(member_id, source_key)
    locks.take_turns([f"checkout:{checkout}"])
    if known := _reserved_before(quote.asked, source_key):
        return known
    reservation = _hold_points(quote, f"checkout:{checkout}", until, at, actor)
    return benefits_actions.hold_checkout(
        member_id=member_id,
        source_key=source_key,
        asked=quote.asked.as_stored(),
        quote=as_stored(quote),
        quote_hash=quote.hash,
        held=_held(quote, at, actor),
        points=quote.points.points,
        reservation_id=reservation,
        expires_at=until,
        at=at,
        actor=actor,
    )


def _hold_points(quote: Quote, source_key: str, until: dt.datetime, at: dt.datetime, actor: str) -> uuid.UUID | None:
    """Will reserve the points of a quote, no shorter than the checkout: it is the checkout that ends them."""
    if not quote.points.points:
        return None
    minutes = max(math.ceil((until - at) / dt.timedelta(minutes=1)), 1)
    return points_actions.reserve(
        member_id=quote.asked.member_id,
        source_key=source_key,
        points=quote.points.points,
        minutes=minutes,
        at=at,
        actor=actor,
    ).id


def _held(quote: Quote, at: dt.datetime, actor: str) -> list[Held]:
    """Will say what a quote uses, as benefits hold it; the quota of a counted benefit is taken here."""
    held = []
    for source, one in checkout_quoted.applied_of(quote):
        entitlement = None
        if source.is_counted:
            entitlement = benefits_actions.hold_use(
                member_id=quote.asked.member_id, benefit=source.benefit, at=at, actor=actor
            )
        coupon = source.coupon
        held.append(
            Held(
                key=one.offer.key,
                kind=one.offer.kind,
                amount=one.amount,
                shipping=one.shipping,
                lines=one.lines,
                benefit=source.benefit,
                coupon_id=coupon.coupon_id if coupon else None,
                definition_id=coupon.definition_id if coupon else None,
                member_max=coupon.terms.uses_per_member if coupon else None,
                entitlement_id=entitlement,
            )
        )
    savings = {line.line_id: line.member_saving for line in quote.lines if line.member_saving}
    if savings:
        held.append(_member_price(quote, savings))
    return held


def _member_price(quote: Quote, savings: dict[str, Decimal]) -> Held:
    return Held(
        key="benefit:member_price",
        kind=DiscountKind.MEMBER_PRICE,
        amount=sum(savings.values(), Decimal(0)),
        shipping=Decimal(0),
        lines=savings,
        benefit=quote.price_benefit,
    )


def _hold_again(known: CheckoutView, at: dt.datetime, actor: str) -> CheckoutView:
    """Will hold anew what a checkout held whose time ran out; raises ReservationExpired where it is not as quoted.

    One that has paid for an order meanwhile, or was held longer, is returned as it is by now.
    """
    try:
        checkout_released.lapse(checkout=known.id, at=at, actor=actor)
    except (benefits_actions.CheckoutTaken, checkout_released.StillHeld):
        return checkout_released.get(known.id)
    quote = checkout_quoted.quote(asked=checkout_quoted.asked_of(known.member_id, known.request), at=at)
    if quote.refused or quote.hash != known.quote_hash:
        raise ReservationExpired(quote)
    until = at + (known.expires_at - known.held_at)
    try:
        reservation = _hold_points(quote, f"checkout:{known.id}:{at.isoformat()}", until, at, actor)
        return benefits_actions.hold_checkout_again(
            checkout=known.id,
            held=_held(quote, at, actor),
            reservation_id=reservation,
            expires_at=until,
            at=at,
            actor=actor,
        )
    except (NoneLeft, TakenMeanwhile, points_actions.NotEnoughPoints):
        raise ReservationExpired(quote) from None


def as_stored(quote: Quote) -> dict[str, Any]:
    """Will return a quote as plain values, for the record of what was promised."""
    return {
        "total": plain(quote.total),
        "shipping": plain(quote.shipping),
        "points": quote.points.points,
        "points_amount": plain(quote.points.amount),
        "to_earn": quote.to_earn,
        "tier": quote.tier,
        "lines": [
            [line.line_id, plain(line.amount), plain(line.member_saving), plain(line.points_amount), plain(line.left)]
            for line in quote.lines
        ],
        "applied": [
            [source.code, one.offer.key, plain(one.amount)] for source, one in checkout_quoted.applied_of(quote)
        ],
    }
