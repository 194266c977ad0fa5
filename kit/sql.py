"""Kit's loader of the rooms' sql/*.sql files."""

import contextlib
import datetime as dt
import itertools
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import psycopg
from django.db import connection, models
from django.db.models import QuerySet
from psycopg.sql import Composed

ROOT = Path(__file__).resolve().parent.parent
Row = TypeVar("Row")

COMMENT = re.compile(r"^\s*--.*\n?", re.MULTILINE)
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)

TOLD = """(
SELECT {place} AS place, row_number() OVER () AS nth, c0 AS at, jsonb_build_array({columns}) AS told
FROM ({text}) told({names}))"""
COUNTED = "SELECT count(*) FROM ({found}) found"
LATEST = "SELECT place, nth, told FROM ({told}) every ORDER BY at DESC FETCH FIRST (%s) ROWS WITH TIES"


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


@dataclass(frozen=True, slots=True)
class Told(Generic[Row]):
    """What a room tells of something that happens: a question of so many rows at most, and how a row is read.

    A row begins with its instant, by which they come, the latest first.
    """

    asked: QuerySet[Any, Any]
    read: Callable[..., Row]

    def rows(self) -> list[Row]:
        """Will ask this alone. One query."""
        return [self.read(*row) for row in self.asked]


def told(asked: QuerySet[Any, Any], at: str, kind: Callable[..., Row], fields: Sequence[str]) -> Told[Row]:
    """Will return what is told by rows that come in order; a row is read as a `kind` by its fields. No query."""
    names = (at, *(field for field in fields if field != at))
    wanted = frozenset(fields)

    def read(*row: Any) -> Row:
        return kind(**{name: value for name, value in zip(names, row, strict=True) if name in wanted})

    return Told(asked.values_list(*names), read)


def latest(told: Sequence[Told[Any]], limit: int) -> list[tuple[int, Any]]:
    """Will return the latest rows of what several rooms tell, each with whose it is by its place. One query.

    What happened at the instant of the last of them is there too, so that who goes on before it leaves nothing out.
    """
    texts: list[str] = []
    values: list[Any] = []
    readers: list[list[Callable[[Any], Any]]] = []
    for place, one in enumerate(told):
        compiler = one.asked.query.get_compiler(connection=connection, elide_empty=False)
        text, given = compiler.as_sql()
        fields = [expression.output_field for expression, _, _ in compiler.select]
        texts.append(_told(place, text, fields))
        values.extend(given)
        readers.append([_reader(field) for field in fields])
    with connection.cursor() as cursor:
        cursor.execute(LATEST.format(told=" UNION ALL ".join(texts)), [*values, limit])
        # Of one instant, what was asked first comes first.
        found = [(place, json.loads(row)) for place, _nth, row in sorted(cursor.fetchall(), key=lambda row: row[:2])]
    rows: list[tuple[int, list[Any]]] = [
        (place, [value if value is None else read(value) for read, value in zip(readers[place], row, strict=True)])
        for place, row in found
    ]
    rows.sort(key=lambda row: row[1][0], reverse=True)
    return [(place, told[place].read(*row)) for place, row in rows]


def _told(place: int, text: str, fields: Sequence["models.Field[Any, Any]"]) -> str:
    """One room's rows as those of every room: whose, when, and all its columns in one."""
    names = [f"c{number}" for number in range(len(fields))]
    # As a number of JSON money would come back as a float.
    shown = [
        f"{name}::text" if isinstance(field, models.DecimalField) else name
        for name, field in zip(names, fields, strict=True)
    ]
    return TOLD.format(place=place, columns=", ".join(shown), text=text, names=", ".join(names))


def _reader(field: "models.Field[Any, Any]") -> Callable[[Any], Any]:
    readers: tuple[tuple[type, Callable[[Any], Any]], ...] = (
        (models.DateTimeField, dt.datetime.fromisoformat),
        (models.DateField, dt.date.fromisoformat),
        (models.DecimalField, Decimal),
        (models.UUIDField, uuid.UUID),
    )
    return next((read for kind, read in readers if isinstance(field, kind)), lambda value: value)


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


def count(asked: Sequence[Part]) -> int:
    """Will count the rows that several questions find together. One query, none where nothing is asked."""
    if not asked:
        return 0
    parts = {f"of_{place}": one for place, one in enumerate(asked)}
    found = " UNION ALL ".join(f"SELECT FROM (%({name})s) {name}" for name in parts)
    with connection.cursor() as cursor:
        cursor.execute(*whole(COUNTED.format(found=found), parts))
        return int(cursor.fetchall()[0][0])


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
