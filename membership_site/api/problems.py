"""The api's problems: every error as application/problem+json (RFC 9457), and which exception is which problem."""

import json
import logging
import math
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import HttpError, ValidationError

from benefits.actions import CheckoutClosed, CheckoutKeyReused, CheckoutTaken, NoCheckout, OrderHasCheckout
from benefits.queries import TooManyGuesses
from kit import clock, counters
from kit.keys import parts_of
from members.actions import IdentityTaken
from members.queries import UnknownMember
from members.rules import BadIdentity
from orders.actions import StatementChanged
from orders.rules import BadStatement
from points.actions import KeyReused
from points.queries import NoPolicy
from tiers.queries import NoLadder

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
UNPROCESSABLE = "The request is understood, but cannot be carried out as it stands"

TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "A valid key is needed",
    403: "This key may not do that",
    404: "There is no such thing",
    405: "This method is not offered here",
    409: "It conflicts with what is known",
    411: "The request does not say its length",
    413: "The request is too large",
    415: "The request is not JSON",
    422: UNPROCESSABLE,
    429: "Too many tries",
    500: "Something went wrong on our side",
    503: "Not available at the moment",
}
"""The title of a problem, by status; what exactly is the matter is its code and detail."""

CODES: Mapping[str, tuple[int, str]] = {
    "bad_request": (400, "The request cannot be read, or broke off."),
    "bad_json": (400, "The body is not JSON, has a field twice, or a number that JSON does not have."),
    "encoding": (400, "The body is not UTF-8."),
    "too_deep": (400, "The body's objects and lists stand too deep in each other."),
    "idempotency_key_missing": (400, "A POST needs the header Idempotency-Key."),
    "idempotency_key_bad": (400, "The header Idempotency-Key is empty, too long or not printable ASCII."),
    "unauthorized": (401, "No key, a wrong one, or one that was revoked."),
    "forbidden": (403, "The key lacks the scope of this call."),
    "not_found": (404, "The address is none of the api."),
    "unknown_member": (404, "No member has this number."),
    "unknown_reward": (404, "There is no reward of this code."),
    "unknown_redemption": (404, "There is no redemption of this id."),
    "method_not_allowed": (405, "The address does not offer this method; see the header Allow."),
    "unknown_reservation": (404, "There is no reservation of this id."),
    "quote_changed": (409, "The cart comes to something else than was quoted: see quote."),
    "goods_refused": (409, "The cart has goods that the member may not buy: see rejected in quote."),
    "reservation_expired": (409, "The reservation's time ran out and it cannot be had as it was: see quote."),
    "reservation_released": (409, "The reservation was given up; what it held is free again."),
    "reservation_taken": (409, "The reservation has paid for another order: see order_id."),
    "order_has_reservation": (409, "Another reservation has paid for the order."),
    "identity_taken": (409, "Somebody is known by this e-mail address, phone number or external id: see number."),
    "statement_changed": (409, "A refund or event came again under its id with other content; the first stands."),
    "reward_not_joined": (409, "The member has not joined, so has no points to redeem."),
    "reward_off": (409, "The reward is not offered at present."),
    "reward_not_yet": (409, "The reward is not offered yet."),
    "reward_over": (409, "The reward is not offered any more."),
    "reward_not_for_tier": (409, "The reward is not for the member's tier."),
    "reward_sold_out": (409, "None of the reward is left."),
    "reward_limit": (409, "The member has had the reward as often as one member may."),
    "reward_not_enough": (409, "The member cannot spend so many points: see missing."),
    "not_cancellable": (409, "The redemption cannot be cancelled: its reason is used, held, sent, read or draw."),
    "idempotency_key_running": (409, "The first call with this Idempotency-Key is still running."),
    "length_required": (411, "The body comes in chunks, without Content-Length."),
    "too_large": (413, "The body has more than 5 MB."),
    "media_type": (415, "The body is not sent as application/json."),
    "idempotency_key_reused": (422, "The Idempotency-Key was used for another call."),
    "invalid": (422, "Several things are wrong; see errors."),
    "missing": (422, "A field is missing or empty."),
    "unknown_field": (422, "There is no field of this name."),
    "type": (422, "A value is of another type."),
    "choice": (422, "A value is none of those offered."),
    "range": (422, "A number is too small or too large."),
    "format": (422, "A text is not written as it should be."),
    "too_long": (422, "A text is too long, or ids are too long together."),
    "too_many": (422, "A list has too many entries."),
    "characters": (422, "A text has characters that cannot be kept."),
    "identity": (422, "An e-mail address or phone number cannot be one."),
    "member": (422, "The member is not named by exactly one of number, email, phone and external_id."),
    "message": (422, "The message is not named by exactly one of token and provider_id."),
    "instant": (422, "An instant does not exist, or has no offset."),
    "date": (422, "A date does not exist."),
    "too_early": (422, "An instant is before 1990."),
    "in_the_future": (422, "An instant is more than a day ahead."),
    "amount": (422, "An amount is negative, too large or not written as one."),
    "decimals": (422, "An amount has more decimals than the currency."),
    "currency": (422, "The currency is not the programme's."),
    "quantity": (422, "A quantity is no whole number of units from 1 to a million."),
    "duplicate": (422, "A line stands twice."),
    "discount_too_large": (422, "A discount is larger than what it is taken from."),
    "unknown_line": (422, "The order has no such line."),
    "cursor": (422, "The cursor is none of ours."),
    "out_of_range": (422, "A value is too large to be kept."),
    "too_many_guesses": (429, "Too many codes were tried that do not exist; see the header Retry-After."),
    "fault": (500, "A fault of ours; nothing was done. Its number stands in detail and in the log."),
    "busy": (503, "The database could not answer; nothing was done."),
    "not_ready": (503, "No programme has been published."),
}
"""Every code a problem may have, with its status and meaning; the page of the api lists them."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field; `field` is its path, as lines.0.quantity."""

    field: str
    code: str
    message: str


