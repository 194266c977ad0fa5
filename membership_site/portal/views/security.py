"""How a member enters: his password, the sessions that are open, and the log-ins of elsewhere that are linked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit import clock
from members import actions as members_actions
from members.queries import entering as entering_queries
from membership_site import entering
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.forms.session import PasswordForm
from membership_site.portal.pages.security import security_page

CODE_MINUTES = 10


@require_safe
@member_page
def show_security(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show the ways in and what is open. Six queries."""
    page = security_page(visitor.key.id, int(request.user.pk or 0), request.session.session_key or "")
    return render(request, "portal/security.html", {"page": page, "tab": "me"})


@sensitive_post_parameters("old", "new")
@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def change_password(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will set a password; the old one is asked for unless there is none or a code was shown just now."""
    account = entering_queries.find_account(int(request.user.pk or 0))
    if account is None:
        return redirect("portal:login")
    asks_old = account.has_usable_password() and not entering.has_shown_lately(request, CODE_MINUTES)
    form = PasswordForm(request, account, request.POST if request.method == "POST" else None, asks_old=asks_old)
    if form.is_valid():
        members_actions.set_password(
            account_id=account.pk, password=form.cleaned_data["new"], at=clock.now(), actor=f"member:{visitor.key.id}"
        )
        account.refresh_from_db()
        entering.keep_session_after_change(request, account)
        messages.success(request, _("The password is set. Everywhere else you were logged out."))
        return redirect("portal:security")
    status = 422 if form.errors else 200
    return render(request, "portal/password.html", {"form": form, "asks_old": asks_old, "tab": "me"}, status=status)


@require_POST
@member_page
def end_session(request: HttpRequest, visitor: Visitor, session_id: int) -> HttpResponse:
    """Will end one session of the member's own."""
    members_actions.end_session(
        account_id=int(request.user.pk or 0), session_id=session_id, at=clock.now(), actor=f"member:{visitor.key.id}"
    )
    messages.success(request, _("That device is logged out."))
    return redirect("portal:security")


@require_POST
@member_page
def end_sessions(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will end all sessions of the member but this one."""
    members_actions.end_sessions(
        account_id=int(request.user.pk or 0),
        but=request.session.session_key or "",
        at=clock.now(),
        actor=f"member:{visitor.key.id}",
    )
    messages.success(request, _("All other devices are logged out."))
    return redirect("portal:security")


@require_POST
@member_page
def unlink(request: HttpRequest, visitor: Visitor, identity_id: int) -> HttpResponse:
    """Will unlink a log-in of elsewhere, but never the last way in."""
    try:
        members_actions.unlink_login(
            member_id=visitor.key.id, identity_id=identity_id, at=clock.now(), actor=f"member:{visitor.key.id}"
        )
    except members_actions.LastWayIn:
        messages.error(
            request, _("It is your only way in, so it stays. Add an e-mail address or a phone number first.")
        )
    else:
        messages.success(request, _("It is unlinked."))
    return redirect("portal:security")
