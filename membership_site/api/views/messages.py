"""The api's call about messages: the shop's own gateway tells what became of them."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from kit import clock
from membership_site.api.authentication import actor_of, key_of, needs
from membership_site.api.idempotency import once
from membership_site.api.schemas import answers, bodies
from messaging import actions as messaging_actions

router = Router(tags=["Messages"])


@router.post(
    "/events",
    **needs("messages:write"),
    response={200: answers.MessageEventsAnswer},
    summary="Report what became of messages",
)
def report_events(request: HttpRequest, report: bodies.MessageEventsBody) -> HttpResponse:
    """Reports deliveries, bounces, complaints and unsubscriptions of messages, up to 500 at once.

    An event counts once under its `event_id`, whatever else comes with it. One of a message that is not known yet is
    kept for three days. A complaint or an unsubscription withdraws the member's consent for that channel.
    """
    at, actor = clock.now(), actor_of(request)
    told = [one.happening() for one in report.events]

    def deed() -> HttpResponse:
        new = messaging_actions.tell(provider=key_of(request).name, happenings=told, at=at, actor=actor)
        return answers.reply(200, answers.MessageEventsAnswer(new=new))

    return once(request, deed)
