"""The api's call about events: a member did something that is not an order."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from kit import clock
from membership_site.api import pages
from membership_site.api.authentication import actor_of, needs
from membership_site.api.idempotency import once
from membership_site.api.schemas import answers, bodies
from membership_site.flows import event_received
from orders.enums import Recorded

router = Router(tags=["Events"])


@router.post(
    "",
    **needs("events:write"),
    response={200: answers.EventAnswer, 202: answers.Parked},
    summary="Report an event",
)
def report_event(request: HttpRequest, event: bodies.EventBody) -> HttpResponse:
    """Reports a review, a share, a check-in or an event of the shop's own, and answers what it earned and why.

    An event comes once under its source and id: a repeat earns nothing and gives the same answer, other content
    under the same id is a 409. An event of an unknown member is parked (202) until he joins.
    """
    at, actor = clock.now(), actor_of(request)
    statement = event.statement()

    def deed() -> HttpResponse:
        done = event_received.take_event(statement=statement, reference=event.member.reference(), at=at, actor=actor)
        if done.outcome == Recorded.PARKED:
            return answers.reply(202, answers.Parked())
        with pages.in_language_of(request, done.member_number):
            return answers.reply(200, pages.event_answer(done, at))

    return once(request, deed)
