"""The audit log, and the same as a file."""

from collections.abc import Iterator

from defusedcsv import csv
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from kit import audit, clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.pages.audit import audit_file, audit_page
from membership_site.console.views.downloads import BYTE_ORDER_MARK
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
        origin=request.META.get("REMOTE_ADDR", "")[:60],
    )
    return StreamingHttpResponse(  # type: ignore[return-value]  # whoever handles answers takes both
        _lines(request.GET.dict()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit-log.csv"'},
    )


class _Echo:
    """A file that hands back what is written into it."""

    def write(self, text: str) -> str:
        """Will return the text."""
        return text


def _lines(data: dict[str, str]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK
    for row in audit_file(data):
        yield writer.writerow(row)
