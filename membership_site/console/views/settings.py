"""All settings on one page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.pages.settings import sections
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_SETTINGS)
def show_settings(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show what everything is set to, and where. At most 14 queries."""
    context = {"sections": sections(person, clock.now())}
    return show(request, person, "console/settings.html", context, current="settings")
