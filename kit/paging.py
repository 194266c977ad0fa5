"""Kit's paging by key: where a page ended, as text in an address, and questions that may not take for ever."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction

PLACE = re.compile(r"([\w.:+\-]{0,40})~(\d{1,18})", re.ASCII)


class TooSlow(Exception):
    """The database needed longer than allowed; the question was given up, nothing was changed."""


@dataclass(frozen=True, slots=True)
class Place:
    """The last row of a page: its sort key as text, empty where it has none, and its id."""

    key: str
    id: int

    def __str__(self) -> str:
        return f"{self.key}~{self.id}"


def read_place(text: str) -> Place | None:
    """Will read what str(place) wrote; None for anything else, which is then the first page."""
    found = PLACE.fullmatch(text)
    return Place(found[1], int(found[2])) if found else None


def read_instant(text: str) -> dt.datetime | None:
    """Will read an instant with its offset that any zone's calendar has; None for anything else."""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo and 1900 < at.year < 9999 else None


def read_row(text: str) -> tuple[str, int] | None:
    """Will read where a page of a ledger ended, "instant~sequence"; None for anything else."""
    instant, _tilde, seq = text.partition("~")
    is_number = seq.isascii() and seq.isdecimal() and 0 < len(seq) < 10
    return (instant, int(seq)) if read_instant(instant) and is_number else None


def tighten(milliseconds: int) -> None:
    """Will let the next questions of a block that may only take so long take less, each. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [milliseconds])


@contextmanager
def within(milliseconds: int) -> Iterator[None]:
    """Will let the questions in the block take so long together at most, each; raises TooSlow.

    A block of its own in the caller's transaction, which stays whole. Three queries besides those in the block.
    """
    try:
        with transaction.atomic():
            tighten(milliseconds)
            yield
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":
            raise
        raise TooSlow(f"The database needed longer than {milliseconds} ms and was stopped.") from error
