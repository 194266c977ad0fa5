"""Showing a page of the console inside its frame."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from membership_site.console.access import Person
from membership_site.console.pages import approvals, jobs
from membership_site.console.pages.frame import Needs, frame


def show(
    request: HttpRequest,
    person: Person,
    template: str,
    context: dict[str, Any],
    *,
    current: str,
    search: str = "",
    status: int = 200,
    needs: Needs | None = None,
) -> HttpResponse:
    """Will render a page with the frame of this person; `current` is its name in the nav. At most two queries.

    None where the page says itself what `needs` somebody.
    """
    if needs is None:
        night = jobs.stopped(person)
        needs = Needs(night.count, approvals.count_waiting(person), night.failed_proof)
    shell = frame(person, current, needs, search=search)
    return render(request, template, {**context, "frame": shell}, status=status)
