"""Sending as the staff see it: the outbox, dispatches, one message, the rules of sending, suppressed addresses."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit import cached, clock
from membership_site import formats
from membership_site.console.access import Capability, Person, insist, staff_page
from membership_site.console.forms.outbox import AddressForm, ReasonForm, SendingRulesForm
from membership_site.console.pages import outbox as pages
from membership_site.console.views.messages import LOOK_SECONDS, look_key, may_frame
from membership_site.console.views.shell import show
from messaging import actions as messaging_actions
from messaging import queries as messaging_queries
from messaging.actions import Decision
from messaging.enums import SuppressionCause
from messaging.queries import MessageRow
from messaging.queries.previews import Previewed
from messaging.rules.sending import BadRules

METHODS = ["GET", "HEAD", "POST"]


# ---- the outbox


@require_safe
@staff_page(Capability.SEE_MESSAGES)
def show_outbox(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show what is sent, what was not and why, and what waits for a person. At most eighteen queries."""
    return _show(
        request,
        person,
        "outbox",
        {"page": pages.outbox_page(request.GET, may_see_members=person.may(Capability.SEE_MEMBERS))},
    )


@require_safe
@staff_page(Capability.SEE_MESSAGES)
def show_dispatch(request: HttpRequest, person: Person, dispatch_id: int) -> HttpResponse:
    """Will show how a dispatch gets on. At most nine queries."""
    return _dispatch(request, person, dispatch_id, ReasonForm())


def _dispatch(
    request: HttpRequest, person: Person, dispatch_id: int, form: ReasonForm, status: int = 200
) -> HttpResponse:
    try:
        page = pages.dispatch_page(dispatch_id)
    except messaging_queries.UnknownDispatch as error:
        raise Http404(_("There is no such dispatch.")) from error
    return _show(request, person, "dispatch", {"page": page, "form": form}, status)


@require_POST
@staff_page(Capability.SEND_MESSAGES)
def change_dispatch(request: HttpRequest, person: Person, dispatch_id: int) -> HttpResponse:
    """Will pause a dispatch, resume it, cancel it or try what failed once more, as the button says."""
    do, by = request.POST.get("do", ""), {"dispatch_id": dispatch_id, "at": clock.now(), "actor": person.actor}
    form = ReasonForm(request.POST)
    if do in ("pause", "cancel") and not form.is_valid():
        return _dispatch(request, person, dispatch_id, form, 422)
    try:
        said = _change(do, by, form.cleaned_data["reason"] if do in ("pause", "cancel") else "")
    except messaging_queries.UnknownDispatch as error:
        raise Http404(_("There is no such dispatch.")) from error
    except messaging_actions.DispatchOver:
        messages.warning(request, _("This dispatch is over. Nothing was changed."))
    else:
        if said:
            messages.success(request, said)
    return redirect("console:dispatch", dispatch_id)


def _change(do: str, by: dict[str, Any], reason: str) -> str:
    """Will do what a button says and return what it did, in words; nothing for a button that there is not."""
    if do == "pause":
        messaging_actions.pause(**by, reason=reason)
        return _("Paused. What is being sent this moment still goes out; nothing else does.")
    if do == "resume":
        messaging_actions.resume(**by)
        return _("It goes on.")
    if do == "cancel":
        skipped = messaging_actions.cancel(**by, reason=reason)
        said = ngettext(
            "Cancelled. %(n)s message is not sent any more.",
            "Cancelled. %(n)s messages are not sent any more.",
            skipped,
        )
        return said % {"n": formats.num(skipped)}
    if do == "retry":
        return _retried(messaging_actions.retry_failed(**by))
    return ""


def _retried(count: int) -> str:
    said = ngettext("%(n)s message is tried once more.", "%(n)s messages are tried once more.", count)
    return said % {"n": formats.num(count)}


# ---- one message


@require_safe
@staff_page(Capability.SEE_MESSAGES)
def show_message(request: HttpRequest, person: Person, message_id: int) -> HttpResponse:
    """Will show where a message stands and why, what it said, what became of it. At most nine queries."""
    return _message(request, person, _row(message_id))


@require_POST
@staff_page(Capability.SEE_MESSAGES)
def show_again(request: HttpRequest, person: Person, message_id: int) -> HttpResponse:
    """Will show a message as it would read now: a look at the member's data, so noted in the audit log."""
    insist(person, Capability.SEE_MEMBERS)
    row = _row(message_id)
    try:
        shown = messaging_actions.show_again(message_id=row.id, at=clock.now(), actor=person.actor)
    except messaging_actions.NothingToShow:
        shown = Previewed(fault=_("The words of this message are not there any more."))
    return may_frame(request, _message(request, person, row, pages.shown_again(shown, _frame(person, shown))))


def _frame(person: Person, shown: Previewed) -> str:
    """Will keep the page of an e-mail where the frame of messages' looks finds it."""
    if "html" not in shown.parts:
        return ""
    key = str(uuid.uuid4())
    cached.put(look_key(person, key), shown.parts["html"], LOOK_SECONDS)
    return reverse("console:message_page", args=[key])


