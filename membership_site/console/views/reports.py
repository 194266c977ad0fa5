"""The reports, and their tables as files for a spreadsheet."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kit import clock
from membership_site.console.access import Capability, Person, insist, staff_page
from membership_site.console.forms.reports import ReportForm
from membership_site.console.pages import reports
from membership_site.console.pages.reports.shelf import ReportPage, form_of, table_of
from membership_site.console.views.downloads import csv_file
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_REPORTS)
def show_reports(request: HttpRequest, person: Person) -> HttpResponse:
    """Will list the reports. At most four queries."""
    context = {"reports": reports.index_page(person.may)}
    return show(request, person, "console/reports/index.html", context, current="reports")


@require_safe
@staff_page(Capability.SEE_REPORTS)
def show_report(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will answer a report's question as the address asks it; 422 where that cannot be read. At most 22 queries."""
    page, form = _page(request, person, code)
    context = {"page": page, "form": form}
    status = 200 if form.is_valid() else 422
    return show(request, person, "console/reports/report.html", context, current="reports", status=status)


@require_safe
@staff_page(Capability.SEE_REPORTS, fresh=True)
def download_table(request: HttpRequest, person: Person, code: str, table: str) -> HttpResponse:
    """Will send one table of a report, bare values under stable names, as the page of that address shows it.

    All rows of what the page shows by pages. At most 20 queries.
    """
    page, _form = _page(request, person, code, is_whole=True)
    found = table_of(page, table)
    if found is None:
        raise Http404(_("There is no such table now. Nothing was sent."))
    heads = [column.code for column in found.columns]
    rows = [[cell.bare for cell in row.cells] for row in found.rows]
    asked = "-".join(part for part in page.query.replace("&", "=").split("=")[1::2] if part.isascii())
    return csv_file("-".join(filter(None, (code, table, asked))), heads, rows)


def _page(request: HttpRequest, person: Person, code: str, *, is_whole: bool = False) -> tuple[ReportPage, ReportForm]:
    """Will read an address and answer it; refuses those who may not see what the report names."""
    kind = reports.find_report(code)
    if kind is None:
        raise Http404(_("There is no such report."))
    if kind.needs:
        insist(person, kind.needs)
    today = clock.business_date(clock.now())
    form = form_of(kind, request.GET.dict(), today)
    form.is_whole = is_whole
    return reports.report_page(kind, form, today), form
