"""Lists as files: asked for with the effect said before, made by a worker, fetched by who asked."""

import uuid
from collections.abc import Iterator

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from kombu.exceptions import OperationalError

from kit import actions as kit_actions
from kit import clock
from kit.models import ListExportPart
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.exports import ListForm
from membership_site.console.forms.members import read_filters
from membership_site.console.pages.exports import exports_page, find_export
from membership_site.console.pages.members import in_segment
from membership_site.console.views.downloads import BYTE_ORDER_MARK
from membership_site.console.views.shell import show
from membership_site.flows import tasks
from tiers import queries as tiers_queries


@require_safe
@staff_page(Capability.EXPORT_LISTS)
def show_exports(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the files that a person asked for. At most six queries."""
    context = {"page": exports_page(person.actor, clock.now())}
    return show(request, person, "console/exports/list.html", context, current="members")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EXPORT_LISTS, fresh=True)
def export_members(request: HttpRequest, person: Person) -> HttpResponse:
    """Will say how many members a list has, and on yes have the worker write them into a file."""
    form = ListForm(request.POST) if request.method == "POST" else None
    is_sent = form is not None and form.is_valid()
    query = form.cleaned_data["query"] if form and is_sent else request.GET.urlencode()
    at = clock.now()
    wanted, segment = in_segment(read_filters(QueryDict(query).dict(), clock.business_date(at)), person.id, at)
    back = f"{reverse('console:members')}?{wanted.query}" if wanted.query else reverse("console:members")
    ids = [] if wanted.refused else tiers_queries.ids_of_members(wanted.filter)
    if wanted.refused or not ids:
        messages.error(request, _("There is nobody in this list who can be written into a file. Nothing was begun."))
        return redirect(back)
    if form and is_sent:
        _ask(request, person, wanted.query, ids, form.cleaned_data["form_key"])
        return redirect("console:exports")
    count = ngettext("%(n)s member is written.", "%(n)s members are written.", len(ids)) % {"n": formats.num(len(ids))}
    effect = (
        count,
        _("Number, date of joining, tier, points, spend, stage and last order; no names, addresses or phone numbers."),
        _("It can be fetched by you alone, for seven days. That you took it stands in the audit log."),
    )
    context = {
        "form": ListForm(initial={"query": wanted.query, "form_key": uuid.uuid4()}),
        "effect": effect,
        "back": back,
        "segment": segment,
    }
    return show(request, person, "console/exports/ask.html", context, current="members")


@require_safe
@staff_page(Capability.EXPORT_LISTS, fresh=True)
def download_list(request: HttpRequest, person: Person, export_id: int) -> HttpResponse:
    """Will send a file to who asked for it, part by part; that it was fetched is noted."""
    at = clock.now()
    row = find_export(export_id, person.actor, at)
    if row is None:
        raise Http404(_("There is no such file, or its seven days are over."))
    kit_actions.note_list_fetched(export_id=row.id, at=at, actor=person.actor)
    return StreamingHttpResponse(  # type: ignore[return-value]  # whoever handles answers takes both
        _parts(row.id),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="members-{row.id}.csv"'},
    )


def _ask(request: HttpRequest, person: Person, query: str, ids: list[int], form_key: uuid.UUID) -> None:
    with transaction.atomic():
        kit_actions.ask_list_export(
            query=query,
            member_ids=ids,
            language=(get_language() or "en").lower(),
            form_key=form_key,
            at=clock.now(),
            actor=person.actor,
        )
        transaction.on_commit(lambda: _start(request))


def _start(request: HttpRequest) -> None:
    """Will tell the worker, which finds the file by itself within minutes where it cannot be told."""
    try:
        tasks.make_lists.delay()
    except OperationalError:
        messages.warning(request, _("The worker cannot be reached just now. It finds the list by itself."))
    else:
        messages.success(request, _("The list is being written."))


def _parts(export_id: int) -> Iterator[str]:
    yield BYTE_ORDER_MARK
    rows = ListExportPart.objects.filter(export_id=export_id).order_by("starts")
    yield from rows.values_list("text", flat=True).iterator(chunk_size=20)
