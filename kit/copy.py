"""Kit's COPY: many rows into a table as fast as PostgreSQL takes them, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg import sql


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Will append rows with COPY; constraints, unique keys and triggers hold as ever."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(columns))
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def next_ids(table: str, count: int) -> list[int]:
    """Will draw ids from a table's sequence for rows that are to be copied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


def upsert_rows(table: str, columns: Sequence[str], keys: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Will write rows by way of a temporary table: new keys are added, known ones take the other columns' values."""
    name = f"new_{table}"
    others = [column for column in columns if column not in keys]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} LIMIT 0").format(
                sql.Identifier(name), _names(columns), sql.Identifier(table)
            )
        )
        copy_rows(name, columns, rows)
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT * FROM {} ON CONFLICT ({}) DO UPDATE SET ({}) = ROW ({})").format(
                sql.Identifier(table),
                _names(columns),
                sql.Identifier(name),
                _names(keys),
                _names(others),
                sql.SQL(", ").join(sql.Identifier("excluded", column) for column in others),
            )
        )
        cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
