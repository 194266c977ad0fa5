"""Kit's loader of the rooms' sql/*.sql files."""

import contextlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


@cache
def statement(room: str, name: str) -> str:
    """Will return the text of <room>/sql/<name>.sql; parameters are psycopg's %(name)s."""
    return (ROOT / room / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def execute(room: str, name: str, **parameters: Any) -> int:
    """Will run one statement and return how many rows it wrote or found."""
    with connection.cursor() as cursor:
        cursor.execute(statement(room, name), parameters)
        return int(cursor.rowcount)


def fetch(room: str, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """Will run one statement and return all its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement(room, name), parameters)
        return list(cursor.fetchall())


def fetch_prepared(room: str, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """Will run one statement as the server keeps it planned on this connection, and return its rows, if it has any.

    For what is asked thousands of times by one process: planning it would cost more than running it.
    """
    return fetch_together(room, [(name, parameters)])[0]


def fetch_together(room: str, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[tuple[Any, ...]]]:
    """Will run several statements, kept planned, on one way to the server and back, and return the rows of each.

    Each sees what was committed before it began. All stand or none does: they are one transaction, or part of the
    caller's (PostgreSQL takes what comes in one pipeline for one, where there is no other).
    """
    connection.ensure_connection()
    line = connection.connection
    # Django turns it off for its own cursors' sake, which put parameters in themselves and never prepare.
    line.prepare_threshold = 0
    with connection.wrap_database_errors, contextlib.ExitStack() as held:
        cursors = [held.enter_context(psycopg.Cursor(line)) for _ in statements]
        with line.pipeline() if len(statements) > 1 else contextlib.nullcontext():
            for cursor, (name, parameters) in zip(cursors, statements, strict=True):
                cursor.execute(statement(room, name).encode(), parameters, prepare=True)
        return [list(cursor.fetchall()) if cursor.description else [] for cursor in cursors]
