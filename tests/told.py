"""A story told once and put back for each further test with real commits: rows are copied faster than deeds are done.

It is told anew on another date, so that what happened "today" did; and each time where the server's role may not
write past the guards, which see every deed only once.
"""

from collections.abc import Callable

from django.db import connection, transaction

from kit import clock
from tests.emptying import WRITTEN, may_write_anything

_told: dict[tuple[object, ...], dict[str, bytes]] = {}


def once(tell: Callable[[], None]) -> None:
    """Will have a story told in an empty database, or put back all that it left there the first time today."""
    key = (tell, clock.business_date(clock.now()))
    if key in _told:
        _put_back(_told[key])
        return
    tell()
    if may_write_anything():
        _told[key] = _rows()


def _rows() -> dict[str, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        tables = [table for (table,) in cursor.fetchall()]
        rows = {}
        for table in tables:
            with cursor.cursor.copy(f"COPY {table} TO STDOUT") as copy:
                rows[table] = b"".join(map(bytes, copy))
    return {table: found for table, found in rows.items() if found}


def _put_back(rows: dict[str, bytes]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, found in rows.items():
            with cursor.cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(found)