class Refusal(Exception):
    """A request that is answered with a problem; nothing was done. `facts` stand in the problem beside its fields."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers, self.facts = errors, headers or {}, facts or {}
        super().__init__(detail)


def refused_fields(errors: Sequence[FieldProblem], detail: str = "") -> Refusal:
    """Will make a 422 of what is wrong field by field; its code is theirs where they have one in common."""
    codes = {error.code for error in errors}
    first = errors[0]
    many = f" And {len(errors) - 1} more." if len(errors) > 1 else ""
    words = detail or f"{first.field}: {first.message}{many} Nothing was done."
    return Refusal(422, codes.pop() if len(codes) == 1 else "invalid", words, errors=tuple(errors))


def refused_field(name: str, code: str, message: str) -> Refusal:
    """Will make a 422 of what is wrong with one field."""
    return refused_fields([FieldProblem(name, code, message)])


def answer(refusal: Refusal) -> HttpResponse:
    """Will write a problem, and count it by its code."""
    counters.add("refusals", refusal.code)
    body: dict[str, Any] = {
        "type": f"{reverse('api:docs')}#{refusal.code}",
        "title": TITLES[refusal.status],
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        **refusal.facts,
    }
    if refusal.errors:
        body["errors"] = [{"field": e.field, "code": e.code, "message": e.message} for e in refusal.errors]
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=refusal.status, content_type=CONTENT_TYPE)
    for name, value in refusal.headers.items():
        response[name] = value
    return response


# ---- from exceptions to problems


def refusal_of(error: Exception, request: HttpRequest) -> Refusal:
    """Will say which problem an exception is; one that nobody expected is logged under a number and becomes a 500."""
    for kind, make in KNOWN:
        if isinstance(error, kind):
            return make(error)
    reference = secrets.token_hex(4)
    log.error("fault %s at %s %s", reference, request.method, request.path, exc_info=error)
    return Refusal(500, "fault", f"Nothing was done. Try again; if it stays, ask with this number: {reference}.")


def _of_shape(error: Any) -> Refusal:
    """Will turn what ninja found wrong with path, query and body into field problems."""
    found = []
    for one in error.errors:
        place = list(one["loc"])
        # A body's errors begin with "body" and the name of our parameter, the others with where they stand.
        path = place[2:] if place[0] == "body" else place[1:]
        name = ".".join(str(part) for part in path) or str(place[0])
        found.append(FieldProblem(name, SHAPE_CODES.get(one["type"], one["type"]), _sentence(one)))
    return refused_fields(found)


SHAPE_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "string_too_short": "missing",
    "string_too_long": "too_long",
    "too_short": "missing",
    "too_long": "too_many",
    "string_type": "type",
    "int_type": "type",
    "int_from_float": "type",
    "int_parsing": "type",
    "bool_type": "type",
    "bool_parsing": "type",
    "dict_type": "type",
    "list_type": "type",
    "tuple_type": "type",
    "model_type": "type",
    "model_attributes_type": "type",
    "literal_error": "choice",
    "enum": "choice",
    "greater_than_equal": "range",
    "less_than_equal": "range",
    "string_pattern_mismatch": "format",
}
"""Our codes for the kinds of errors that pydantic knows; our own validators name theirs themselves."""


def _sentence(one: Mapping[str, Any]) -> str:
    if one["type"] == "missing":
        return "It is missing."
    if one["type"] == "extra_forbidden":
        return "There is no such field. Check its spelling."
    text = str(one["msg"]).removeprefix("Value error, ")
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _of_http(error: Any) -> Refusal:
    """ninja wraps whatever our parser raises; the refusal is the cause."""
    if isinstance(error.__cause__, Refusal):
        return error.__cause__
    return Refusal(error.status_code, "bad_request", str(error))


def _too_large(_error: Exception) -> Refusal:
    return Refusal(413, "too_large", "A body may have 5 MB at most. Nothing was done.")


def _unread(_error: Exception) -> Refusal:
    return Refusal(400, "bad_request", "The request broke off before its end. Nothing was done.")


def _not_found(_error: Exception) -> Refusal:
    return Refusal(404, "not_found", f"There is nothing at this address. See {reverse('api:docs')}.")


def _of_statement(error: Any) -> Refusal:
    return refused_field(error.field, error.code, str(error))


def _of_identity(error: Exception) -> Refusal:
    return refused_field("member", "identity", str(error))


def _taken(error: Any) -> Refusal:
    return Refusal(409, "identity_taken", str(error), facts={"number": error.number})


def _out_of_range(error: Exception) -> Refusal:
    """The database's own refusal of a value; our checks should have said it better, so it is logged."""
    log.warning("a value was refused by the database only: %s", error)
    return Refusal(422, "out_of_range", "A value is too large to be kept. Nothing was done.")


