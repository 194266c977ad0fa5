"""Kit's loader of the rooms' sql/*.sql files."""

import itertools
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from django.db.models import QuerySet
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

ROOT = Path(__file__).resolve().parent.parent
PARAMETER = re.compile(r"%\((\w+)\)s")
COMMENT = re.compile(r"^\s*--.*\n?", re.MULTILINE)


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
    caller's (PostgreSQL takes what comes in one pipeline for one, where there is no other). Parameters go as text, so
    a statement says of each by a cast what it is.
    """
    connection.ensure_connection()
    line = connection.connection
    with connection.wrap_database_errors:
        if not line.autocommit and line.info.transaction_status == TransactionStatus.IDLE:
            psycopg.Cursor(line).execute(b"")  # whereby psycopg begins the transaction that its caller asked for
        return _together(line, [(_numbered(room, name), parameters) for name, parameters in statements])


# ---- statements kept planned, by libpq itself: psycopg's cursors take four times as long to say the same


class _Numbered:
    """A statement without its comments, its parameters numbered; `order` names them."""

    __slots__ = ("formats", "order", "text")

    def __init__(self, room: str, name: str) -> None:
        text = COMMENT.sub("", statement(room, name))
        self.order = tuple(dict.fromkeys(PARAMETER.findall(text)))
        self.text = PARAMETER.sub(lambda found: f"${self.order.index(found[1]) + 1}", text).replace("%%", "%").encode()
        self.formats = [PyFormat.TEXT] * len(self.order)


class _Kept:
    """A statement that one connection's server keeps planned, and what writes its parameters and reads its rows."""

    __slots__ = ("adapting", "name")

    def __init__(self, line: psycopg.Connection[Any]) -> None:
        self.name, self.adapting = f"kept_{next(NUMBERS)}".encode(), Transformer(line)

    def rows(self, result: PGresult) -> list[tuple[Any, ...]]:
        """Will return the rows of a result, if it has any."""
        if result.status != ExecStatus.TUPLES_OK:
            return []
        self.adapting.set_pgresult(result)
        return self.adapting.load_rows(0, result.ntuples, tuple)


NUMBERS = itertools.count(1)
_numbered = cache(_Numbered)


def _together(line: Any, statements: Sequence[tuple[_Numbered, Mapping[str, Any]]]) -> list[list[tuple[Any, ...]]]:
    server: PGconn = line.pgconn
    # Kept with the connection, for it ends with it.
    known: dict[_Numbered, _Kept] = line.__dict__.setdefault("kept_planned", {})
    new: dict[_Numbered, tuple[int, _Kept]] = {}
    calls: list[Callable[[], None]] = []
    asked: list[tuple[int, _Kept]] = []
    for one, parameters in statements:
        kept = known.get(one) or (new[one][1] if one in new else None)
        if kept is None:
            kept = _Kept(line)
            new[one] = len(calls), kept
            calls.append(partial(server.send_prepare, kept.name, one.text))
        values = kept.adapting.dump_sequence([parameters[name] for name in one.order], one.formats)
        asked.append((len(calls), kept))
        calls.append(partial(server.send_query_prepared, kept.name, values))
    try:
        server.enter_pipeline_mode()
        results = line.wait(_answers(server, calls))
        server.exit_pipeline_mode()
    except BaseException:
        # Answers that are still to come would be taken for those to the next question.
        line.close()
        raise
    known |= {one: kept for one, (place, kept) in new.items() if results[place].status == ExecStatus.COMMAND_OK}
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            error = psycopg.errors.error_from_result(result)
            if isinstance(error, psycopg.errors.InvalidSqlStatementName):
                known.clear()  # somebody had the server forget them
            raise error
    return [kept.rows(results[place]) for place, kept in asked]


def _answers(server: PGconn, calls: Sequence[Callable[[], None]]) -> Generator[Wait, Ready, list[PGresult]]:
    """Will make the calls in a pipeline and return what the server answers to each, as psycopg waits for things."""
    for call in calls:
        call()
    server.pipeline_sync()
    while server.flush():
        yield Wait.RW
        server.consume_input()
    found: list[PGresult] = []
    was_end = False
    while True:
        while server.is_busy():
            yield Wait.R
            server.consume_input()
        result = server.get_result()
        if result is None:
            if was_end:
                raise psycopg.OperationalError("The server went away in the middle of a pipeline.")
            was_end = True
        elif result.status == ExecStatus.PIPELINE_SYNC:
            return found
        else:
            found.append(result)
            was_end = False
