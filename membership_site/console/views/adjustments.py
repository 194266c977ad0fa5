"""Booking points by hand: adjust, write off, undo, reinstate; each a page, a form and one action."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kit import clock
from members import queries as members_queries
from members.queries import MemberKey
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.adjustments import AdjustForm, ByHandForm, WriteOffForm
from membership_site.console.pages import adjustments
from membership_site.console.pages.adjustments import Effect
from membership_site.console.pages.members import member_url
from membership_site.console.views.shell import show
from points import actions as points_actions
from points import queries as points_queries
from points import wording as points_wording
from points.actions import Answer, KeyReused
from points.enums import RequestKind
from points.rules.adjusting import ByHand

METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
@staff_page(Capability.ADJUST_POINTS, fresh=True)
def adjust(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will add or take points, alone or asking for a second person; refusals stand at the field. At most 20 queries."""
    key, at = _member(number), clock.now()
    form = AdjustForm(**_given(request))

    def deed(sent: dict[str, Any]) -> Answer:
        return points_actions.request_adjustment(member_id=key.id, **sent)

    return _page(request, person, key, form, RequestKind.ADJUSTMENT, at, deed)


@require_http_methods(METHODS)
@staff_page(Capability.ADJUST_POINTS, fresh=True)
def write_off(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will ask that a debt, or part of it, is no longer owed; a second person decides. At most 20 queries."""
    key, at = _member(number), clock.now()
    owed = points_queries.wallets_of([key.id])[key.id].debt
    form = WriteOffForm(**_given(request, points=formats.num(owed) if owed else ""))

    def deed(sent: dict[str, Any]) -> Answer:
        return points_actions.request_write_off(member_id=key.id, **sent)

    lead = _("The member owes nothing.")
    if owed:
        lead = _("A return took back points that had been used. What is earned next repays them first.")
    return _page(request, person, key, form, RequestKind.WRITE_OFF, at, deed, lead=lead)


@require_http_methods(METHODS)
@staff_page(Capability.ADJUST_POINTS, fresh=True)
def undo(request: HttpRequest, person: Person, number: str, adjustment_id: int) -> HttpResponse:
    """Will book the opposite of what was booked by hand, once. At most 20 queries."""
    key, at = _member(number), clock.now()
    try:
        first = points_queries.get_adjustment(adjustment_id)
    except points_actions.UnknownAdjustment:
        raise Http404(_("There is no such adjustment.")) from None
    if first.member_id != key.id:
        raise Http404(_("There is no such adjustment."))
    form = ByHandForm(**_given(request, reason=points_wording.reason_words("Points given by mistake")))

    def deed(sent: dict[str, Any]) -> Answer:
        return points_actions.undo(adjustment_id=adjustment_id, **sent)

    words = {
        "what": adjustments.kind_title(first.kind),
        "points": formats.signed(first.booked if first.booked is not None else first.points),
        "date": formats.cal(first.decided_at or first.requested_at),
        "reason": points_wording.reason_words(first.reason),
    }
    lead = _("%(what)s, %(points)s on %(date)s: %(reason)s") % words
    return _page(
        request,
        person,
        key,
        form,
        RequestKind.UNDO,
        at,
        deed,
        lead=lead,
        ask=lambda: points_queries.request_of_undo(adjustment_id, "-")[1],
    )


@require_http_methods(METHODS)
@staff_page(Capability.ADJUST_POINTS, fresh=True)
def reinstate(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will bring back the points of one expiry while the policy's window is open, once. At most 20 queries."""
    key, at = _member(number), clock.now()
    expiry_key = request.POST.get("key") or request.GET.get("key", "")
    expiry_key = expiry_key.replace("\x00", "")[:100]
    form = ByHandForm(**_given(request, reason=points_wording.reason_words("Goodwill")))

    def deed(sent: dict[str, Any]) -> Answer:
        return points_actions.request_reinstatement(member_id=key.id, expiry_key=expiry_key, **sent)

    return _page(
        request,
        person,
        key,
        form,
        RequestKind.REINSTATEMENT,
        at,
        deed,
        ask=lambda: points_queries.request_of_expiry(key.id, expiry_key, "-"),
    )


@require_safe
@staff_page(Capability.ADJUST_POINTS)
def show_effect(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will say what so many points would do, as a fragment beside the field being typed in. At most seven queries."""
    key, at = _member(number), clock.now()
    is_write_off = request.GET.get("kind") == RequestKind.WRITE_OFF
    kind = RequestKind.WRITE_OFF if is_write_off else RequestKind.ADJUSTMENT
    form = (WriteOffForm if is_write_off else AdjustForm)({"points": request.GET.get("points", "")})
    form.is_valid()
    said = _foretold(form, key, kind, person, at)
    return render(request, "console/parts/effect.html", {"effect": said, "is_fragment": True})


# ---- leaves


def _page(
    request: HttpRequest,
    person: Person,
    key: MemberKey,
    form: ByHandForm,
    kind: RequestKind,
    at: dt.datetime,
    deed: Callable[[dict[str, Any]], Answer],
    *,
    lead: str = "",
    ask: Callable[[], ByHand] | None = None,
) -> HttpResponse:
    """Will do what was sent, or show the form with its effect and what is wrong with it."""
    if form.is_bound and form.is_valid() and "look" not in request.POST:
        sent = {**form.cleaned_data, "requested_by": person.id, "at": at, "actor": person.actor}
        try:
            answer = deed(sent)
        except adjustments.REFUSALS as error:
            _refuse(form, error)
        else:
            messages.success(request, adjustments.answer_words(answer))
            return redirect(f"{member_url(key.number, 'ledger')}#ledger")
    said = _foretold(form, key, kind, person, at, ask)
    page = adjustments.by_hand_page(key, kind, request.get_full_path(), lead, said)
    context = {"page": page, "form": form, "reasons": points_wording.common_reasons()}
    status = 422 if form.errors else 200
    return show(request, person, "console/adjust.html", context, current="members", status=status)


def _foretold(
    form: ByHandForm,
    key: MemberKey,
    kind: RequestKind,
    person: Person,
    at: dt.datetime,
    ask: Callable[[], ByHand] | None = None,
) -> Effect:
    """Will say what the form would do as far as it can be read, or what this person may do alone."""
    cleaned = getattr(form, "cleaned_data", {})
    try:
        asked = ask() if ask else ByHand(kind, cleaned.get("points", 0), "-")
    except adjustments.REFUSALS as error:
        return Effect("", (), _("Book points"), is_waiting=False, problem=adjustments.refusal(error)[1])
    if asked.points:
        return adjustments.effect(key.id, asked, person, at)
    return adjustments.prompt(kind, points_queries.alone(person.id, at))


def _given(request: HttpRequest, **initial: str) -> dict[str, Any]:
    """Will return what a form is made of: what was sent, or a new key and what is proposed."""
    if request.method == "POST":
        return {"data": request.POST, "auto_id": adjustments.AUTO_ID}
    return {"initial": {"form_key": adjustments.new_key(), **initial}, "auto_id": adjustments.AUTO_ID}


def _refuse(form: ByHandForm, error: Exception) -> None:
    field, words = adjustments.refusal(error)
    form.add_error(field if field in form.fields else None, words)
    if isinstance(error, KeyReused):
        form.data = {**dict(form.data.items()), "form_key": adjustments.new_key()}


def _member(number: str) -> MemberKey:
    key = members_queries.find_by_number(number)
    if key is None:
        raise Http404(_("No member has this number."))
    return key
