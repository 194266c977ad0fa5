"""Logging in and out of the console."""

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from membership_site import preferences
from membership_site.console.access import LOG_IN
from membership_site.console.forms.session import StaffLogInForm

SESSION_SECONDS = 12 * 3600
"""A working day: a screen left open overnight asks again."""


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Will show the log-in and open a session of a working day; staff already inside go on."""
    target = _own_address(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated and request.user.is_staff:
        return redirect(target or "console:overview")
    form = StaffLogInForm(request, request.POST if request.method == "POST" else None)
    if form.is_valid() and form.account is not None:
        login(request, form.account)
        request.session.set_expiry(SESSION_SECONDS)
        response = redirect(target or "console:overview")
        preferences.keep_first_language(request, response, str(getattr(form.account, "language", "")))
        return response
    status = 422 if form.errors else 200
    return render(request, "console/login.html", {"form": form, "next": target}, status=status)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Will close the session; a second press is as good as the first."""
    logout(request)
    return redirect(LOG_IN)


def _own_address(request: HttpRequest, target: str) -> str:
    own = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return target if own else ""
