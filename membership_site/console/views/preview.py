"""What a draft would have done: asked for, watched, read, and taken away as a table."""

import datetime as dt

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError

from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.preview import PreviewForm
from membership_site.console.pages.preview import csv_rows, preview_page
from membership_site.console.views.downloads import csv_file
from membership_site.console.views.shell import show
from membership_site.flows import tasks
from points import actions as points_actions
from points import queries as points_queries
from points.rules.policy import BadTerms

NAV = "rules"


@require_safe
@staff_page(Capability.SEE_RULES)
def show_preview(request: HttpRequest, person: Person, version_id: int) -> HttpResponse:
    """Will show how far the latest preview of a version is, or what it came to. At most eleven queries."""
    return _page(request, person, version_id, PreviewForm(), clock.now())


def _page(
    request: HttpRequest, person: Person, version_id: int, form: PreviewForm, at: dt.datetime, status: int = 200
) -> HttpResponse:
    page = preview_page(version_id, at, names_members=person.may(Capability.SEE_MEMBERS))
    if page is None:
        raise Http404(_("There is no such version of the earning rules."))
    may_start = person.may(Capability.EDIT_RULES) and page.is_draft
    context = {"page": page, "form": form, "may_start": may_start}
    return show(request, person, "console/preview.html", context, current=NAV, status=status)


@require_POST
@staff_page(Capability.EDIT_RULES)
def start_preview(request: HttpRequest, person: Person, version_id: int) -> HttpResponse:
    """Will have the worker try a draft on so many months; one that was cut off goes on where it stopped."""
    at = clock.now()
    form = PreviewForm(request.POST)
    if not form.is_valid():
        return _page(request, person, version_id, form, at, 422)
    try:
        with transaction.atomic():
            preview_id, is_new = points_actions.request_preview(
                version_id=version_id, months=form.cleaned_data["months"], at=at, actor=person.actor
            )
            transaction.on_commit(lambda: tasks.preview_policy.delay(preview_id))
    except OperationalError:
        messages.error(request, _("The worker’s queue cannot be reached. Nothing was started; try again in a minute."))
    except points_actions.NoDraft:
        messages.error(request, _("This draft is published or gone. Nothing was started."))
    except BadTerms:
        messages.error(request, _("The draft’s terms cannot be read. Mend them first; nothing was started."))
    else:
        messages.success(
            request,
            _("The preview starts in a moment.") if is_new else _("This preview was asked for already. It goes on."),
        )
    if points_queries.find_previewed(version_id) is None:
        raise Http404(_("There is no such version of the earning rules."))
    return redirect("console:preview", version_id)


@require_safe
@staff_page(Capability.SEE_RULES, fresh=True)
def download_preview(request: HttpRequest, person: Person, version_id: int) -> HttpResponse:
    """Will give the latest finished preview as a table, safe for spreadsheets. At most six queries."""
    rows = csv_rows(version_id, clock.now())
    if rows is None:
        raise Http404(_("No preview of this version is finished. There is nothing to download."))
    return csv_file(f"preview-{version_id}", rows[0], rows[1:])