def _message(
    request: HttpRequest, person: Person, row: MessageRow, again: pages.ShownAgain | None = None
) -> HttpResponse:
    may_look = person.may(Capability.SEE_MEMBERS)
    page = pages.message_page(row, may_see_members=may_look)
    context = {"page": page, "again": again, "may_look": may_look}
    return _show(request, person, "message", context)


@require_POST
@staff_page(Capability.SEND_MESSAGES)
def resolve(request: HttpRequest, person: Person, message_id: int) -> HttpResponse:
    """Will take an unknown message as sent, send it again, or try a failed one once more, as the button says."""
    row, do = _row(message_id), request.POST.get("do", "")
    by: dict[str, Any] = {"at": clock.now(), "actor": person.actor}
    if do == "retry":
        messages.success(request, _retried(messaging_actions.retry_failed(message_ids=[row.id], **by)))
    elif do in set(Decision):
        try:
            messaging_actions.resolve_unknown(message_id=row.id, decision=Decision(do), **by)
        except messaging_actions.NotUnknown:
            words = _("Somebody decided before, a provider has answered, or it was cancelled. Nothing changed.")
            messages.warning(request, words)
        else:
            done = {Decision.AS_SENT: _("It counts as sent."), Decision.SEND_AGAIN: _("It is sent once more.")}
            messages.success(request, done[Decision(do)])
    if request.POST.get("back") == "list":
        return redirect("console:outbox")
    return redirect("console:message", row.id)


def _row(message_id: int) -> MessageRow:
    row = messaging_queries.find_by_id(message_id)
    if row is None:
        raise Http404(_("There is no such message."))
    return row


# ---- the rules of sending


@require_http_methods(METHODS)
@staff_page(Capability.SEE_MESSAGES)
def show_rules(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show how the house sends, and put other rules in force. At most eleven queries but for the deed."""
    found, topics = messaging_queries.find_rules(), pages.topic_names()
    data = request.POST if request.method == "POST" else None
    if data is not None:
        insist(person, Capability.SEND_MESSAGES)
    form = SendingRulesForm(data, rules=found.rules, number=found.number, topics=topics)
    if data is not None and form.is_valid():
        if form.cleaned_data["seen"] != found.number:
            form.add_error(None, _("Somebody changed the rules meanwhile. Nothing was kept; look again."))
        elif form.rules() == found.rules:
            messages.success(request, _("These rules are in force already."))
            return redirect("console:sending_rules")
        else:
            try:
                messaging_actions.publish_rules(rules=form.rules(), at=clock.now(), actor=person.actor)
            except BadRules:
                form.add_error(None, _("Somebody changed the rules meanwhile. Nothing was kept; look again."))
            else:
                messages.success(request, _("In force. Whatever is sent from now on keeps to it."))
                return redirect("console:sending_rules")
    is_wrong = bool(form.errors) or any(row.errors for row in form.caps)
    context = {"page": pages.rules_page(), "form": form, "is_wrong": is_wrong}
    return _show(request, person, "rules", context, 422 if is_wrong else 200)


# ---- suppressed addresses


@require_http_methods(METHODS)
@staff_page(Capability.SEE_MESSAGES)
def show_suppressions(request: HttpRequest, person: Person) -> HttpResponse:
    """Will say of an address that somebody typed why it is written to no more; add it, or lift it with a reason.

    The address comes by POST, so that it stands in no log of addresses. At most nine queries but for the deed.
    """
    form, do = AddressForm(request.POST if request.method == "POST" else None), request.POST.get("do", "")
    reason = ReasonForm(request.POST if do == "lift" else None)
    looked, status = None, 422 if form.errors else 200
    if form.is_bound and form.is_valid():
        channel, address = form.chosen()
        if do in ("lift", "suppress"):
            insist(person, Capability.SEND_MESSAGES)
        if do == "suppress":
            _suppress(request, channel, address, person)
        elif do == "lift" and reason.is_valid():
            _lift(request, channel, address, reason.cleaned_data["reason"], person)
            reason = ReasonForm()
        status = 422 if reason.errors else 200
        rows = messaging_queries.find_suppressions(channel, address)
        looked = pages.looked_up(channel.value, address, rows)
    return _show(request, person, "suppressions", {"form": form, "reason": reason, "looked": looked}, status)


def _suppress(request: HttpRequest, channel: Any, address: str, person: Person) -> None:
    is_new = messaging_actions.suppress(
        channel=channel, address=address, cause=SuppressionCause.BY_STAFF, at=clock.now(), actor=person.actor
    )
    messages.success(request, _("Nothing is sent there any more.") if is_new else _("It was here already."))


def _lift(request: HttpRequest, channel: Any, address: str, reason: str, person: Person) -> None:
    lifted = messaging_actions.lift(channel=channel, address=address, at=clock.now(), actor=person.actor, reason=reason)
    messages.success(request, _("It can be written to again.") if lifted else _("Nothing kept it from that."))


# ---- leaves


def _show(request: HttpRequest, person: Person, page: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {"may_send": person.may(Capability.SEND_MESSAGES), **context}
    return show(request, person, f"console/outbox/{page}.html", context, current="outbox", status=status)
