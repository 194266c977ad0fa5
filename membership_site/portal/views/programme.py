"""The programme's rules, open to everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kit import clock
from membership_site.portal.pages.programme import programme_page


@require_safe
def show_programme(request: HttpRequest) -> HttpResponse:
    """Will show the rules in force, what changes when and what was before; nobody needs to log in. Five queries."""
    page = programme_page(clock.now())
    context = {"page": page, "tab": "programme", "is_member": request.user.is_authenticated}
    return render(request, "portal/programme.html", context)
