"""The reference shop: a cart is priced, held, paid for, taken back or given up, as a shop does by the api."""

import datetime as dt
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.queries import CheckoutView
from kit import clock
from membership_site import formats
from membership_site.flows import checkout_quoted, checkout_released, checkout_reserved, shop_tried
from membership_site.flows.checkout_quoted import Quote
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.forms.shop import CartForm, HoldForm, new_key
from membership_site.portal.pages import shop as pages

LONGER = dt.timedelta(minutes=15)


def _insist() -> None:
    if not settings.DEMO_SHOP:
        raise Http404("The reference shop is closed.")


@require_safe
@never_cache
@member_page
def show_shop(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show the articles, and what a cart comes to where units are in the address; nothing is written."""
    _insist()
    form = CartForm(request.GET or None)
    if not form.is_valid():
        return _shop(request, visitor, form, None, 422 if form.errors else 200)
    try:
        return _shop(request, visitor, form, _priced(form, visitor))
    except benefits_queries.TooManyGuesses:
        form.add_error("codes", _("Too many wrong codes were tried. Wait a minute, then try again."))
        return _shop(request, visitor, form, None, 429)


@require_POST
@never_cache
@member_page
def hold(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will hold the cart as it was shown; one that comes to something else by now is shown anew with 409."""
    _insist()
    form, held = CartForm(request.POST), HoldForm(request.POST)
    if not form.is_valid() or not held.is_valid() or not form.units:
        messages.error(request, _("The cart could not be read. Nothing was held; fill it again."))
        return redirect("portal:shop")
    at = clock.now()
    try:
        view = checkout_reserved.reserve(
            asked=form.asked(visitor.key.id),
            quote_hash=held.cleaned_data["quote_hash"],
            source_key=f"shop:{held.cleaned_data['form_key']}",
            lasts=None,
            at=at,
            actor="member",
        )
    except (checkout_reserved.QuoteChanged, checkout_reserved.GoodsRefused) as changed:
        messages.warning(request, _("The cart comes to something else by now. Nothing was held; look at it again."))
        return _shop(request, visitor, form, changed.quote, 409)
    except benefits_actions.CheckoutKeyReused:
        messages.error(request, _("This page was used for another cart. Nothing was held; fill the cart again."))
        return redirect("portal:shop")
    except benefits_queries.TooManyGuesses:
        form.add_error("codes", _("Too many wrong codes were tried. Wait a minute, then try again."))
        return _shop(request, visitor, form, None, 429)
    return redirect("portal:shop_checkout", view.id)


@require_safe
@never_cache
@member_page
def show_checkout(request: HttpRequest, visitor: Visitor, checkout: uuid.UUID) -> HttpResponse:
    """Will show what a checkout holds or has paid for."""
    _insist()
    page = pages.checkout_page(_his(checkout, visitor), clock.now())
    return render(request, "portal/shop_checkout.html", {"page": page, "tab": "shop"})


@require_POST
@never_cache
@member_page
def act(request: HttpRequest, visitor: Visitor, checkout: uuid.UUID) -> HttpResponse:
    """Will do with a checkout what the pressed button says: pay, extend, release, or take units back."""
    _insist()
    view, at = _his(checkout, visitor), clock.now()
    deed = DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        messages.error(request, _("There is no such button. Nothing was done."))
    else:
        _attempt(request, lambda: deed(request, visitor, view, at))
    return redirect("portal:shop_checkout", checkout)


# ---- leaves


def _shop(
    request: HttpRequest, visitor: Visitor, form: CartForm, quote: Quote | None, status: int = 200
) -> HttpResponse:
    page = pages.shop_page(form, quote, visitor.key.id, clock.now())
    shown = {"page": page, "form": form, "key": new_key(), "tab": "shop"}
    return render(request, "portal/shop.html", shown, status=status)


def _priced(form: CartForm, visitor: Visitor) -> Quote | None:
    if not form.units:
        return None
    return checkout_quoted.quote_guessed(asked=form.asked(visitor.key.id), at=clock.now())


def _his(checkout: uuid.UUID, visitor: Visitor) -> CheckoutView:
    view = shop_tried.find_of_member(checkout, visitor.key.id)
    if view is None:
        raise Http404("There is no such checkout.")
    return view


def _attempt(request: HttpRequest, deed: Callable[[], None]) -> None:
    """Will do a deed, or say why it could not be done."""
    try:
        deed()
    except benefits_actions.CheckoutTaken:
        messages.warning(request, _("This cart is paid for already. Nothing was changed."))
    except benefits_actions.CheckoutClosed:
        messages.warning(request, _("This cart is over. Nothing was changed; fill it again."))
    except checkout_reserved.ReservationExpired:
        messages.warning(request, _("Its time ran out, and it is not to be had as it was. Nothing was paid."))


def _pay(request: HttpRequest, visitor: Visitor, view: CheckoutView, at: dt.datetime) -> None:
    number, currency = visitor.key.number, settings.PROGRAMME_CURRENCY
    shop_tried.pay(checkout=view, number=number, currency=currency, at=at, actor="member")
    messages.success(request, _("Paid. The order is stated, and its points are on the way."))


def _extend(request: HttpRequest, visitor: Visitor, view: CheckoutView, at: dt.datetime) -> None:
    longer = checkout_reserved.extend(checkout=view.id, lasts=LONGER, at=at, actor="member")
    messages.success(request, _("Held until %(time)s.") % {"time": formats.clock(longer.expires_at)})


def _release(request: HttpRequest, visitor: Visitor, view: CheckoutView, at: dt.datetime) -> None:
    checkout_released.release(checkout=view.id, at=at, actor="member")
    messages.success(request, _("Given up. What it held is free again."))


def _take_back(request: HttpRequest, visitor: Visitor, view: CheckoutView, at: dt.datetime) -> None:
    left = shop_tried.left_of(view)
    typed = {line_id: request.POST.get(f"back-{line_id}", "").strip() for line_id in left}
    units = {line_id: int(text[:6]) for line_id, text in typed.items() if text.isascii() and text.isdecimal()}
    if not any(units.values()) or any(units[line_id] > left[line_id] for line_id in units):
        messages.error(request, _("Choose from 1 to as many units as are left. Nothing came back."))
        return
    answer = shop_tried.take_back(checkout=view, units=units, at=at, actor="member")
    said = [_("Taken back: %(points)s points.") % {"points": formats.num(answer.reversed)}]
    if answer.restored:
        said.append(_("%(points)s points that had paid came back.") % {"points": formats.num(answer.restored)})
    said += [
        _("The coupon %(code)s can be used again.") % {"code": back.code} for back in answer.discounts if back.is_back
    ]
    messages.success(request, formats.prose(said))


DEEDS = {"pay": _pay, "extend": _extend, "release": _release, "take_back": _take_back}
