"""The jobs page: what the night did, running a step by hand, and letting a held one pass."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from kombu.exceptions import OperationalError

from kit import audit, clock
from kit import jobs as kit_jobs
from kit.paging import read_instant
from membership_site import formats
from membership_site.console.access import Capability, Person, insist, staff_page
from membership_site.console.forms.jobs import ApproveForm, RunStepForm, UndoForm
from membership_site.console.pages import falls
from membership_site.console.pages.jobs import find_held, jobs_page, step_title
from membership_site.console.views.downloads import csv_file
from membership_site.console.views.shell import show
from membership_site.flows import tasks
from tiers import actions as tiers_actions


@require_safe
@staff_page(Capability.SEE_JOBS)
def show_jobs(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show what stopped, what runs, and the nights before a date. At most 14 queries."""
    return _page(request, person, RunStepForm(at=clock.now(), initial={"date": clock.last_finished_date(clock.now())}))


def _page(request: HttpRequest, person: Person, form: RunStepForm, status: int = 200) -> HttpResponse:
    asked_at = read_instant(request.GET.get("asked", ""))
    page = jobs_page(_date(request.GET.get("before", "")), asked_at, clock.now())
    context = {"page": page, "form": form, "may_run": person.may(Capability.RUN_JOBS)}
    return show(request, person, "console/jobs.html", context, current="jobs", status=status)


@require_POST
@staff_page(Capability.RUN_JOBS)
def run_step(request: HttpRequest, person: Person) -> HttpResponse:
    """Will have the worker do a step up to a date; what is done already is refused with a sentence."""
    at = clock.now()
    form = RunStepForm(request.POST, at=at)
    if not form.is_valid():
        return _page(request, person, form, 422)
    step, date = form.cleaned_data["step"], form.cleaned_data["date"]
    with _queue(request, _asked(step, date, len(form.missing))), transaction.atomic():
        audit.record(
            at=at,
            actor=person.actor,
            deed="job.requested",
            subject=f"job:{step}:{date}",
            becomes={"dates": len(form.missing)},
        )
        transaction.on_commit(lambda: tasks.run_step.delay(step, date.isoformat()))
    return redirect(_watched(at))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.RUN_JOBS)
def approve(request: HttpRequest, person: Person) -> HttpResponse:
    """Will say what a held step would do and to whom, and on yes let it pass and run it again. At most 14 queries."""
    at = clock.now()
    form = ApproveForm(request.POST if request.method == "POST" else request.GET)
    held = find_held(form.cleaned_data["step"], form.cleaned_data["date"]) if form.is_valid() else None
    if held is None:
        messages.error(request, _("This step does not wait for anybody. Nothing was approved."))
        return redirect("console:jobs")
    if request.method != "POST":
        who = falls.falls_page() if held.step == falls.STEP and person.may(Capability.SEE_MEMBERS) else None
        return show(request, person, "console/approve.html", {"held": held, "form": form, "falls": who}, current="jobs")
    with _queue(request, _asked(held.step, held.date, 1)), transaction.atomic():
        kit_jobs.approve(step=held.step, date=held.date, at=at, actor=person.actor)
        transaction.on_commit(lambda: tasks.run_step.delay(held.step, held.date.isoformat()))
    return redirect(_watched(at))


@require_safe
@staff_page(Capability.RUN_JOBS, fresh=True)
def download_falls(request: HttpRequest, person: Person) -> HttpResponse:
    """Will send everybody who would fall in the night that waits. At most 4 queries."""
    insist(person, Capability.SEE_MEMBERS)
    return csv_file("falls", falls.CSV_COLUMNS, falls.falls_file())


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.RUN_JOBS)
def undo(request: HttpRequest, person: Person) -> HttpResponse:
    """Will say who goes back to where he stood before a night, and on yes with a reason put him there.

    At most 20 queries, and 2 a ladder.
    """
    at, is_sent = clock.now(), request.method == "POST"
    form = UndoForm(request.POST or None, initial={"date": request.GET.get("date", ""), "form_key": uuid4()})
    date = _date(request.POST.get("date", "") if is_sent else request.GET.get("date", ""))
    if date is None or date > clock.last_finished_date(at):
        raise Http404(_("There is no such night."))
    deed: dict[str, Any] = {"since": falls.since_of(date), "date": date, "at": at, "actor": person.actor}
    try:
        if is_sent and form.is_valid():
            key = str(form.cleaned_data["form_key"])
            undone = tiers_actions.undo_nights(**deed, reason=form.cleaned_data["reason"], key=key)
            words = ngettext(
                "%(n)s member is back where he stood.", "%(n)s members are back where they stood.", undone.members
            )
            messages.success(request, words % {"n": formats.num(undone.members)})
            return redirect("console:jobs")
        undone = tiers_actions.undo_nights(**deed, reason="", key="-", preview=True)
    except tiers_actions.NothingToUndo:
        messages.error(request, _("Nobody stands where this night left him. Nothing was changed."))
        return redirect("console:jobs")
    context = {"form": form, "date": date, "undone": undone, "sentences": falls.undo_sentences(undone, at)}
    status = 422 if is_sent else 200
    return show(request, person, "console/undo_nights.html", context, current="jobs", status=status)


@contextmanager
def _queue(request: HttpRequest, done: str) -> Iterator[None]:
    """Will say that a step was asked for, or that the worker's queue could not be reached."""
    try:
        yield
    except OperationalError:
        messages.error(request, _("The worker’s queue cannot be reached. Nothing was started; try again in a minute."))
    else:
        messages.success(request, done)


def _asked(step: str, date: dt.date, dates: int) -> str:
    words = {"step": step_title(step), "date": formats.cal(date), "n": formats.num(dates)}
    return (
        ngettext(
            "“%(step)s” starts in a moment for %(date)s.",
            "“%(step)s” starts in a moment for %(n)s dates up to %(date)s.",
            dates,
        )
        % words
    )


def _watched(at: dt.datetime) -> str:
    return f"{reverse('console:jobs')}?{urlencode({'asked': at.isoformat()})}"


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
