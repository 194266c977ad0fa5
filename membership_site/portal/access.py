"""Who may enter the members' door: whoever is logged in and has a membership."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from members import queries as members_queries
from members.queries import MemberKey


@dataclass(frozen=True)
class Visitor:
    """The member who looks at a page, and the name to greet."""

    key: MemberKey
    name: str


P = ParamSpec("P")


def member_page(
    view: Callable[Concatenate[HttpRequest, Visitor, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Will call a view with the member who is logged in; staff go to the console, strangers to the log-in.

    Three queries: session, account, member.
    """

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        account = request.user
        key = members_queries.find_of_account(account.pk or 0)
        if key is not None:
            return view(request, Visitor(key=key, name=str(getattr(account, "name", ""))), *args, **kwargs)
        if getattr(account, "is_staff", False):
            return redirect("console:overview")
        return render(request, "portal/outside.html", status=403)

    return guarded
