"""The proof sheet: opening, what each month moved, closing - and the same sum by two other ways."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kit import dates, sql
from points.enums import EntryKind, Wallet

HELD = "held"


@dataclass(frozen=True, slots=True)
class SheetMonth:
    """A month of one wallet: opening and lines make its closing; `lots` and `debt` are what it moved of these."""

    first: dt.date
    opening: int
    lines: dict[EntryKind, int]
    closing: int
    entries: int
    lots: int
    debt: int

    @property
    def is_even(self) -> bool:
        """Whether opening and lines come to the closing, and the lines to what they did to lots and debt."""
        moved = sum(self.lines.values())
        return self.opening + moved == self.closing and moved == self.lots - self.debt


@dataclass(frozen=True, slots=True)
class Sheet:
    """The months of one wallet, oldest first, and what all its balances hold: in lots, and owed."""

    wallet: Wallet
    months: tuple[SheetMonth, ...]
    lots: int
    debt: int
    lots_booked: int
    debt_booked: int

    @property
    def closing(self) -> int:
        """What the last month closes with."""
        return self.months[-1].closing

    @property
    def is_even(self) -> bool:
        """Whether every month is, and the last one closes with what the balances hold."""
        held = self.closing == self.lots - self.debt
        return held and (self.lots, self.debt) == (self.lots_booked, self.debt_booked) and not list(self.breaks())

    def breaks(self) -> Iterator[SheetMonth]:
        """Will yield the months that are not even."""
        return (month for month in self.months if not month.is_even)


@dataclass(frozen=True, slots=True)
class _Moved:
    """What one kind of entry moved in a month, or before the first month, or what the balances hold."""

    month: dt.date | None
    kind: str
    entries: int
    points: int
    debt: int
    lots: int


def proof_sheets(first: dt.date, last: dt.date) -> dict[Wallet, Sheet]:
    """Will return the sheet of each wallet, from the month of one date through that of another. One query.

    Entries count on their business date; whatever lies behind the last month is in no line, so `last` is today or
    later. Reads the ledger once.
    """
    begins, ends = first.replace(day=1), last.replace(day=1)
    moved: dict[str, list[_Moved]] = {wallet: [] for wallet in Wallet}
    for wallet, *row in sql.fetch("points", "sheet", first=begins):
        moved[wallet].append(_Moved(*row))
    return {wallet: _sheet(wallet, moved[wallet], begins, ends) for wallet in Wallet}


def _sheet(wallet: Wallet, moved: list[_Moved], begins: dt.date, ends: dt.date) -> Sheet:
    booked = [row for row in moved if row.kind != HELD]
    held = [row for row in moved if row.kind == HELD]
    months = []
    opening = sum(row.points for row in booked if row.month is None)
    for first in _firsts(begins, max([ends, *(row.month for row in booked if row.month)])):
        month = _month(first, opening, (row for row in booked if row.month == first))
        months.append(month)
        opening = month.closing
    return Sheet(
        wallet,
        tuple(months),
        lots=sum(row.lots for row in held),
        debt=sum(row.debt for row in held),
        lots_booked=sum(row.lots for row in booked),
        debt_booked=sum(row.debt for row in booked),
    )


def _month(first: dt.date, opening: int, rows: Iterable[_Moved]) -> SheetMonth:
    lines: Counter[EntryKind] = Counter()
    entries = lots = debt = 0
    for row in rows:
        lines[EntryKind(row.kind)] += row.points
        entries, lots, debt = entries + row.entries, lots + row.lots, debt + row.debt
    closing = opening + sum(lines.values())
    return SheetMonth(first, opening, dict(lines), closing, entries, lots, debt)


def _firsts(begins: dt.date, ends: dt.date) -> Iterator[dt.date]:
    while begins <= ends:
        yield begins
        begins = dates.add_months(begins, 1)
