"""The api's calls of a checkout: a cart is quoted, held, paid for, or given up."""

import datetime as dt
import uuid

from django.http import HttpRequest, HttpResponse
from ninja import Router

from kit import clock
from members import queries as members_queries
from membership_site.api import pages
from membership_site.api.authentication import actor_of, key_of, needs
from membership_site.api.idempotency import HEADER, once, once_if_asked
from membership_site.api.pages import checkout as checkout_pages
from membership_site.api.problems import Refusal
from membership_site.api.schemas import answers
from membership_site.api.schemas import checkout as schemas
from membership_site.flows import checkout_quoted, checkout_released, checkout_reserved
from membership_site.flows.checkout_quoted import Quote

router = Router(tags=["Checkout"])


@router.post(
    "/quotes", **needs("checkout:write", only_reads=True), response=schemas.QuoteAnswer, summary="Price a cart"
)
def quote_cart(request: HttpRequest, body: schemas.QuoteBody) -> HttpResponse:
    """Prices a cart for a member: his coupons and benefits, typed codes and points, best combined, with every reason.

    Writes nothing, so it needs no Idempotency-Key and may be asked at every change of the cart.
    """
    member = members_queries.get_by_reference(body.member.reference(), body.source or "")
    with pages.in_language(request, member.language):
        at = clock.now()
        quote = checkout_quoted.quote_guessed(asked=body.asked(member.id), api_key=_guesser(request), at=at)
        return answers.reply(200, checkout_pages.quote_answer(quote, at))


@router.post(
    "/reservations",
    **needs("checkout:write"),
    response={201: schemas.ReservationAnswer},
    summary="Hold a quoted cart",
)
def reserve_cart(request: HttpRequest, body: schemas.ReservationBody) -> HttpResponse:
    """Holds what a quote uses - coupons, points, budgets, quotas - for 15 minutes, or as long as asked.

    Where the cart comes to anything else by now it is a 409 with the fresh `quote`, and nothing is held.
    """
    at, actor = clock.now(), actor_of(request)
    member = members_queries.get_by_reference(body.member.reference(), body.source or "")
    # The call's key names the reservation: the same one again is the same one.
    key = f"api:{key_of(request).id}:{request.headers.get(HEADER, '').strip()}"

    def deed() -> HttpResponse:
        with pages.in_language(request, member.language):
            try:
                held = checkout_reserved.reserve(
                    asked=body.asked(member.id),
                    quote_hash=body.quote_hash,
                    source_key=key,
                    lasts=body.lasts,
                    api_key=_guesser(request),
                    at=at,
                    actor=actor,
                )
            except checkout_reserved.QuoteChanged as changed:
                raise _with_quote("quote_changed", str(changed), changed.quote, at) from changed
            except checkout_reserved.GoodsRefused as refused:
                raise _with_quote("goods_refused", str(refused), refused.quote, at) from refused
            return answers.reply(201, checkout_pages.reservation_answer(held))

    return once(request, deed)


@router.post(
    "/reservations/{reservation}/extend",
    **needs("checkout:write"),
    response=schemas.ReservationAnswer,
    summary="Hold a cart longer",
)
def extend_reservation(request: HttpRequest, reservation: uuid.UUID, body: schemas.ExtendBody) -> HttpResponse:
    """Holds a cart for so long from now; it never ends earlier by that."""
    at, actor = clock.now(), actor_of(request)
    lasts = dt.timedelta(seconds=body.ttl_seconds)

    def deed() -> HttpResponse:
        view = checkout_reserved.extend(checkout=reservation, lasts=lasts, at=at, actor=actor)
        return answers.reply(200, checkout_pages.reservation_answer(view))

    return once(request, deed)


@router.post(
    "/reservations/{reservation}/confirm",
    **needs("checkout:write"),
    response=schemas.ConfirmedAnswer,
    summary="Pay for an order with what is held",
)
def confirm_reservation(request: HttpRequest, reservation: uuid.UUID, body: schemas.ConfirmBody) -> HttpResponse:
    """Uses what is held for an order, once; the same order again gives the same answer, another one is a 409.

    A reservation whose time ran out is confirmed all the same where everything is still to be had as it was quoted,
    else it is a 409 with the fresh `quote`.
    """
    at, actor = clock.now(), actor_of(request)

    def deed() -> HttpResponse:
        try:
            done = checkout_reserved.confirm(
                checkout=reservation, source=body.source, order_id=body.order_id, at=at, actor=actor
            )
        except checkout_reserved.ReservationExpired as expired:
            raise _with_quote("reservation_expired", str(expired), expired.quote, at) from expired
        return answers.reply(200, checkout_pages.confirmed_answer(done.checkout))

    return once(request, deed)


@router.delete(
    "/reservations/{reservation}",
    **needs("checkout:write"),
    response=schemas.ReservationAnswer,
    summary="Give up what is held",
)
def release_reservation(request: HttpRequest, reservation: uuid.UUID) -> HttpResponse:
    """Gives back what is held, once; again changes nothing. One that has paid for an order is a 409."""
    at, actor = clock.now(), actor_of(request)

    def deed() -> HttpResponse:
        view = checkout_released.release(checkout=reservation, at=at, actor=actor)
        return answers.reply(200, checkout_pages.reservation_answer(view))

    return once_if_asked(request, deed)


def _guesser(request: HttpRequest) -> str:
    """Whose wrong codes are counted together beside the member's: those of one key."""
    return str(key_of(request).id)


def _with_quote(code: str, detail: str, quote: Quote, at: dt.datetime) -> Refusal:
    fresh = checkout_pages.quote_answer(quote, at)
    return Refusal(409, code, detail, facts={"quote": fresh.model_dump(mode="json")})
