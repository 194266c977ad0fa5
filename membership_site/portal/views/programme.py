"""The programme's rules, open to everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kit import clock
from membership_site.portal.pages.point_days import point_days_cards
from membership_site.portal.pages.programme import programme_page


@require_safe
def show_programme(request: HttpRequest) -> HttpResponse:
    """Will show the rules in force, what changes when and what was before; open to all. At most eight queries."""
    at = clock.now()
    page = programme_page(at)
    context = {"page": page, "tab": "programme", "is_member": request.user.is_authenticated}
    context["point_days"] = point_days_cards(at)
    return render(request, "portal/programme.html", context)
