"""The overview of the console."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.pages.checklist import checklist
from membership_site.console.pages.overview import overview_page
from membership_site.console.pages.stages import stage_tabs
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_OVERVIEW)
def show_overview(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show what needs somebody and the key figures of a period. At most 36 queries."""
    page = overview_page(person, request.GET.get("range", ""), clock.now())
    stages = stage_tabs(clock.now()) if person.may(Capability.SEE_MEMBERS) else ()
    context = {"page": page, "steps": checklist(person), "stages": stages}
    return show(request, person, "console/overview.html", context, current="overview")
