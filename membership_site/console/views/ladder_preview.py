"""What a draft of a ladder would make of everybody: asked for, watched, read, taken away, and compared later."""

import datetime as dt

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError

from kit import clock
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.ladder import LadderPreviewForm
from membership_site.console.pages.ladder_preview import csv_rows, preview_page
from membership_site.console.views.downloads import csv_file
from membership_site.console.views.shell import show
from membership_site.flows import tasks
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers.queries import LadderVersionView


@require_safe
@staff_page(Capability.SEE_RULES)
def show_preview(request: HttpRequest, person: Person, ladder: str, number: int) -> HttpResponse:
    """Will show how far the latest preview of a version is, or what it came to. At most 16 queries."""
    at = clock.now()
    version = _version(ladder, number)
    form = LadderPreviewForm(initial={"effective_on": _wished(version, at)})
    return _page(request, person, version, form, at)


def _wished(version: LadderVersionView, at: dt.datetime) -> dt.date:
    """The date of the latest preview where it is still to come, else the draft's own, or tomorrow. Four queries."""
    latest = tiers_queries.find_ladder_preview(version.id)
    wished = latest.effective_on if latest else version.effective_on
    return wished if wished >= clock.business_date(at) else clock.business_date(at) + dt.timedelta(days=1)


def _page(
    request: HttpRequest,
    person: Person,
    version: LadderVersionView,
    form: LadderPreviewForm,
    at: dt.datetime,
    status: int = 200,
) -> HttpResponse:
    page = preview_page(version, at, names_members=person.may(Capability.SEE_MEMBERS))
    context = {
        "page": page,
        "form": form,
        "may_start": person.may(Capability.EDIT_RULES) and page.is_draft,
        "watch_url": reverse("console:ladder_preview", args=[version.ladder, version.number]),
    }
    return show(request, person, "console/ladder/preview.html", context, current="tiers", status=status)


@require_POST
@staff_page(Capability.EDIT_RULES)
def start_preview(request: HttpRequest, person: Person, ladder: str) -> HttpResponse:
    """Will have the worker try the draft on everybody; one that was cut off is begun again."""
    at = clock.now()
    draft = tiers_queries.find_ladder_draft(ladder)
    if draft is None:
        messages.error(request, _("This draft is published or gone. Nothing was started."))
        return redirect("console:ladder", ladder)
    form = LadderPreviewForm(request.POST)
    if not form.is_valid():
        return _page(request, person, draft, form, at, 422)
    try:
        with transaction.atomic():
            preview_id, is_new = tiers_actions.request_preview(
                version_id=draft.id, effective_on=form.cleaned_data["effective_on"], at=at, actor=person.actor
            )
            transaction.on_commit(lambda: tasks.preview_ladder.delay(preview_id))
    except OperationalError:
        messages.error(request, _("The worker’s queue cannot be reached. Nothing was started; try again in a minute."))
    except tiers_actions.TooEarly as error:
        words = {"date": formats.cal(error.earliest)}
        form.add_error("effective_on", _("Choose %(date)s or later. Nothing was started.") % words)
        return _page(request, person, draft, form, at, 422)
    except tiers_actions.NothingToCompare:
        messages.error(request, _("Nobody stands on this ladder yet, so there is nothing to preview."))
    except tiers_actions.NoDraft:
        messages.error(request, _("This draft is published or gone. Nothing was started."))
    else:
        messages.success(
            request,
            _("The preview starts in a moment.") if is_new else _("This preview was asked for already. It goes on."),
        )
    return redirect("console:ladder_preview", ladder, draft.number)


@require_safe
@staff_page(Capability.SEE_RULES, fresh=True)
def download(request: HttpRequest, person: Person, ladder: str, number: int) -> HttpResponse:
    """Will give the latest finished preview as a table, safe for spreadsheets. At most eight queries."""
    rows = csv_rows(_version(ladder, number))
    if rows is None:
        raise Http404(_("No preview of this version is finished. There is nothing to download."))
    return csv_file(f"{ladder}-{number}-preview", rows[0], rows[1:])


def _version(ladder: str, number: int) -> LadderVersionView:
    version = tiers_queries.find_ladder_version(ladder, number)
    if version is None:
        raise Http404(_("There is no such version of this ladder."))
    return version
