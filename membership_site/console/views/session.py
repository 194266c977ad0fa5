"""Logging in and out of the console: a password, and where there is one the second factor."""

import datetime as dt

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from kit import clock
from members.models import Account
from members.queries import entering as entering_queries
from membership_site import entering, factors, preferences
from membership_site.console.access import LOG_IN
from membership_site.console.forms.session import WRONG_FACTOR, FactorForm, StaffLogInForm

SESSION_SECONDS = 12 * 3600
"""A working day: a screen left open overnight asks again."""

HALF_IN = "half_in"
"""In the session: whose password was right and whose second factor is still to come, until when, and where to go."""
HALF_IN_MINUTES = 10


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Will show the log-in and open a session of a working day; staff already inside go on."""
    target = entering.own_address(request, request.POST.get("next") or request.GET.get("next", ""))
    by_portal = request.session.get(entering.DOOR) == entering.PORTAL
    if request.user.is_authenticated and request.user.is_staff and not by_portal:
        return redirect(target or "console:overview")
    form = StaffLogInForm(request, request.POST if request.method == "POST" else None)
    if form.is_valid() and form.account is not None:
        if factors.has_factor(form.account.pk):
            until = clock.now() + dt.timedelta(minutes=HALF_IN_MINUTES)
            request.session[HALF_IN] = [form.account.pk, until.isoformat(), target]
            return redirect("console:login_factor")
        return let_in(request, form.account, target)
    status = 422 if form.errors else 200
    context = {"form": form, "next": target, "is_lenient": not factors.are_required()}
    return render(request, "console/login.html", context, status=status)


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_factor(request: HttpRequest) -> HttpResponse:
    """Will take the second factor of whoever gave his password within ten minutes, and open the session."""
    account_id, until, target = request.session.get(HALF_IN) or (0, "", "")
    account = entering_queries.find_account(account_id) if account_id else None
    if account is None or not account.is_active or clock.now() >= dt.datetime.fromisoformat(until):
        request.session.pop(HALF_IN, None)
        return redirect(LOG_IN)
    form = FactorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if factors.check(request, account, form.cleaned_data["code"]):
            request.session.pop(HALF_IN, None)
            return let_in(request, account, target, with_factor=True)
        form.add_error("code", WRONG_FACTOR)
    status = 422 if form.errors else 200
    return render(request, "console/login_factor.html", {"form": form}, status=status)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Will close the session; a second press is as good as the first."""
    logout(request)
    return redirect(LOG_IN)


def let_in(request: HttpRequest, account: Account, target: str, *, with_factor: bool = False) -> HttpResponse:
    """Will open a session of a working day and go to a page of ours."""
    entering.open_session(request, account, door=entering.CONSOLE, seconds=SESSION_SECONDS)
    if with_factor:
        factors.note_shown(request)
    response = redirect(target or "console:overview")
    preferences.keep_first_language(request, response, account.language)
    return response
