"""The statement to take away, and the public page of the roots that it is verified by."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kit import clock
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.pages.download import roots_file, roots_page, statement_file

READABLE = {"ensure_ascii": False, "indent": 1}


@require_safe
@never_cache
@member_page
def download_statement(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will give the member's whole ledger with its seals, as a file that can be verified offline. Nine queries."""
    at = clock.now()
    name = f"statement-{visitor.key.number}-{clock.business_date(at)}.json"
    return _file(statement_file(visitor.key, at), name)


@require_safe
def show_proof(request: HttpRequest) -> HttpResponse:
    """Will show to anybody the roots that nights have published, and what they prove. One query."""
    page = roots_page(_date(request.GET.get("before", "")))
    return render(request, "portal/seals.html", {"page": page, "tab": ""})


@require_safe
def download_roots(request: HttpRequest) -> HttpResponse:
    """Will give anybody all published roots as a file. One query."""
    return _file(roots_file(), "roots.json")


def _file(content: dict[str, Any], name: str) -> HttpResponse:
    answer = JsonResponse(content, json_dumps_params=READABLE)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
