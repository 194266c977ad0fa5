"""Who may enter the members' door: whoever is logged in and has a membership."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from kit import clock
from members import queries as members_queries
from members.queries import MemberKey
from membership_site import entering
from messaging import queries as messaging_queries


@dataclass(frozen=True)
class Visitor:
    """The member who looks at a page, and the name to greet."""

    key: MemberKey
    name: str


P = ParamSpec("P")


def member_page(
    view: Callable[Concatenate[HttpRequest, Visitor, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Will call a view with the member who is logged in; staff go to the console, strangers to the log-in and back.

    Four queries: session, account, member, whether a message is unread.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_log_in(request)
        account = request.user
        key = members_queries.find_of_account(account.pk or 0)
        if key is not None:
            note_unread(request, key.id)
            return view(request, Visitor(key=key, name=str(getattr(account, "name", ""))), *args, **kwargs)
        if getattr(account, "is_staff", False):
            return redirect("console:overview")
        return render(request, "portal/outside.html", status=403)

    return guarded


def _to_log_in(request: HttpRequest) -> HttpResponse:
    """Will send to the log-in and back; what was posted is not kept, for another may log in."""
    if request.method not in ("GET", "HEAD"):
        messages.info(request, _("You were logged out meanwhile. Nothing was changed; press again after you log in."))
    return redirect_to_login(entering.way_back(request))


def note_unread(request: HttpRequest, member_id: int) -> None:
    """Will let the frame of the page say whether a message waits to be read. One query."""
    request.has_unread = messaging_queries.has_unread(member_id, clock.now())  # type: ignore[attr-defined]
