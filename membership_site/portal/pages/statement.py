"""The points history: entries of the ledger put together by order, opened to their sums, by month."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, groupby
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from kit import clock, dates
from kit.keys import parts_of
from membership_site import formats
from membership_site.flows import event_received
from orders import queries as orders_queries
from orders.queries import DeedRow
from points import queries as points_queries
from points import wording as points_wording
from points.enums import EntryKind, Wallet
from points.queries import PublishedPolicy, StatementRow, WhyEarned
from points.rules import earning
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording

ROWS_MAX = 60
"""How many ledger rows a page shows; it ends with a whole month where it can, with a whole order where it must."""

DEEDS_MAX = 200
"""How many orders, and how many events, of a page's time are looked through for those that earned nothing."""

LATEST_ROWS_MAX = 40
LATEST_ENTRIES = 6


class Filter(StrEnum):
    """What the history shows."""

    ALL = "all"
    EARNED = "earned"
    USED = "used"
    EXPIRED = "expired"
    GIFTS = "gifts"
    ADJUSTED = "adjusted"
    GROWTH = "growth"

    @classmethod
    def read(cls, text: str) -> "Filter":
        """Will return the filter an address asks for, all where it asks for none there is."""
        return next((shown for shown in cls if shown == text), cls.ALL)


