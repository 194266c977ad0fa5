"""Kit's COPY: many rows into a table as fast as PostgreSQL takes them, in the caller's transaction."""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection
from psycopg import sql
from psycopg.sql import SQL

from kit.sql import execute_text


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Will append rows with COPY; constraints, unique keys and triggers hold as ever."""
    statement = _copy(table, tuple(columns))
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def next_ids(table: str, count: int) -> list[int]:
    """Will draw ids from a table's sequence for rows that are to be copied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


def upsert_rows(table: str, columns: Sequence[str], keys: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Will write rows in one statement: new keys are added, known ones take the other columns' values.

    The rows travel as JSON, which takes its types from the table, so that nothing need be made for them on the way.
    """
    written = [dict(zip(columns, row, strict=True)) for row in rows]
    if not written:
        return
    execute_text(_upsert(table, tuple(columns), tuple(keys)), {"rows": json.dumps(written, default=str)})


@cache
def _copy(table: str, columns: tuple[str, ...]) -> bytes:
    return SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(columns)).as_bytes()


@cache
def _upsert(table: str, columns: tuple[str, ...], keys: tuple[str, ...]) -> bytes:
    others = [column for column in columns if column not in keys]
    statement = SQL(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %(rows)s::json)"
        " ON CONFLICT ({keys}) DO UPDATE SET ({others}) = ROW ({values})"
    ).format(
        table=sql.Identifier(table),
        columns=_names(columns),
        keys=_names(keys),
        others=_names(others),
        values=SQL(", ").join(sql.Identifier("excluded", column) for column in others),
    )
    return statement.as_bytes()


def _names(columns: Sequence[str]) -> sql.Composed:
    return SQL(", ").join(map(sql.Identifier, columns))
