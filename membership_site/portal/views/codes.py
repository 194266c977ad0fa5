"""Codes by e-mail or text message: asked for, typed, and what they open."""

import datetime as dt
from time import perf_counter, sleep
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from kit import clock
from members import queries as members_queries
from members import rules as members_rules
from members.enums import CodePurpose, CodeVerdict
from members.queries import entering as entering_queries
from members.rules import IdentityValue
from membership_site import entering, preferences, social
from membership_site.flows import code_sent, member_verified
from membership_site.flows.member_verified import Verified
from membership_site.portal.forms.session import AskCodeForm, CodeForm

ASKED = "code_asked"
"""In the session: ticket, address, purpose, wishes and where to go of the code that was asked for last."""

ASK_SECONDS = 0.15
"""Asking takes at least so long: a message that goes out costs some milliseconds, which would tell who is known."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Will send a code to enter by, if the address is a member's; the page that follows does not say."""
    return _ask(request, CodePurpose.ENTER, "account/enter.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Will send a code that leads to a new password, if the address is a member's."""
    return _ask(request, CodePurpose.PASSWORD, "account/forgotten.html")


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Will take the code and let its owner in; what is wrong with it is said at the field."""
    asked = request.session.get(ASKED)
    if not asked:
        return redirect("portal:enter")
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        if room := entering.may_try_code(request):
            form.add_error(None, too_often(room))
            status = 429
        else:
            done = _try(request, asked, form.cleaned_data["code"])
            if done.verdict == CodeVerdict.RIGHT:
                return _let_in(request, asked, done)
            form.add_error("code", _what_is_wrong(done))
    status = 422 if form.errors and status == 200 else status
    context = {"form": form, "address": asked["masked"], "minutes": members_rules.CODE_MINUTES}
    return render(request, "account/verify.html", context, status=status)


@never_cache
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Will send another code to the address that was typed; the first one goes on being good."""
    asked = request.session.get(ASKED)
    if not asked:
        return redirect("portal:enter")
    identity = members_rules.address_identity(asked["address"])
    if room := entering.may_ask_code(request, identity.value):
        messages.error(request, too_often(room))
    else:
        ask(request, identity, CodePurpose(asked["purpose"]), target=asked["next"], wishes=asked["wishes"])
        messages.success(request, _("Another message is on its way. Use the code that came last."))
    return redirect("portal:verify")


def ask(
    request: HttpRequest,
    identity: IdentityValue,
    purpose: CodePurpose,
    *,
    target: str,
    wishes: dict[str, Any] | None = None,
) -> None:
    """Will send a code and keep in the session what it is for; it takes as long for an address that nobody has."""
    begun = perf_counter()
    ticket = code_sent.send(
        identity=identity, purpose=purpose, at=clock.now(), wishes=wishes, language=get_language() or ""
    )
    sleep(max(0.0, ASK_SECONDS - (perf_counter() - begun)))
    request.session[ASKED] = {
        "ticket": str(ticket),
        "address": identity.value,
        "masked": members_rules.masked(identity),
        "purpose": purpose.value,
        "next": target,
        "wishes": wishes or {},
    }


def too_often(room: dt.datetime) -> str:
    """Will say when there is room again."""
    seconds = max(1, round((room - clock.now()).total_seconds()))
    return _("That was often within a minute. Nothing was sent or looked at. Wait %(seconds)s seconds.") % {
        "seconds": seconds
    }


def _ask(request: HttpRequest, purpose: CodePurpose, template: str) -> HttpResponse:
    target = entering.own_address(request, request.POST.get("next") or request.GET.get("next", ""))
    form = AskCodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        identity = form.cleaned_data["address"]
        room = entering.may_ask_code(request, identity.value)
        if room is None:
            ask(request, identity, purpose, target=target)
            return redirect("portal:verify")
        form.add_error(None, too_often(room))
        status = 429
    status = 422 if form.errors and status == 200 else status
    return render(request, template, {"form": form, "next": target}, status=status)


def _try(request: HttpRequest, asked: dict[str, Any], code: str) -> Verified:
    ticket = entering.ticket_of(asked["ticket"])
    if ticket is None:
        return Verified(CodeVerdict.EXPIRED)
    known = frozenset(entering.known_here(request))
    return member_verified.verify(ticket=ticket, code=code, known_here=known, at=clock.now())


def _let_in(request: HttpRequest, asked: dict[str, Any], done: Verified) -> HttpResponse:
    """Will open the session; who joined is welcomed, who forgot his password chooses another."""
    account = entering_queries.find_account(done.account_id)
    if account is None or not account.is_active:
        messages.error(request, _("This log-in is closed. Ask the shop."))
        return redirect("portal:login")
    pending = request.session.get(social.PENDING)
    entering.open_session(request, account)
    entering.say_if_merged(request, account, asked["address"])
    request.session.pop(ASKED, None)
    if pending:
        social.link_pending(request, done.member_id)
    target = entering.own_address(request, asked["next"]) or settings.LOGIN_REDIRECT_URL
    if done.purpose == CodePurpose.PASSWORD:
        target = "portal:password"
    elif done.is_new:
        target = "portal:welcome"
    elif done.purpose == CodePurpose.JOIN:
        messages.info(request, _("You were a member already. You are in, and everything is as it was."))
    response = redirect(target)
    entering.remember_here(request, response, members_queries.number_of(done.member_id))
    preferences.keep_first_language(request, response, account.language)
    return response


def _what_is_wrong(done: Verified) -> str:
    match done.verdict:
        case CodeVerdict.EXPIRED:
            return _("This code is too old. Ask for another one.")
        case CodeVerdict.USED_UP:
            return _("This code opens nothing any more. Ask for another one.")
    if not done.tries_left:
        return _("This is not the code, and it was the last try. Ask for another one.")
    return _("This is not the code. Look at the message again; %(count)s tries are left.") % {"count": done.tries_left}
