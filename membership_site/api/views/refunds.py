"""The api's call about refunds: units of an order came back, or would."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from kit import clock
from membership_site.api import pages
from membership_site.api.authentication import actor_of, needs
from membership_site.api.idempotency import once_if_asked
from membership_site.api.schemas import answers, bodies, fields
from membership_site.flows import order_refunded
from orders.enums import Recorded

router = Router(tags=["Orders"])


@router.put(
    "/{source}/{path:order_id}/refunds/{path:refund_id}",
    **needs("orders:write"),
    response={200: answers.RefundAnswer, 202: answers.Parked},
    summary="State a refund",
)
def state_refund(
    request: HttpRequest,
    source: fields.Source,
    order_id: fields.Id,
    refund_id: fields.Id,
    refund: bodies.RefundBody,
    preview: Annotated[bool, Query(description="Books nothing and answers the same.")] = False,
) -> HttpResponse:
    """States which units of an order came back: their points, growth value and spend go with them.

    A repeat gives the same answer; the same refund with other units is a 409. A refund that comes before its order
    is parked (202) and taken off when the order is paid.
    """
    at, actor = clock.now(), actor_of(request)
    statement = refund.statement(source, order_id, refund_id)

    def deed() -> HttpResponse:
        done = order_refunded.take_refund(statement=statement, at=at, actor=actor, preview=preview)
        if done.outcome == Recorded.PARKED:
            return answers.reply(202, answers.Parked())
        return answers.reply(200, pages.refund_answer(done))

    return once_if_asked(request, deed)
