"""Showing a page of the console inside its frame."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from membership_site.console.access import Person
from membership_site.console.pages import approvals, jobs
from membership_site.console.pages.frame import frame


def show(
    request: HttpRequest,
    person: Person,
    template: str,
    context: dict[str, Any],
    *,
    current: str,
    search: str = "",
    status: int = 200,
) -> HttpResponse:
    """Will render a page with the frame of this person; `current` is its name in the nav. At most three queries."""
    night = jobs.stopped(person)
    shell = frame(
        person,
        current,
        stopped_jobs=night.count,
        approvals=approvals.count_waiting(person),
        search=search,
        failed_proof=night.failed_proof,
    )
    return render(request, template, {**context, "frame": shell}, status=status)
