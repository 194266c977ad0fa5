"""Files for a spreadsheet: cells that it would run as a formula are made harmless."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence

from defusedcsv import csv
from django.http import HttpResponse, StreamingHttpResponse

BYTE_ORDER_MARK = "\ufeff"
"""So that spreadsheets read the file as UTF-8."""
CONTENT_TYPE = "text/csv; charset=utf-8"


def csv_file(name: str, heads: Sequence[object], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Will answer with a CSV file of this name, without its ending. No queries."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(heads)
    writer.writerows(rows)
    return HttpResponse(BYTE_ORDER_MARK + stream.getvalue(), content_type=CONTENT_TYPE, headers=_named(name))


def csv_stream(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Will answer with a CSV file of this name, line by line as the rows are read; the first has the heads."""
    return StreamingHttpResponse(  # type: ignore[return-value]  # whoever handles answers takes both
        _lines(rows), content_type=CONTENT_TYPE, headers=_named(name)
    )


class _Echo:
    """A file that hands back what is written into it."""

    def write(self, text: str) -> str:
        """Will return the text."""
        return text


def _lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK
    for row in rows:
        yield writer.writerow(row)


def _named(name: str) -> dict[str, str]:
    safe = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII)
    return {"Content-Disposition": f'attachment; filename="{safe}.csv"'}