KINDS: dict[Filter, tuple[EntryKind, ...]] = {
    Filter.ALL: (),
    Filter.EARNED: (EntryKind.ACCRUAL, EntryKind.REVERSAL),
    Filter.USED: (EntryKind.REDEMPTION, EntryKind.RESTORATION),
    Filter.EXPIRED: (EntryKind.EXPIRY,),
    Filter.GIFTS: (EntryKind.TRANSFER,),
    Filter.ADJUSTED: (EntryKind.ADJUSTMENT, EntryKind.REINSTATEMENT, EntryKind.WRITE_OFF),
    Filter.GROWTH: (),
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
STEP_ICONS = {"order_line": "shopping-bag", "order_line_growth": "shopping-bag", "sign_up": "user-plus"}
KIND_ICONS = {
    EntryKind.EXPIRY.value: "hourglass",
    EntryKind.REDEMPTION.value: "gift",
    EntryKind.REVERSAL.value: "rotate-ccw",
    EntryKind.RESTORATION.value: "undo-2",
    EntryKind.TRANSFER.value: "gift",
    EntryKind.ADJUSTMENT.value: "pencil",
    EntryKind.REINSTATEMENT.value: "rotate-ccw",
    EntryKind.WRITE_OFF.value: "check",
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
class Deed:
    """A whole order or event: its sum row by row, sentences, and the rules that gave nothing with their reasons."""

    steps: tuple[Step, ...]
    points: int
    sentences: tuple[str, ...]
    unfired: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """What happened to the points, or to the growth value, at one moment.

    It opens to its lines, and to the whole deed where rules looked at it. A deed that earned nothing has no lines and
    no points. `order` is its address, (source, number).
    """

    icon: str
    title: str
    summary: str
    at: dt.datetime
    when: str
    points: int
    usable_from: dt.date | None
    expires_on: dt.date | None
    lines: tuple[Line, ...]
    whole: Deed | None = None
    order: tuple[str, str] | None = None
    is_growth: bool = False


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
    """Will return the last entries for the overview, deeds that earned nothing among them. Eight queries."""
    rows = points_queries.list_statement(member_id, wallet=Wallet.POINTS, limit=LATEST_ROWS_MAX)
    reading = _Reading.of(member_id, rows, clock.business_date(at))
    since = rows[-1].at if len(rows) == LATEST_ROWS_MAX else None
    entries = [*reading.entries(rows), *reading.unearned(member_id, since, None)]
    return tuple(sorted(entries, key=lambda entry: entry.at, reverse=True)[:LATEST_ENTRIES])


def read_entries(
    member_id: int, points: Sequence[StatementRow], growth: Sequence[StatementRow], today: dt.date
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Will put some rows of both wallets, latest first, into entries as the history shows them. Four queries."""
    reading = _Reading.of(member_id, [*points, *growth], today)
    return reading.entries(points), reading.entries(growth)


def history(member_id: int, shown: Filter, before: tuple[str, int] | None, at: dt.datetime) -> History:
    """Will return a page of the history that ends before a row. At most eight queries.

    Orders and events of the page's time that earned nothing stand among the entries, with the reason.
    """
    wallet = Wallet.GROWTH if shown is Filter.GROWTH else Wallet.POINTS
    rows = points_queries.list_statement(
        member_id, wallet=wallet, kinds=KINDS[shown], before=before, limit=ROWS_MAX + 1
    )
    kept = _whole_part(rows) if len(rows) > ROWS_MAX else rows
    ends = dt.datetime.fromisoformat(before[0]) if before else None
    cut = {_month(rows[len(kept)])} if len(kept) < len(rows) else set()
    if ends:
        cut.add(clock.business_date(ends).replace(day=1))
    reading = _Reading.of(member_id, kept, clock.business_date(at))
    nothing: tuple[Entry, ...] = ()
    if shown in (Filter.ALL, Filter.EARNED):
        nothing = reading.unearned(member_id, kept[-1].at if len(kept) < len(rows) else None, ends)
    return History(
        filter=shown,
        months=_months(reading, kept, nothing, cut),
        older=_query(shown, kept[-1]) if len(kept) < len(rows) else "",
        is_first=before is None,
    )


def _months(
    reading: "_Reading", rows: Sequence[StatementRow], nothing: Sequence[Entry], cut: set[dt.date]
) -> tuple[Month, ...]:
    """Will put rows, and the deeds that earned nothing, into their months, latest first."""
    by_month = {first: list(group) for first, group in groupby(rows, key=_month)}
    empty: dict[dt.date, list[Entry]] = {}
    for entry in nothing:
        empty.setdefault(clock.business_date(entry.at).replace(day=1), []).append(entry)
    return tuple(
        reading.month(first, by_month.get(first, []), empty.get(first, []), first not in cut)
        for first in sorted({*by_month, *empty}, reverse=True)
    )


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
    """What rows are read with: the date that tells what is still held, tiers' names, rules' answers, policies."""

    today: dt.date
    tiers: Mapping[str, str]
    whys: Mapping[str, WhyEarned]
    policies: Sequence[PublishedPolicy]

    @classmethod
    def of(cls, member_id: int, rows: Sequence[StatementRow], today: dt.date) -> "_Reading":
        """Will look up what the rows of a page are read with. Four queries."""
        tiers = tiers_queries.tiers_of_ladder(today)
        keys = {points_wording.deed_key(row) for row in rows if row.kind == EntryKind.ACCRUAL}
        return cls(
            today,
            {tier.code: tiers_wording.tier_name(tier) for tier in tiers},
            points_queries.whys_earned(member_id, sorted(keys)),
            points_queries.published_policies(),
        )

    def month(self, first: dt.date, rows: Sequence[StatementRow], nothing: Sequence[Entry], whole: bool) -> Month:
        """Will sum a month up; points on hold are not earned yet and stand apart."""
        held = sum(row.points for row in rows if self.is_held(row))
        plus = sum(row.points for row in rows if row.points > 0) - held
        minus = sum(row.points for row in rows if row.points < 0)
        entries = sorted([*self.entries(rows), *nothing], key=lambda entry: entry.at, reverse=True)
        return Month(first=first, entries=tuple(entries), whole=whole, plus=plus, minus=minus, held=held)

    def entries(self, rows: Sequence[StatementRow]) -> tuple[Entry, ...]:
        """Will put the rows of one deed on one order together; all others stand alone."""
        return tuple(self.entry(group) for group in points_wording.by_deed(rows))

    def entry(self, rows: Sequence[StatementRow]) -> Entry:
        """Will put one happening into words; its lines in the order's own order."""
        first = rows[0]
        words = points_wording.explain(first, formats, self.tiers)
        key = points_wording.deed_key(first)
        whole = self.whole(first, self.whys.get(key))
        told = (
            [] if whole and len(rows) == 1 and whole.points == first.points else sorted(rows, key=lambda row: row.seq)
        )
        lines = tuple(self.line(row, is_ruled=whole is not None) for row in told)
        return Entry(
            icon=_icon(first),
            title=words.title,
            summary=words.summary,
            at=first.at,
            when=formats.near(first.business_date, self.today),
            points=sum(row.points for row in rows),
            usable_from=first.active_on if self.is_held(first) else None,
            expires_on=_last_date(first),
            lines=lines,
            whole=whole,
            order=_order_of(key),
            is_growth=first.wallet == Wallet.GROWTH,
        )

    def whole(self, row: StatementRow, why: WhyEarned | None) -> Deed | None:
        """Will say how a whole order came to its points, where rules or caps looked at it and this entry is of it.

        What is remembered follows the order's edits; an entry of an earlier state keeps the words of its own lines.
        """
        step = row.explanation[0] if row.explanation else {}
        if why and row.wallet == Wallet.GROWTH:
            words, awarded = points_wording.explain_growth(why.grown, formats, self.tiers)
            is_of_it = row.kind == EntryKind.ACCRUAL and bool(why.grown) and step.get("order_growth") == awarded
            return self.told(words, awarded) if is_of_it else None
        if why is None or row.kind != EntryKind.ACCRUAL or step.get("order_points") != why.awarded:
            return None
        return self.deed(why)

    def deed(self, why: WhyEarned) -> Deed:
        """Will put a remembered deed into words."""
        words = points_wording.explain_deed(why.unfired, why.desired, why.awarded, formats, self.tiers)
        return self.told(words, why.awarded)

    def told(self, words: points_wording.DeedWords, awarded: int) -> Deed:
        """Will keep the words of a whole deed."""
        steps = tuple(Step(words=step.text, points=step.points) for step in words.steps)
        return Deed(steps=steps, points=awarded, sentences=words.sentences, unfired=words.unfired)

    def unearned(self, member_id: int, since: dt.datetime | None, before: dt.datetime | None) -> tuple[Entry, ...]:
        """Will return the orders and events of a time that earned no points, with the reason. Four queries."""
        deeds = orders_queries.list_deeds(member_id, since, before, [event_received.WAITING], DEEDS_MAX)
        earned = points_queries.keys_with_entries(member_id, [deed.key for deed in deeds])
        nothing = [deed for deed in deeds if deed.key not in earned]
        whys = points_queries.whys_earned(member_id, [deed.key for deed in nothing])
        return tuple(self.nothing(deed, whys.get(deed.key)) for deed in nothing)

    def nothing(self, deed: DeedRow, why: WhyEarned | None) -> Entry:
        """Will put a deed that earned nothing into words: the rule, the cap or the rounding that left nothing."""
        is_order = deed.type == earning.ORDER
        name = points_wording.event_name(deed.type, photo=deed.with_photo)
        return Entry(
            icon=STEP_ICONS["order_line"] if is_order else EVENT_ICONS.get(deed.type, "coins"),
            title=_("Order %(order)s") % {"order": deed.order_id} if is_order else name,
            summary=formats.money(deed.basis) if is_order else "",
            at=deed.at,
            when=formats.near(deed.business_date, self.today),
            points=0,
            usable_from=None,
            expires_on=None,
            lines=(),
            whole=self.deed(why) if why else Deed((), 0, self.reasons(deed), ()),
            order=_order_of(deed.key),
        )

    def reasons(self, deed: DeedRow) -> tuple[str, ...]:
        """Will say why a deed earned nothing where no rule and no cap looked at it."""
        if deed.type == earning.ORDER:
            if not deed.is_paid:
                return (_("The order was cancelled, so it earns nothing."),)
            words = {"amount": formats.money(deed.basis)}
            return (_("%(amount)s count. Rounded down, they make no whole point.") % words,)
        terms = _policy_on(self.policies, deed.business_date).policy.events.get(deed.type)
        steps = event_received.nothing_of(deed.type, terms, is_booked=deed.is_booked)
        said = tuple(points_wording.step_text(step, formats) for step in steps)
        return said or (_("It earns no points."),)

    def line(self, row: StatementRow, *, is_ruled: bool) -> Line:
        """Will put one row of the ledger into words; what the whole deed says is not said again line by line."""
        words = points_wording.explain(row, formats, self.tiers)
        steps = tuple(Step(words=step.text, points=step.points) for step in words.steps)
        sentences = words.besides_rules if is_ruled else words.sentences
        return Line(title=words.line, points=row.points, steps=steps, sentences=sentences)

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


def _order_of(key: str) -> tuple[str, str] | None:
    """Will return the source and number of the order that a deed's key names."""
    parts = parts_of(key)
    return (parts[1], parts[2]) if parts[0] == "order" and len(parts) == 3 else None


def _policy_on(policies: Sequence[PublishedPolicy], date: dt.date) -> PublishedPolicy:
    """Will return the version in force on a date, the first before its time."""
    return next((policy for policy in reversed(policies) if policy.effective_on <= date), policies[0])
