"""Kit's loader of the rooms' sql/*.sql files."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg.sql import Composed

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
    with _kept_planned(len(statements)) as cursors:
        with connection.connection.pipeline() if len(statements) > 1 else contextlib.nullcontext():
            for cursor, (name, parameters) in zip(cursors, statements, strict=True):
                cursor.execute(statement(room, name).encode(), parameters, prepare=True)
        return [list(cursor.fetchall()) if cursor.description else [] for cursor in cursors]


def execute_prepared(room: str, name: str, **parameters: Any) -> int:
    """Will do what execute does with a statement that the server keeps planned on this connection."""
    return execute_text(statement(room, name).encode(), parameters)


def execute_text(text: bytes | Composed, parameters: Mapping[str, Any]) -> int:
    """Will run a statement that stands in no file as execute_prepared does; for kit's own, made of names of columns."""
    with _kept_planned(1) as [cursor]:
        cursor.execute(text, parameters, prepare=True)
        return int(cursor.rowcount)


def fetch_text(text: bytes, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Will run such a statement and return its rows."""
    with _kept_planned(1) as [cursor]:
        return list(cursor.execute(text, parameters, prepare=True).fetchall())


@contextlib.contextmanager
def _kept_planned(count: int) -> Iterator[list[psycopg.Cursor[Any]]]:
    """Will give cursors whose statements the server keeps planned; raises what Django raises."""
    connection.ensure_connection()
    line = connection.connection
    # Django turns it off for its own cursors' sake, which put parameters in themselves and never prepare.
    line.prepare_threshold = 0
    with connection.wrap_database_errors, contextlib.ExitStack() as held:
        yield [held.enter_context(psycopg.Cursor(line)) for _ in range(count)]
