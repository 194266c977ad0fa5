"""Merging two memberships of one person, undoing it, and the list of those that look like one person's."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit import clock
from members import actions as members_actions
from members import queries as members_queries
from members.enums import DuplicateKind
from members.queries import MemberKey, merging
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.keeping import MergeForm, ReasonForm, new_key
from membership_site.console.pages.duplicates import duplicates_page, read_place
from membership_site.console.pages.giving import OwnMembership, check_not_own
from membership_site.console.pages.keeping import DeedPage, merge_words, refusal, unmerge_words
from membership_site.console.pages.members import member_url
from membership_site.console.views.notes import METHODS, member_of
from membership_site.console.views.shell import show
from membership_site.flows import member_merged


@require_http_methods(METHODS)
@staff_page(Capability.MERGE_MEMBERS)
def merge(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will merge another membership into this one, after saying what that does; refusals stand at the field."""
    key, at = member_of(number), clock.now()
    form = MergeForm(**_given(request, {"other": _other(request)}))
    form.is_valid()
    text = (form.cleaned_data.get("other") if form.is_bound else _other(request)) or ""
    effect, problem = _foretold(key, text, person, at) if text else ((), "")
    if problem:
        form.add_error("other", problem) if form.is_bound and "other" not in form.errors else None
    if form.is_bound and form.is_valid() and not problem and "look" not in request.POST:
        other = members_queries.find_exactly(text)
        if other is None:
            raise Http404
        try:
            done = member_merged.merge(
                survivor_id=key.id,
                merged_id=other.id,
                reason=form.cleaned_data["reason"],
                form_key=form.cleaned_data["form_key"],
                at=at,
                actor=person.actor,
            )
        except members_actions.CannotMerge as refused:
            form.add_error("other", refusal(refused.code))
        else:
            messages.success(request, _("%(number)s was merged into this member.") % {"number": done.merged})
            return redirect(member_url(key.number, "notes"))
    lead = _("Both are one person: this membership goes on, the other is closed and leads here.")
    page = DeedPage(
        key.number,
        _("Merge another membership into %(number)s") % {"number": key.number},
        lead,
        _("Merge the two"),
        member_url(key.number, "notes"),
        effect,
    )
    return _deed(request, person, page, form, problem if not form.is_bound else "")


@require_http_methods(METHODS)
@staff_page(Capability.MERGE_MEMBERS)
def undo(request: HttpRequest, person: Person, number: str, merge_id: int) -> HttpResponse:
    """Will undo a merge, after saying what comes back and what cannot."""
    key, at = member_of(number), clock.now()
    row = merging.find_merge(merge_id)
    if row is None or row.survivor_id != key.id:
        raise Http404(_("There is no such merge."))
    form = ReasonForm(**_given(request, {}))
    problem = ""
    try:
        check_not_own(key, person)
        effect = unmerge_words(member_merged.preview_undo(merge_id=merge_id, at=at))
        if form.is_bound and form.is_valid():
            member_merged.unmerge(merge_id=merge_id, reason=form.cleaned_data["reason"], at=at, actor=person.actor)
            messages.success(request, _("%(number)s is a membership of its own again.") % {"number": row.merged})
            return redirect(member_url(row.merged))
    except members_actions.CannotUnmerge as refused:
        effect, problem = (), refusal(refused.code)
    except OwnMembership as own:
        effect, problem = (), str(own)
    title = _("Undo the merging of %(number)s") % {"number": row.merged}
    page = DeedPage(key.number, title, "", _("Undo the merging"), member_url(key.number, "notes"), effect, problem)
    return _deed(request, person, page, form)


@require_safe
@staff_page(Capability.MERGE_MEMBERS)
def show_duplicates(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show memberships that may be one person's. At most seven queries."""
    page = duplicates_page(read_place(request.GET.get("after", "")))
    return show(request, person, "console/keeping/duplicates.html", {"page": page}, current="duplicates")


@require_POST
@staff_page(Capability.MERGE_MEMBERS)
def tell_apart(request: HttpRequest, person: Person) -> HttpResponse:
    """Will keep that two memberships are two persons'; a second press is as good as the first."""
    found = members_queries.ids_of_numbers([request.POST.get("first", ""), request.POST.get("second", "")])
    kind = request.POST.get("kind", "")
    if len(found) == 2 and kind in {one.value for one in DuplicateKind}:
        (first, *_rest), (second, *_others) = found.values()
        members_actions.tell_apart(
            first_id=first, second_id=second, kind=DuplicateKind(kind), at=clock.now(), actor=person.actor
        )
        messages.success(request, _("Kept: they are two people. They are not listed again."))
    return redirect("console:duplicates")


# ---- leaves


def _foretold(key: MemberKey, text: str, person: Person, at: dt.datetime) -> tuple[tuple[str, ...], str]:
    """Will say what a merge would do, or why it cannot be; that somebody looked is noted."""
    other = members_queries.find_exactly(text)
    if other is None:
        return (), refusal("unknown")
    try:
        check_not_own(key, person)
        check_not_own(other, person)
        effect = merge_words(member_merged.preview(survivor_id=key.id, merged_id=other.id, at=at))
    except members_actions.CannotMerge as refused:
        return (), refusal(refused.code)
    except OwnMembership as own:
        return (), str(own)
    members_actions.note_access(member_id=other.id, deed="member.merge_previewed", reason="", at=at, actor=person.actor)
    return effect, ""


def _other(request: HttpRequest) -> str:
    """The number that the address proposes; no text of the database has a NUL."""
    return request.GET.get("other", "").replace("\x00", "")[:20]


def _given(request: HttpRequest, initial: dict[str, str]) -> dict[str, Any]:
    if request.method == "POST":
        return {"data": request.POST, "auto_id": "deed_%s"}
    return {"initial": {"form_key": new_key(), **initial}, "auto_id": "deed_%s"}


def _deed(request: HttpRequest, person: Person, page: DeedPage, form: ReasonForm, problem: str = "") -> HttpResponse:
    context = {"page": page, "form": form, "looks": isinstance(form, MergeForm), "foreseen": problem}
    status = 422 if form.errors else 200
    return show(request, person, "console/keeping/deed.html", context, current="members", status=status)
