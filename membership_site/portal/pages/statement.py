"""The points history: entries of the ledger put together by order, opened to their sums, by month."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, groupby
from urllib.parse import urlencode

from kit import clock, dates
from membership_site import formats
from points import queries as points_queries
from points import wording as points_wording
from points.enums import EntryKind, Wallet
from points.queries import StatementRow
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording

ROWS_MAX = 60
"""How many ledger rows a page shows; it ends with a whole month where it can, with a whole order where it must."""

LATEST_ROWS_MAX = 40
LATEST_ENTRIES = 6


class Filter(StrEnum):
    """What the history shows."""

    ALL = "all"
    EARNED = "earned"
    USED = "used"
    EXPIRED = "expired"

    @classmethod
    def read(cls, text: str) -> "Filter":
        """Will return the filter an address asks for, all where it asks for none there is."""
        return next((shown for shown in cls if shown == text), cls.ALL)


KINDS: dict[Filter, tuple[EntryKind, ...]] = {
    Filter.ALL: (),
    Filter.EARNED: (EntryKind.ACCRUAL, EntryKind.REVERSAL),
    Filter.USED: (EntryKind.REDEMPTION,),
    Filter.EXPIRED: (EntryKind.EXPIRY,),
}

EVENT_ICONS = {
    "check_in": "calendar-check",
    "review": "star",
    "share": "share-2",
    "referral": "users",
    "profile_completed": "user",
    "survey": "list-checks",
    "birthday": "gift",
    "anniversary": "gift",
}
STEP_ICONS = {"order_line": "shopping-bag", "sign_up": "user-plus"}
KIND_ICONS = {
    EntryKind.EXPIRY.value: "hourglass",
    EntryKind.REDEMPTION.value: "gift",
    EntryKind.REVERSAL.value: "rotate-ccw",
}


@dataclass(frozen=True)
class Step:
    """A row of the sum that makes an entry."""

    words: str
    points: int


@dataclass(frozen=True)
class Line:
    """One ledger row of an entry: of an order there is one a line."""

    title: str
    points: int
    steps: tuple[Step, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """What happened to the points at one moment; opens to its lines."""

    icon: str
    title: str
    summary: str
    at: dt.datetime
    when: str
    points: int
    usable_from: dt.date | None
    expires_on: dt.date | None
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Month:
    """A month of the history; the sums are left out where a page shows only a part of it."""

    first: dt.date
    entries: tuple[Entry, ...]
    whole: bool
    plus: int
    minus: int
    held: int


@dataclass(frozen=True)
class History:
    """A page of the history; `older` is the query of the next page, empty on the last."""

    filter: Filter
    months: tuple[Month, ...]
    older: str
    is_first: bool


def latest_entries(member_id: int, at: dt.datetime) -> tuple[Entry, ...]:
    """Will return the last entries for the overview. Three queries."""
    rows = points_queries.list_statement(member_id, wallet=Wallet.POINTS, limit=LATEST_ROWS_MAX)
    return _Reading.on(clock.business_date(at)).entries(rows)[:LATEST_ENTRIES]


def history(member_id: int, shown: Filter, before: tuple[str, int] | None, at: dt.datetime) -> History:
    """Will return a page of the history that ends before a row. Three queries."""
    rows = points_queries.list_statement(
        member_id, wallet=Wallet.POINTS, kinds=KINDS[shown], before=before, limit=ROWS_MAX + 1
    )
    kept = _whole_part(rows) if len(rows) > ROWS_MAX else rows
    cut = {_month(rows[len(kept)])} if len(kept) < len(rows) else set()
    if before:
        cut.add(clock.business_date(dt.datetime.fromisoformat(before[0])).replace(day=1))
    reading = _Reading.on(clock.business_date(at))
    return History(
        filter=shown,
        months=tuple(reading.month(first, list(group), first not in cut) for first, group in groupby(kept, key=_month)),
        older=_query(shown, kept[-1]) if len(kept) < len(rows) else "",
        is_first=before is None,
    )


def read_cursor(text: str) -> tuple[str, int] | None:
    """Will read what _query wrote; anything else is the first page."""
    instant, _, seq = text.partition("~")
    try:
        at = dt.datetime.fromisoformat(instant)
        number = int(seq)
    except ValueError:
        return None
    return (instant, number) if at.tzinfo and 0 < number < 2**31 else None


# ---- where a page ends


def _whole_part(rows: Sequence[StatementRow]) -> Sequence[StatementRow]:
    """Will leave out the month that goes on beyond the page; else the order that does; else the one row too many."""
    earlier = [row for row in rows if _month(row) != _month(rows[-1])]
    return earlier or list(chain.from_iterable(points_wording.by_deed(rows)[:-1])) or rows[:-1]


def _query(shown: Filter, last: StatementRow) -> str:
    cursor = {"before": f"{last.at.isoformat()}~{last.seq}"}
    return urlencode(cursor if shown is Filter.ALL else {"show": shown.value, **cursor})


def _month(row: StatementRow) -> dt.date:
    return row.business_date.replace(day=1)


# ---- entries


@dataclass(frozen=True)
class _Reading:
    """What rows are read with: the date that tells what is still held, and the tiers' names by code."""

    today: dt.date
    tiers: Mapping[str, str]

    @classmethod
    def on(cls, today: dt.date) -> "_Reading":
        """Will look the names up. Two queries."""
        tiers = tiers_queries.tiers_of_ladder(today)
        return cls(today, {tier.code: tiers_wording.tier_name(tier) for tier in tiers})

    def month(self, first: dt.date, rows: Sequence[StatementRow], whole: bool) -> Month:
        """Will sum a month up; points on hold are not earned yet and stand apart."""
        held = sum(row.points for row in rows if self.is_held(row))
        plus = sum(row.points for row in rows if row.points > 0) - held
        minus = sum(row.points for row in rows if row.points < 0)
        return Month(first=first, entries=self.entries(rows), whole=whole, plus=plus, minus=minus, held=held)

    def entries(self, rows: Sequence[StatementRow]) -> tuple[Entry, ...]:
        """Will put the rows of one deed on one order together; all others stand alone."""
        return tuple(self.entry(group) for group in points_wording.by_deed(rows))

    def entry(self, rows: Sequence[StatementRow]) -> Entry:
        """Will put one happening into words; its lines in the order's own order."""
        first = rows[0]
        words = points_wording.explain(first, formats, self.tiers)
        return Entry(
            icon=_icon(first),
            title=words.title,
            summary=words.summary,
            at=first.at,
            when=formats.near(first.business_date, self.today),
            points=sum(row.points for row in rows),
            usable_from=first.active_on if self.is_held(first) else None,
            expires_on=_last_date(first),
            lines=tuple(self.line(row) for row in sorted(rows, key=lambda row: row.seq)),
        )

    def line(self, row: StatementRow) -> Line:
        """Will put one row of the ledger into words."""
        words = points_wording.explain(row, formats, self.tiers)
        steps = tuple(Step(words=step.text, points=step.points) for step in words.steps)
        return Line(title=words.line, points=row.points, steps=steps, sentences=words.sentences)

    def is_held(self, row: StatementRow) -> bool:
        """Will say whether what a row added cannot be spent yet."""
        return row.points > 0 and row.active_on is not None and row.active_on > self.today


def _last_date(row: StatementRow) -> dt.date | None:
    """The date of the lot that a row put in; one that never ends, or only with the member's inactivity, has none."""
    return row.expires_on if row.points > 0 and row.expires_on and row.expires_on < dates.WHILE_ACTIVE else None


def _icon(row: StatementRow) -> str:
    step = row.explanation[0] if row.explanation else {}
    if row.kind in KIND_ICONS:
        return KIND_ICONS[row.kind]
    return EVENT_ICONS.get(str(step.get("type")), STEP_ICONS.get(str(step.get("code")), "coins"))
