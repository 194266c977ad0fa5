"""What the house asks the database while something is done, each statement with the plan that it was given for it.

The statements are those of the deed, with its own parameters: no list of them can grow old. Each is explained before it
is run, with ANALYZE, in a savepoint that is taken back, so that the rows it looked at are counted and not guessed.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from kit.sql import ROOT
from tests.architecture.house import ROOMS

EXPLAIN = "EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF, FORMAT JSON) "
READS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan")
SAID = re.compile(r"^-- plan:(.*?)^(?:--\s*$|[^-])", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Node:
    """A step of a plan: what it does, to which table by which index, and how many rows it looked at in all."""

    kind: str
    table: str
    index: str
    rows: int


@dataclass(frozen=True)
class Heard:
    """A statement with its plan; `file` is room and name where it stands in one."""

    text: str
    file: str
    nodes: tuple[Node, ...]

    @property
    def walked(self) -> set[str]:
        """The tables that were read from their beginning to their end."""
        return {node.table for node in self.nodes if node.kind == "Seq Scan"}

    @property
    def indexes(self) -> set[str]:
        """The indexes by which something was found."""
        return {node.index for node in self.nodes if node.index}

    @property
    def touched(self) -> int:
        """How many rows of tables were looked at, also those that were not wanted."""
        return sum(node.rows for node in self.nodes if node.kind in READS)


class _Listening(psycopg.Cursor[Any]):
    """Explains what it is to run first; for statements that the server keeps planned."""

    heard: list[Heard]

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Will ask for the plan, and then run the statement."""
        text = query.decode() if isinstance(query, bytes) else query
        if isinstance(text, str) and "COPY" not in text[:10]:
            with connection.cursor() as cursor:
                _explain(cursor, text, params, self.heard)
        return super().execute(query, params, **options)


@contextmanager
def listening() -> Iterator[list[Heard]]:
    """Will keep every statement of the block with its plan; each is run twice, the first time to be taken back."""
    heard: list[Heard] = []

    def wrapper(execute: Any, text: str, parameters: Any, many: bool, context: Mapping[str, Any]) -> Any:
        if not many and not text.startswith(EXPLAIN):
            _explain(context["cursor"], text, parameters, heard)
        return execute(text, parameters, many, context)

    kind = type("Listening", (_Listening,), {"heard": heard})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(psycopg, "Cursor", kind)
        with connection.execute_wrapper(wrapper):
            yield heard


def _explain(cursor: Any, text: str, parameters: Any, heard: list[Heard]) -> None:
    """Will explain what has a plan, in a savepoint that is taken back."""
    bare = re.sub(r"^(\s*(--.*\n|\())*\s*", "", text)
    if not re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE|CREATE[^(]*\bAS)\b", bare, re.IGNORECASE):
        return
    line = connection.connection
    with psycopg.ClientCursor(line) as asking:
        asking.execute("SAVEPOINT heard")
        try:
            asking.execute(EXPLAIN + text, parameters)
            [plan] = asking.fetchone()[0]
        finally:
            asking.execute("ROLLBACK TO SAVEPOINT heard")
            asking.execute("RELEASE SAVEPOINT heard")
    heard.append(Heard(text, file_of(text), tuple(_nodes(plan["Plan"]))))


def _nodes(plan: Mapping[str, Any]) -> Iterator[Node]:
    loops = int(plan.get("Actual Loops", 0))
    rows = (
        plan.get("Actual Rows", 0)
        + plan.get("Rows Removed by Filter", 0)
        + plan.get("Rows Removed by Index Recheck", 0)
    )
    yield Node(plan["Node Type"], plan.get("Relation Name", ""), plan.get("Index Name", ""), round(rows * loops))
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def file_of(text: str) -> str:
    """Will say in which file a statement stands: by its first comment, or where it came without, by all its words."""
    first = text.lstrip().partition("\n")[0]
    return _files().get(first) or _files().get(_bare(text), "")


@cache
def _files() -> dict[str, str]:
    found = {}
    for path in paths():
        text, file = path.read_text(encoding="utf-8"), f"{path.parts[-3]}/{path.stem}"
        found |= {text.partition("\n")[0]: file, _bare(text): file}
    return found


def paths() -> Iterator[Path]:
    """Will yield the files of all statements."""
    for room in ROOMS:
        yield from sorted((ROOT / room / "sql").glob("*.sql"))


def _bare(text: str) -> str:
    return " ".join(re.sub(r"--.*", "", text).split())


def said_of(file: str) -> str:
    """Will return what a statement's file says of its plan, in one line."""
    room, name = file.split("/")
    found = SAID.search((ROOT / room / "sql" / f"{name}.sql").read_text(encoding="utf-8"))
    return " ".join(re.sub(r"^--", "", found[1], flags=re.MULTILINE).split()) if found else ""
