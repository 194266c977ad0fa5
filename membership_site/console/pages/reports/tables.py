"""What every report is made of: sections with a drawing and a table, whose cells are shown and exported alike."""

import datetime as dt
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.conf import settings

from kit import cached, paging
from kit.money import exponent_of
from membership_site import formats

T = TypeVar("T")

CACHE_VERSION = 1
MILLISECONDS = 25_000
"""Longer than this a page does not wait for one statement."""

NOTHING = "–"
BARE_DIGITS = 6
"""Decimals of a share in an export."""


@dataclass(frozen=True)
class Column:
    """A column: `code` heads it in the export, `label` on the page."""

    code: str
    label: str
    is_number: bool = True


@dataclass(frozen=True)
class Cell:
    """A value as people read it, and bare, as the export has it."""

    text: str
    bare: str
    url: str = ""


@dataclass(frozen=True)
class Row:
    """A row of cells, side by side with the columns; the first is its heading."""

    cells: tuple[Cell, ...]
    is_total: bool = False


@dataclass(frozen=True)
class Table:
    """A table of a report; `code` names its export."""

    code: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Legend:
    """A colour of the drawing in words; `swatch` is its class."""

    swatch: str
    label: str


@dataclass(frozen=True)
class Pager:
    """How many rows there are in words, and the queries of the pages before and after, empty where there is none."""

    count: str
    newer: str
    older: str


@dataclass(frozen=True)
class Section:
    """A part of a report; `empty` says why there is no table; `pager` is set where a page shows a part of the rows."""

    title: str
    words: str
    table: Table | None
    chart: str = ""
    legend: tuple[Legend, ...] = ()
    empty: str = ""
    pager: Pager | None = None


@dataclass(frozen=True)
class Link:
    """Another cut of the same report."""

    label: str
    query: str
    is_current: bool


@dataclass(frozen=True)
class Definition:
    """How a number is worked out."""

    term: str
    words: str


@dataclass(frozen=True)
class Report:
    """A report as the template shows it."""

    answer: tuple[str, ...]
    sections: tuple[Section, ...]
    definitions: tuple[Definition, ...]
    links: tuple[Link, ...] = ()

    def find_table(self, code: str) -> Table | None:
        """Will return a table by its code."""
        return next((s.table for s in self.sections if s.table and s.table.code == code), None)


def kept(key: tuple[Hashable, ...], ask: Callable[[], T]) -> T:
    """Will ask the database, or take what it answered some minutes ago where that took more than a second.

    Raises kit.paging.TooSlow. Three queries besides those of `ask`.
    """
    name = ":".join(["console:reports", str(CACHE_VERSION), *map(str, key)])
    return cached.if_slow(name, lambda: anew(ask))


def anew(ask: Callable[[], T]) -> T:
    """Will ask the database, and keep nothing: what names members. Raises kit.paging.TooSlow. Three queries besides."""
    with paging.within(MILLISECONDS):
        return ask()


def label_every(count: int) -> int:
    """Will say which of so many labels under a drawing have room: some six of them."""
    return max(round(count / 6), 1)


# ---- cells


def number(value: int, url: str = "") -> Cell:
    """Will show a number of points or members."""
    return Cell(formats.num(value), str(value), url)


def signed(value: int) -> Cell:
    """Will show what a number moved by, with its sign."""
    return Cell(formats.signed(value), str(value))


def money(value: Decimal) -> Cell:
    """Will show an amount in the programme's currency."""
    return Cell(formats.money(value), f"{value:.{exponent_of(settings.PROGRAMME_CURRENCY)}f}")


def share(value: float | Decimal | None) -> Cell:
    """Will show a share of one as a percentage; a dash where there is none."""
    return nothing() if value is None else Cell(formats.pct(value), f"{value:.{BARE_DIGITS}f}")


def signed_share(value: float | None) -> Cell:
    """Will show what a share moved by, in percentage points with their sign."""
    return nothing() if value is None else Cell(formats.signed_pct(value), f"{value:.{BARE_DIGITS}f}")


def words(text: str, bare: str = "", url: str = "") -> Cell:
    """Will show words; the export has them too unless it is told a code."""
    return Cell(text, bare or text, url)


def month(date: dt.date, url: str = "") -> Cell:
    """Will show a month."""
    return Cell(formats.cal(date, "yMMM"), f"{date:%Y-%m}", url)


def day(date: dt.date) -> Cell:
    """Will show a date."""
    return Cell(formats.cal(date), date.isoformat())


def nothing() -> Cell:
    """Will show a dash, and export an empty cell."""
    return Cell(NOTHING, "")


def part(whole: float | Decimal, of: float | Decimal) -> float | None:
    """Will return a share of one, None of nothing or less."""
    return float(whole) / float(of) if of > 0 else None
