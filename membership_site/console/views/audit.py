"""The audit log."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.pages.audit import audit_page
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_AUDIT)
def show_audit(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the deeds that the address asks for, latest first. At most twelve queries."""
    return show(request, person, "console/audit.html", {"page": audit_page(request.GET)}, current="audit")
