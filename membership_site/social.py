"""Log-ins of elsewhere: django-allauth goes to the provider and back, what comes of it is ours."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from kit import clock
from members import actions as members_actions
from members import queries as members_queries
from members.queries import entering as entering_queries
from membership_site import entering

PENDING = "login_to_link"
"""In the session: the provider and id of a log-in that nobody has linked yet."""

NAMES = {"google": "Google", "weixin": "WeChat", "weibo": "Weibo", "apple": "Apple", "github": "GitHub", "line": "LINE"}


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Links and enters by identities of ours; django-allauth keeps no account, no token and no profile."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Will link, enter, or lead to joining, and never let django-allauth go on."""
        provider, uid = str(sociallogin.account.provider), str(sociallogin.account.uid)
        member_id = entering_queries.find_by_login(provider, uid)
        if request.user.is_authenticated:
            raise ImmediateHttpResponse(_link(request, provider, uid))
        if member_id is not None:
            raise ImmediateHttpResponse(_enter(request, member_id, sociallogin.state.get("next") or ""))
        request.session[PENDING] = [provider, uid]
        messages.info(
            request,
            _("%(provider)s knows you. Say once by which address you are, or become, a member; then it lets you in.")
            % {"provider": name_of(provider)},
        )
        raise ImmediateHttpResponse(redirect("portal:join"))

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_details: Any) -> None:
        """Will lead back to the log-in, where there are other ways."""
        messages.error(
            request,
            _("%(provider)s did not let you in. Nothing was changed. Try again, or enter another way.")
            % {"provider": name_of(str(getattr(provider, "id", provider)))},
        )
        raise ImmediateHttpResponse(redirect("portal:login"))


def name_of(provider: str) -> str:
    """Will return what people call a provider."""
    return NAMES.get(provider, provider.title())


def ways() -> list[tuple[str, str, str]]:
    """Will return (provider, name, address) of the log-ins of elsewhere that are switched on."""
    found = []
    for provider in settings.SOCIAL_LOGINS:
        try:
            found.append((provider, name_of(provider), reverse(f"{provider}_login")))
        except NoReverseMatch:
            continue
    return found


def link_pending(request: HttpRequest, member_id: int) -> None:
    """Will link the log-in of elsewhere with which somebody came, now that we know who he is."""
    pending = request.session.pop(PENDING, None)
    if not pending:
        return
    _keep(request, member_id, *pending)


def _link(request: HttpRequest, provider: str, uid: str) -> Any:
    key = members_queries.find_of_account(int(request.user.pk or 0))
    if key is None:
        messages.error(request, _("This log-in has no membership. Nothing was linked."))
        return redirect("portal:me")
    _keep(request, key.id, provider, uid)
    return redirect("portal:security")


def _keep(request: HttpRequest, member_id: int, provider: str, uid: str) -> None:
    try:
        members_actions.link_login(
            member_id=member_id, provider=provider, uid=uid, at=clock.now(), actor=f"member:{member_id}"
        )
    except members_actions.LinkedToAnother:
        messages.error(request, _("This log-in is linked to another membership. Nothing was changed."))
    else:
        messages.success(request, _("%(provider)s is linked to your membership.") % {"provider": name_of(provider)})


def _enter(request: HttpRequest, member_id: int, target: str) -> Any:
    at = clock.now()
    account_id = members_actions.open_own_account(member_id=member_id, at=at, actor=f"member:{member_id}")
    account = entering_queries.find_account(account_id)
    if account is None or not account.is_active:
        messages.error(request, _("This log-in is closed. Ask the shop."))
        return redirect("portal:login")
    entering.open_session(request, account)
    entering.say_if_merged(request, account, "")
    response = redirect(entering.own_address(request, target) or settings.LOGIN_REDIRECT_URL)
    entering.remember_here(request, response, members_queries.number_of(member_id))
    return response
