"""The member's messages: the inbox, what comes by which channel, and this browser's notifications."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit import clock
from membership_site.portal.access import Visitor, member_page, note_unread
from membership_site.portal.forms.messages import BrowserForm, HoursForm, PreferencesForm
from membership_site.portal.pages import inbox, preferences
from messaging import actions as messaging_actions
from messaging import queries as messaging_queries
from messaging.queries import InboxRow

METHODS = ["GET", "HEAD", "POST"]
ACTOR = "member"


# ---- the inbox


@require_safe
@never_cache
@member_page
def show_inbox(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will list the member's messages, latest first. Five queries."""
    page = inbox.inbox_page(visitor.key.id, request.GET, clock.now())
    return render(request, "portal/inbox.html", {"page": page, "tab": "messages"})


@require_safe
@never_cache
@member_page
def read(request: HttpRequest, visitor: Visitor, message_id: int) -> HttpResponse:
    """Will show one message and keep that it was opened by whom it is for. Five queries but for that."""
    row = _row(visitor, message_id)
    if row.read_at is None and request.method == "GET":
        messaging_actions.mark_read(member_id=row.member_id, message_id=message_id, at=clock.now(), actor=ACTOR)
        note_unread(request, visitor.key.id)
    return render(request, "portal/message.html", {"page": inbox.letter_page(row), "tab": "messages"})


@require_safe
@never_cache
@member_page
def go(request: HttpRequest, visitor: Visitor, message_id: int) -> HttpResponse:
    """Will lead where a message's button leads, and count that it was pressed; nowhere else than what was written."""
    row = _row(visitor, message_id)
    address = inbox.where(row)
    if not address:
        raise Http404(_("This message leads nowhere."))
    if request.method == "GET":
        messaging_actions.follow_button(member_id=row.member_id, message_id=message_id, at=clock.now(), actor=ACTOR)
    return HttpResponseRedirect(address)


def _row(visitor: Visitor, message_id: int) -> InboxRow:
    row = messaging_queries.find_in_inbox(visitor.key.id, message_id, clock.now())
    if row is None:
        raise Http404(_("There is no such message, or it is over."))
    return row


# ---- what comes


@require_http_methods(METHODS)
@never_cache
@member_page
def choose(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show what comes by which channel, and keep what is changed. At most sixteen queries but for the deed."""
    page = preferences.preferences_page(visitor.key.id, clock.now())
    form = PreferencesForm(request.POST if request.method == "POST" else None, page=page)
    if form.is_bound and form.is_valid():
        return _keep(request, visitor, form.wanted())
    return _settings(request, visitor, {"page": page, "form": form, "hours": HoursForm(page=page)})


@require_POST
@member_page
def choose_hours(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will keep in which hours offers wait, and by which clock; what is wrong stands at its field with 422."""
    page = preferences.preferences_page(visitor.key.id, clock.now())
    hours = HoursForm(request.POST, page=page)
    if hours.is_valid():
        return _keep(request, visitor, hours.wanted())
    return _settings(request, visitor, {"page": page, "form": PreferencesForm(page=page), "hours": hours}, 422)


@require_POST
@member_page
def stop_all(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will end all news and offers at once; a second press changes nothing."""
    text = preferences.stop_all_text()
    messaging_actions.stop_all(member_id=visitor.key.id, text=text, at=clock.now(), actor=ACTOR)
    messages.success(request, _("No more news and offers come. What concerns your membership still does."))
    return redirect("portal:message_settings")


def _keep(request: HttpRequest, visitor: Visitor, wanted: messaging_actions.Wanted) -> HttpResponse:
    messaging_actions.keep_preferences(member_id=visitor.key.id, wanted=wanted, at=clock.now(), actor=ACTOR)
    messages.success(request, _("Kept. It holds from now on."))
    return redirect("portal:message_settings")


def _settings(request: HttpRequest, visitor: Visitor, context: dict[str, Any], status: int = 200) -> HttpResponse:
    key = messaging_queries.push_key()
    more = {"push_key": key, "browsers": messaging_queries.count_browsers(visitor.key.id) if key else 0}
    context = {**context, **more, "tab": "messages", "zones": ZONES}
    return render(request, "portal/message_settings.html", context, status=status)


ZONES = (
    *("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Macau", "Asia/Singapore", "Asia/Tokyo", "Asia/Seoul"),
    *("Asia/Bangkok", "Asia/Dubai", "Asia/Kolkata", "Australia/Sydney", "Pacific/Auckland", "Europe/London"),
    *("Europe/Berlin", "Europe/Paris", "Africa/Johannesburg", "America/New_York", "America/Chicago"),
    *("America/Los_Angeles", "America/Vancouver", "America/Toronto", "America/Sao_Paulo"),
)
"""What the field proposes; any other zone can be typed."""


# ---- this browser


@require_POST
@member_page
def subscribe(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will push to this browser from now on, with the consent to be written to so."""
    if not messaging_queries.push_key():
        raise Http404(_("Notifications are not switched on."))
    form, at = BrowserForm(request.POST), clock.now()
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("portal:message_settings")
    try:
        messaging_actions.subscribe_push(
            member_id=visitor.key.id, **form.cleaned_data["subscription"], at=at, actor=ACTOR
        )
    except messaging_actions.BadSubscription:
        messages.error(request, _("The browser did not say where to push to. Nothing was kept."))
    except messaging_actions.TooManyBrowsers:
        messages.error(request, _("Too many browsers get notifications already. End them first, then begin again."))
    else:
        messages.success(request, _("This browser shows notifications from now on. Switch on below what may come."))
    return redirect("portal:message_settings")


@require_POST
@member_page
def end_pushes(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will push to no browser of this member any more, or to the one that is named."""
    form, at = BrowserForm(request.POST), clock.now()
    if form.is_valid():
        endpoint = form.cleaned_data["subscription"]["endpoint"]
        messaging_actions.end_push(member_id=visitor.key.id, endpoint=endpoint, at=at, actor=ACTOR)
    else:
        messaging_actions.end_all_pushes(member_id=visitor.key.id, at=at, actor=ACTOR)
    messages.success(request, _("No more notifications are sent there."))
    return redirect("portal:message_settings")
