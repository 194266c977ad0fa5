"""The overview of the console."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.pages.checklist import checklist
from membership_site.console.pages.overview import dates_form, overview_page
from membership_site.console.pages.stages import stage_tabs
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_OVERVIEW)
def show_overview(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show what needs somebody and the key figures of a period. At most 15 queries.

    Dates that cannot be are refused at their field (422), above the figures of the range that ends today.
    """
    at = clock.now()
    form = dates_form(request.GET, at)
    page = overview_page(person, form, request.GET.get("range", ""), at)
    stages = stage_tabs(at) if person.may(Capability.SEE_MEMBERS) else ()
    context = {"page": page, "form": form, "steps": checklist(person), "stages": stages}
    status = 422 if form.errors else 200
    return show(request, person, "console/overview.html", context, current="overview", needs=page.needs, status=status)
