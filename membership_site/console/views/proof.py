"""The proof sheet, on the page and as a file for finance."""

from defusedcsv import csv
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.pages.proof import Asked, proof_page, sheet_asked, sheet_table
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_OVERVIEW)
def show_proof(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the sheet of a wallet, the last proof and the last root. At most seven queries."""
    page = proof_page(_asked(request), clock.now())
    return show(request, person, "console/proof.html", {"page": page}, current="proof")


@require_safe
@staff_page(Capability.SEE_OVERVIEW)
def download_sheet(request: HttpRequest, person: Person) -> HttpResponse:
    """Will give the same sheet as CSV, amounts without marks. Three queries."""
    asked = _asked(request)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="proof-sheet-{asked.wallet}-{asked.months}-months.csv"'
    csv.writer(answer).writerows(sheet_table(sheet_asked(asked, clock.now())))
    return answer


def _asked(request: HttpRequest) -> Asked:
    return Asked.read(request.GET.get("wallet", ""), request.GET.get("months", ""))
