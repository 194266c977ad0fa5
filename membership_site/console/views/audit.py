"""The audit log, and the same as a file."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kit import audit, clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.pages.audit import audit_file, audit_page
from membership_site.console.views.downloads import csv_stream
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_AUDIT)
def show_audit(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the deeds that the address asks for, latest first. At most twelve queries."""
    return show(request, person, "console/audit.html", {"page": audit_page(request.GET)}, current="audit")


@require_safe
@staff_page(Capability.SEE_AUDIT, fresh=True)
def download_audit(request: HttpRequest, person: Person) -> HttpResponse:
    """Will send the deeds that the address asks for as a table, as they are read; that it was taken is a deed too."""
    audit.record(
        at=clock.now(),
        actor=person.actor,
        deed="audit.exported",
        subject="audit:log",
        becomes={name: value for name, value in request.GET.dict().items() if value},
    )
    return csv_stream("audit-log", audit_file(request.GET.dict()))
