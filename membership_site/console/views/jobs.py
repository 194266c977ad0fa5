"""The jobs page: what the night did, and running a step by hand."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.pages.jobs import jobs_page
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_JOBS)
def show_jobs(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show what stopped, what runs, and the nights before a date. At most ten queries."""
    page = jobs_page(_date(request.GET.get("before", "")), clock.now())
    context = {"page": page, "may_run": person.may(Capability.RUN_JOBS)}
    return show(request, person, "console/jobs.html", context, current="jobs")


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
