"""A member's data in the hands of the staff: copies with a reason, erasure, and who looked."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kit import clock
from members import actions as members_actions
from members.queries import privacy
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.keeping import EraseForm, ReasonForm, new_key
from membership_site.console.pages.giving import OwnMembership, check_not_own
from membership_site.console.pages.keeping import DeedPage, erase_words, looked_rows
from membership_site.console.pages.members import member_url
from membership_site.console.views.notes import METHODS, member_of
from membership_site.console.views.shell import show
from membership_site.flows import member_erased, tasks


@require_http_methods(METHODS)
@staff_page(Capability.EXPORT_MEMBER, fresh=True)
def export(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will ask for a copy of a member's data with a reason, and list those this person asked for."""
    key, at = member_of(number), clock.now()
    form = ReasonForm(**_given(request))
    if form.is_valid():
        with transaction.atomic():
            members_actions.request_export(
                member_id=key.id, reason=form.cleaned_data["reason"], at=at, actor=person.actor
            )
            transaction.on_commit(tasks.make_exports.delay)
        messages.success(request, _("The copy is being made. It can be fetched here for seven days."))
        return redirect(request.path)
    lead = _("All that is held of this member, for a request of his own. The member sees that you took it, and why.")
    page = DeedPage(
        key.number, _("Copy of a member’s data"), lead, _("Make a copy"), member_url(key.number, "notes"), ()
    )
    context = {"page": page, "form": form, "exports": privacy.list_exports(key.id, person.actor)}
    status = 422 if form.errors else 200
    return show(request, person, "console/keeping/export.html", context, current="members", status=status)


@require_safe
@staff_page(Capability.EXPORT_MEMBER, fresh=True)
def download(request: HttpRequest, person: Person, number: str, export_id: int) -> HttpResponse:
    """Will give a copy to who asked for it; that it was fetched is noted."""
    key, at = member_of(number), clock.now()
    content = privacy.find_content(export_id, key.id, person.actor, at)
    if content is None:
        raise Http404(_("There is no such copy, or its seven days are over."))
    members_actions.note_access(member_id=key.id, deed="member.export_fetched", reason="", at=at, actor=person.actor)
    return zip_file(content, f"member-{key.number}")


def zip_file(content: bytes, name: str) -> HttpResponse:
    """Will answer with a zip file."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return HttpResponse(content, content_type="application/zip", headers=headers)


@require_http_methods(METHODS)
@staff_page(Capability.ERASE_MEMBERS)
def erase(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will erase a member at once, after saying what that ends and having his number typed."""
    key, at = member_of(number), clock.now()
    form, problem = EraseForm(**_given(request), number=key.number), ""
    try:
        check_not_own(key, person)
    except OwnMembership as own:
        problem = str(own)
    if key.status == "erased":
        problem = _("This member was erased before.")
    if form.is_valid() and not problem:
        member_erased.erase(
            member_id=key.id, reason=form.cleaned_data["reason"], by_request=False, at=at, actor=person.actor
        )
        messages.success(request, _("The member was erased. The ledger stays, without a name."))
        return redirect(member_url(key.number, "notes"))
    effect = () if problem else erase_words(member_erased.preview(member_id=key.id, at=at))
    lead = _("A member who asks himself has 14 days to change his mind; this is done at once.")
    title = _("Erase %(number)s") % {"number": key.number}
    page = DeedPage(
        key.number, title, lead, _("Erase for good"), member_url(key.number, "notes"), effect, problem, is_danger=True
    )
    context = {"page": page, "form": form}
    status = 422 if form.errors else 200
    return show(request, person, "console/keeping/deed.html", context, current="members", status=status)


@require_safe
@staff_page(Capability.SEE_MEMBERS)
def show_looked(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will show who looked at a member's data. At most eight queries."""
    key = member_of(number)
    context = {"number": key.number, "back": member_url(key.number, "notes"), "rows": looked_rows(key.id)}
    return show(request, person, "console/keeping/looked.html", context, current="members")


def _given(request: HttpRequest) -> dict[str, Any]:
    if request.method == "POST":
        return {"data": request.POST, "auto_id": "deed_%s"}
    return {"initial": {"form_key": new_key()}, "auto_id": "deed_%s"}
