"""The members' pages: overview, points history, tiers, the code for the till, and the member's own facts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kit import clock
from kit.paging import read_row
from membership_site import charts
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.forms.ahead import AheadForm
from membership_site.portal.pages.ahead import ahead_page
from membership_site.portal.pages.balance import points_card
from membership_site.portal.pages.ladder import tiers_page
from membership_site.portal.pages.overview import overview
from membership_site.portal.pages.point_days import point_days_cards
from membership_site.portal.pages.profile import me
from membership_site.portal.pages.statement import Filter, history
from tiers.queries import NoStanding


@require_safe
@member_page
def show_overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show where the member stands. At most nineteen queries."""
    page = overview(visitor.key, clock.now())
    return render(request, "portal/overview.html", {"page": page, "tab": "overview"})


@require_safe
@member_page
def show_points(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show the points history, filtered and paged by the address. At most twelve queries."""
    at = clock.now()
    shown = Filter.read(request.GET.get("show", ""))
    page = history(visitor.key.id, shown, read_row(request.GET.get("before", "")), at)
    context = {"page": page, "points": points_card(visitor.key.id, at), "filters": list(Filter), "tab": "points"}
    context["point_days"] = point_days_cards(at)
    return render(request, "portal/points.html", context)


@require_safe
@member_page
def show_tiers(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show the tiers side by side. At most 24 queries, fifteen more for each ladder beside the main one."""
    page = tiers_page(visitor.key.id, clock.now())
    return render(request, "portal/tiers.html", {"page": page, "tab": "tiers"})


@require_safe
@member_page
def show_ahead(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will look ahead as the address asks; bad input is named at its field with 422. At most seventeen queries."""
    at = clock.now()
    asked = any(name in request.GET for name in ("spend", "on", "upto"))
    form = AheadForm(request.GET if asked else {}, today=clock.business_date(at))
    page = None
    if form.is_valid():
        try:
            page = ahead_page(visitor.key.id, at, **form.cleaned_data)
        except NoStanding:
            page = None
    context = {"page": page, "form": form, "tab": "tiers"}
    return render(request, "portal/ahead.html", context, status=422 if form.errors else 200)


@require_safe
@member_page
def show_code(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show the member's number as a QR code and a bar code for the till. Three queries."""
    number = visitor.key.number
    drawing = charts.qr_code(number, label=_("Member number %(number)s as a QR code") % {"number": number})
    bars = charts.bar_code(number, label=_("Member number %(number)s as a bar code") % {"number": number})
    context = {"number": number, "drawing": drawing, "bars": bars, "tab": "overview"}
    return render(request, "portal/code.html", context)


@require_safe
@member_page
def show_me(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show what the shop knows the member by, and the way out. Seven queries."""
    return render(request, "portal/me.html", {"page": me(visitor.key.id), "tab": "me"})
