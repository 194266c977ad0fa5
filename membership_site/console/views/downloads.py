"""Files for a spreadsheet: cells that it would run as a formula are made harmless."""

import io
import re
from collections.abc import Iterable, Sequence

from defusedcsv import csv
from django.http import HttpResponse

BYTE_ORDER_MARK = "\ufeff"
"""So that spreadsheets read the file as UTF-8."""


def csv_file(name: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponse:
    """Will answer with a CSV file of this name, without its ending. No queries."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(heads)
    writer.writerows(rows)
    safe = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII)
    return HttpResponse(
        BYTE_ORDER_MARK + stream.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{safe}.csv"'},
    )
