"""Logging in and out of the members' door."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from members import queries as members_queries
from members.models import Account
from membership_site import entering, preferences, social
from membership_site.portal.forms.session import LogInForm


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Will show the log-in and open a session; who is already inside goes on, the staff enter by their own door."""
    target = entering.own_address(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(target or settings.LOGIN_REDIRECT_URL)
    form = LogInForm(request, request.POST if request.method == "POST" else None)
    if form.is_valid() and form.account is not None:
        return _let_in(request, form.account, target, form.cleaned_data["email"].value)
    status = 422 if form.errors else 200
    context = {"form": form, "next": target, "ways": social.ways()}
    return render(request, "account/login.html", context, status=status)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Will close the session; a second press is as good as the first."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL or "/")


def _let_in(request: HttpRequest, account: Account, target: str, address: str) -> HttpResponse:
    """Will open the session of a member; one of the staff is shown to the console's log-in, which asks for more."""
    if account.is_staff:
        messages.info(request, _("This log-in is of the staff. Enter by the console’s own page."))
        return redirect("console:login")
    entering.open_session(request, account)
    entering.say_if_merged(request, account, address)
    response = redirect(target or settings.LOGIN_REDIRECT_URL)
    if key := members_queries.find_of_account(account.pk):
        entering.remember_here(request, response, key.number)
    preferences.keep_first_language(request, response, account.language)
    return response