def _busy(error: Exception) -> Refusal:
    log.warning("the database could not answer: %s", error)
    headers = {"Retry-After": "2"}
    return Refusal(503, "busy", "The database could not answer. Nothing was done; try again.", headers=headers)


def _no_checkout(error: Exception) -> Refusal:
    return Refusal(404, "unknown_reservation", str(error))


def _checkout_taken(error: Any) -> Refusal:
    _, source, order_id = parts_of(error.order_key)
    return Refusal(409, "reservation_taken", str(error), facts={"source": source, "order_id": order_id})


def _order_has_checkout(error: Exception) -> Refusal:
    return Refusal(409, "order_has_reservation", str(error))


def _checkout_closed(error: Exception) -> Refusal:
    return Refusal(409, "reservation_released", str(error))


def _too_many_guesses(error: Any) -> Refusal:
    seconds = max(math.ceil((error.again_at - clock.now()).total_seconds()), 1)
    return Refusal(429, "too_many_guesses", str(error), headers={"Retry-After": str(seconds)})


def _checkout_key_reused(error: Exception) -> Refusal:
    return refused_field("Idempotency-Key", "idempotency_key_reused", str(error))


def _not_ready(error: Exception) -> Refusal:
    return Refusal(503, "not_ready", str(error))


KNOWN: Sequence[tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any], Refusal]]] = (
    (Refusal, lambda error: error),
    (ValidationError, _of_shape),
    (HttpError, _of_http),
    (Http404, _not_found),
    (RequestDataTooBig, _too_large),
    (UnreadablePostError, _unread),
    (BadStatement, _of_statement),
    (BadIdentity, _of_identity),
    (UnknownMember, lambda error: Refusal(404, "unknown_member", str(error))),
    (IdentityTaken, _taken),
    (StatementChanged, lambda error: Refusal(409, "statement_changed", str(error))),
    (KeyReused, lambda error: Refusal(409, "statement_changed", str(error))),
    (NoCheckout, _no_checkout),
    (CheckoutTaken, _checkout_taken),
    (OrderHasCheckout, _order_has_checkout),
    (CheckoutClosed, _checkout_closed),
    (CheckoutKeyReused, _checkout_key_reused),
    (TooManyGuesses, _too_many_guesses),
    ((NoPolicy, NoLadder), _not_ready),
    (DataError, _out_of_range),
    ((OperationalError, InterfaceError), _busy),
)


# ---- around the views

HEARD_AT_ONCE = 64 * 1024
HEARD_MAX = 32 * 1024 * 1024
"""How much of a refused body is read and thrown away before the answer."""


def guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Will make a view answer every error as a problem, HEAD like GET, and ask for no CSRF token."""

    @csrf_exempt
    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = request.method
        request.method = "GET" if asked == "HEAD" else asked
        try:
            response = view(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - refusal_of logs what it does not know
            response = answer(refusal_of(error, request))
        finally:
            request.method = asked  # the server leaves the body of a HEAD out
        if response.status_code == 405:
            offered = response.headers.get("Allow", "")
            detail = f"{request.method} is not offered here. Offered: {offered}."
            response = answer(Refusal(405, "method_not_allowed", detail, headers={"Allow": offered}))
        if response.status_code >= 400:
            _hear_out(request)
        return response

    return guard


def _hear_out(request: HttpRequest) -> None:
    """Who is refused while still sending would see a broken connection instead of the answer."""
    try:
        for _ in range(HEARD_MAX // HEARD_AT_ONCE):
            if not request.read(HEARD_AT_ONCE):
                return
    except OSError:
        return


@guarded
def not_found(_request: HttpRequest) -> HttpResponse:
    """Will answer whatever no other address of the api serves."""
    raise Http404
