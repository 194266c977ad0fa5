"""Kit's record of imported files: how far one got, so that a killed import goes on where it stopped."""

import json
from typing import Any

from kit import clock
from kit.models import FileImport
from kit.sql import execute_text

ADVANCE = b"UPDATE kit_fileimport SET rows_read = %(done)s, counts = %(counts)s::jsonb WHERE id = %(id)s"
"""What is said of every batch: kept planned."""


def begin(*, kind: str, source: str, digest: str, options: dict[str, Any], total: int, keep: bool) -> FileImport:
    """Will return the record of a file: unfinished ones as they stopped, finished ones from the start again.

    `total` counts statements; with `keep` False the record is not stored (a dry run).
    """
    fresh = FileImport(
        kind=kind, source=source, digest=digest, options=options, rows_total=total, started_at=clock.now()
    )
    if not keep:
        return fresh
    record = FileImport.objects.filter(kind=kind, source=source, digest=digest, options=options).first() or fresh
    if record.finished_at:
        record.rows_read, record.counts, record.finished_at, record.started_at = 0, {}, None, clock.now()
    record.rows_total = total
    record.save()
    return record


def advance(record: FileImport, done: int, counts: dict[str, int]) -> None:
    """Will note how far a file got, in the transaction that got it there."""
    record.rows_read, record.counts = done, counts
    execute_text(ADVANCE, {"id": record.pk, "done": done, "counts": json.dumps(counts)})


def finish(record: FileImport) -> None:
    """Will note that a file is done."""
    record.finished_at = clock.now()
    record.save(update_fields=["finished_at"])
