"""Kit's loader of the rooms' sql/*.sql files."""

import contextlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import Composed

ROOT = Path(__file__).resolve().parent.parent
COMMENT = re.compile(r"^\s*--.*\n?", re.MULTILINE)
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """A statement to stand inside another one, as a queryset or a file has it: its text and its named parameters.

    Given as the parameter %(name)s of a statement it is put in the place of that, and its parameters go along.
    """

    text: str
    parameters: Mapping[str, Any]


def part(room: str, name: str, **parameters: Any) -> Part:
    """Will return <room>/sql/<name>.sql as a part; a parameter that both statements have must mean the same in both."""
    return Part(statement(room, name), parameters)


def question(queryset: QuerySet[Any, Any], name: str) -> Part:
    """Will return what a queryset asks as a part, also where it is known to find nothing; no query.

    Its parameters are called name_0, name_1 and so on.
    """
    # Otherwise a question that nobody can be the answer of would be refused, not asked.
    text, values = queryset.query.get_compiler(connection=connection, elide_empty=False).as_sql()
    places = itertools.count()
    named = re.sub(r"%[%s]", lambda found: found[0] if found[0] == "%%" else f"%({name}_{next(places)})s", text)
    return Part(named, {f"{name}_{place}": value for place, value in enumerate(values)})


@cache
def statement(room: str, name: str) -> str:
    """Will return the text of <room>/sql/<name>.sql; parameters are psycopg's %(name)s."""
    return (ROOT / room / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def whole(text: str, parameters: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Will return a statement with its parts in their places, and all their parameters.

    Raises ValueError where two of them mean different things by a name.
    """
    plain = {name: value for name, value in parameters.items() if not isinstance(value, Part)}
    for name, inner in parameters.items():
        if not isinstance(inner, Part):
            continue
        text = text.replace(f"%({name})s", inner.text)
        for inner_name, value in inner.parameters.items():
            if plain.setdefault(inner_name, value) != value:
                raise ValueError(f"{inner_name} means {plain[inner_name]} to the statement and {value} to its {name}.")
    return text, plain


def execute(room: str, name: str, **parameters: Any) -> int:
    """Will run one statement and return how many rows it wrote or found."""
    with connection.cursor() as cursor:
        cursor.execute(*whole(statement(room, name), parameters))
        return int(cursor.rowcount)


def fetch(room: str, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """Will run one statement and return all its rows."""
    with connection.cursor() as cursor:
        cursor.execute(*whole(statement(room, name), parameters))
        return list(cursor.fetchall())


def fetch_prepared(room: str, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """Will run one statement as the server keeps it planned on this connection, and return its rows, if it has any.

    For what is asked thousands of times by one process: planning it would cost more than running it.
    """
    return fetch_together(room, [(name, parameters)])[0]


def fetch_together(room: str, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[tuple[Any, ...]]]:
    """Will run several statements, kept planned, on one way to the server and back, and return the rows of each.

    Each sees what was committed before it began. All stand or none does: they are one transaction, or part of the
    caller's (PostgreSQL takes what comes in one pipeline for one, where there is no other). A parameter that is missing
    or cannot be said ends it there, and what was said before stands. A statement says of each by a cast what it is.
    """
    with _kept_planned(len(statements)) as cursors:
        with connection.connection.pipeline() if len(statements) > 1 else contextlib.nullcontext():
            for cursor, (name, parameters) in zip(cursors, statements, strict=True):
                cursor.execute(_short(room, name), parameters, prepare=True)
        return [list(cursor.fetchall()) if cursor.description else [] for cursor in cursors]


def execute_prepared(room: str, name: str, **parameters: Any) -> int:
    """Will do what execute does with a statement that the server keeps planned on this connection."""
    return execute_text(_short(room, name), parameters)


def execute_text(text: bytes | Composed, parameters: Mapping[str, Any]) -> int:
    """Will run a statement that stands in no file as execute_prepared does; for kit's own, made of names of columns."""
    with _kept_planned(1) as [cursor]:
        cursor.execute(text, parameters, prepare=True)
        return int(cursor.rowcount)


def fetch_text(text: bytes, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Will run such a statement and return its rows."""
    with _kept_planned(1) as [cursor]:
        return list(cursor.execute(text, parameters, prepare=True).fetchall())


@cache
def _short(room: str, name: str) -> bytes:
    """A statement without comments and indents: psycopg remembers what it found in a short one only."""
    return INDENT.sub("", COMMENT.sub("", statement(room, name))).encode()


@contextlib.contextmanager
def _kept_planned(count: int) -> Iterator[list[psycopg.Cursor[Any]]]:
    """Will give cursors whose statements the server keeps planned; raises what Django raises."""
    connection.ensure_connection()
    line = connection.connection
    # Django turns it off for its own cursors' sake, which put parameters in themselves and never prepare.
    line.prepare_threshold = 0
    with connection.wrap_database_errors, contextlib.ExitStack() as held:
        yield [held.enter_context(psycopg.Cursor(line)) for _ in range(count)]
