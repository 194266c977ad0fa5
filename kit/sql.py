"""Kit's loader of the rooms' sql/*.sql files."""

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
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement(room, name).encode(), parameters, prepare=True)
        return list(cursor.fetchall()) if cursor.description else []
