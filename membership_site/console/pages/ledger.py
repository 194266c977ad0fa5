"""A member's ledger as the staff see it: every entry with its sum, its reason, what caused it and who booked it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from kit import clock
from membership_site import formats
from points import queries as points_queries
from points import wording as points_wording
from points.enums import Wallet
from points.queries import StatementRow

ROWS = 20


@dataclass(frozen=True)
class RowDeed:
    """What this person may do about an entry: where, in a word, and until when."""

    url: str
    icon: str
    label: str


@dataclass(frozen=True)
class LedgerRow:
    """One entry; `held_until` is the date from which it can be used, while that lies ahead."""

    at: dt.datetime
    title: str
    words: str
    points: int
    balance: int
    held_until: dt.date | None
    expires_on: dt.date | None
    steps: tuple[tuple[str, int], ...]
    sentences: tuple[str, ...]
    source_key: str
    actor: str
    deed: RowDeed | None = None


@dataclass(frozen=True)
class Ledger:
    """A page of a wallet; `older` is the place of the next page, empty on the last."""

    wallet: str
    rows: tuple[LedgerRow, ...]
    older: str
    is_first: bool


def ledger(
    member_id: int, wallet: Wallet, before: tuple[str, int] | None, at: dt.datetime, tiers: Mapping[str, str]
) -> Ledger:
    """Will assemble a page of a wallet as it stood at an instant; `tiers` names tiers by code. One query."""
    rows = points_queries.list_statement(member_id, wallet=wallet, before=before, as_of=at, limit=ROWS + 1)
    shown, today = rows[:ROWS], clock.business_date(at)
    last = shown[-1] if len(rows) > ROWS else None
    return Ledger(
        wallet=wallet.value,
        rows=tuple(_row(row, today, tiers) for row in shown),
        older=f"{last.at.isoformat()}~{last.seq}" if last else "",
        is_first=before is None,
    )


def read_wallet(text: str) -> Wallet:
    """Will return the wallet an address asks for, points where it asks for none there is."""
    return Wallet.GROWTH if text == Wallet.GROWTH else Wallet.POINTS


def read_cursor(text: str) -> tuple[str, int] | None:
    """Will read what ledger() wrote as `older`; anything else is the first page."""
    instant, _, seq = text.partition("~")
    at = read_instant(instant)
    return (instant, int(seq)) if at and seq.isascii() and seq.isdecimal() and 0 < len(seq) < 10 else None


def read_instant(text: str) -> dt.datetime | None:
    """Will read an instant with its offset; None for anything else."""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo and 1900 < at.year < 9999 else None


def _row(row: StatementRow, today: dt.date, tiers: Mapping[str, str]) -> LedgerRow:
    words = points_wording.explain(row, formats, tiers)
    is_held = row.points > 0 and row.active_on is not None and row.active_on > today
    ends = row.expires_on if row.points > 0 and row.expires_on and row.expires_on.year < 9999 else None
    return LedgerRow(
        at=row.at,
        title=words.title,
        words=" · ".join(filter(None, [words.line, words.summary])),
        points=row.points,
        balance=row.balance_after,
        held_until=row.active_on if is_held else None,
        expires_on=ends,
        steps=tuple((step.text, step.points) for step in words.steps),
        sentences=words.sentences,
        source_key=row.source_key,
        actor=row.actor,
    )
