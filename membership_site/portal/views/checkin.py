"""Checking in from the member's own overview."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kit import clock
from members.rules import MemberReference
from membership_site import formats
from membership_site.flows import event_received
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.pages.checkin import TYPE
from orders import actions as orders_actions
from orders.enums import Recorded
from orders.rules import EventStatement
from points import wording as points_wording

SOURCE = "portal"


@require_POST
@member_page
def check_in(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will report today's check-in as an event of the member's own, and say what it gave; twice a day is once."""
    at, number = clock.now(), visitor.key.number
    # The date is part of the id, so a second press, or a second window, states the same event again.
    event_id = f"{number} {clock.business_date(at).isoformat()}"
    statement = EventStatement(SOURCE, event_id, TYPE, at, {})
    try:
        done = event_received.take_event(
            statement=statement, reference=MemberReference(number=number), at=at, actor="member"
        )
    except orders_actions.StatementChanged:
        messages.success(request, _("You have checked in today already. Come again tomorrow."))
    else:
        messages.success(request, _said(done))
    return redirect(f"{reverse('portal:overview')}#check-in")


def _said(done: event_received.EventAnswer) -> str:
    if done.outcome == Recorded.SAME:
        return _("You have checked in today already. Come again tomorrow.")
    if done.points:
        words = {"points": formats.signed(done.points)}
        return ngettext("Checked in: %(points)s point.", "Checked in: %(points)s points.", done.points) % words
    reasons = [points_wording.step_text(step, formats) for step in done.unearned]
    return reasons[-1] if reasons else _("Checked in. It earned no points.")
