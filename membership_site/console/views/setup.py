"""Before anybody can log in: the first administrator of a fresh installation, and who was invited."""

from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kit import clock
from members import actions as members_actions
from members.models import Account
from members.queries import entering as entering_queries
from membership_site.console.access import LOG_IN
from membership_site.console.forms.session import ChoosePasswordForm, FirstAdminForm
from membership_site.console.views.session import let_in
from membership_site.setup_link import is_good


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Will make the first administrator for who has the link of the set-up; afterwards the link opens nothing."""
    if entering_queries.has_staff() or not is_good(token):
        raise Http404(_("This link opens nothing. `manage.py setup_link` prints one while there is no administrator."))
    form = FirstAdminForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            account_id = members_actions.open_first_admin(**form.cleaned_data, at=clock.now(), actor="setup")
        except members_actions.SetUpAlready:
            messages.error(request, _("There is an administrator already. Log in, or ask him to invite you."))
            return redirect(LOG_IN)
        account = entering_queries.find_account(account_id)
        if account is not None:
            return let_in(request, account, "")
    status = 422 if form.errors else 200
    return render(request, "console/set_up.html", {"form": form}, status=status)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Will let who was invited choose a password and enter; the link is good for three days, and once."""
    account = _invited(uid, token)
    if account is None:
        return render(request, "console/link_spent.html", status=410)
    form = ChoosePasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        at, actor = clock.now(), f"staff:{account.pk}"
        members_actions.set_password(account_id=account.pk, password=form.cleaned_data["password"], at=at, actor=actor)
        members_actions.end_sessions(account_id=account.pk, but="", at=at, actor=actor)
        messages.success(request, _("The password is set. Log in with it."))
        return redirect(LOG_IN)
    status = 422 if form.errors else 200
    return render(request, "console/accept.html", {"form": form, "email": account.email}, status=status)


def _invited(uid: str, token: str) -> Account | None:
    try:
        account = entering_queries.find_account(int(force_str(urlsafe_base64_decode(uid))))
    except (ValueError, OverflowError, signing.BadSignature):
        return None
    is_staff = account is not None and account.is_staff and account.is_active
    return account if is_staff and default_token_generator.check_token(account, token) else None
