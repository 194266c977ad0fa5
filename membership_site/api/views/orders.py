"""The api's call about orders: a shop states an order's full state."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from kit import clock
from membership_site.api import pages
from membership_site.api.authentication import actor_of, needs
from membership_site.api.idempotency import once_if_asked
from membership_site.api.schemas import answers, bodies, fields
from membership_site.flows import order_paid
from orders.enums import Recorded

router = Router(tags=["Orders"])


@router.put(
    "/{source}/{path:order_id}",
    **needs("orders:write"),
    response={200: answers.OrderAnswer | answers.IgnoredStale, 201: answers.OrderAnswer, 202: answers.Parked},
    summary="State an order",
)
def state_order(
    request: HttpRequest, source: fields.Source, order_id: fields.Id, order: bodies.OrderBody
) -> HttpResponse:
    """States an order's full state: it earns when paid, gives back when edited or cancelled, and moves the tier.

    A repeat gives the same answer. An order of an unknown member is parked (202) until he joins; a statement older
    than the one known (`updated_at`, or `placed_at` where it is left out) changes nothing.
    """
    at, actor = clock.now(), actor_of(request)
    statement = order.statement(source, order_id)

    def deed() -> HttpResponse:
        done = order_paid.take_order(statement=statement, reference=order.member.reference(), at=at, actor=actor)
        if done.outcome == Recorded.PARKED:
            return answers.reply(202, answers.Parked())
        if done.outcome == Recorded.STALE:
            return answers.reply(200, answers.IgnoredStale())
        with pages.in_language_of(request, done.member_number):
            return answers.reply(201 if done.outcome == Recorded.NEW else 200, pages.order_answer(done, at))

    return once_if_asked(request, deed)
