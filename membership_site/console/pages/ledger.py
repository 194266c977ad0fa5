"""A member's ledger as the staff see it: every entry with its sum, its reason, what caused it and who booked it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kit import clock
from kit.keys import parts_of
from membership_site import formats
from membership_site.console.pages.why import Why, why_of
from points import queries as points_queries
from points import wording as points_wording
from points.enums import EntryKind, Wallet
from points.queries import PublishedPolicy, StatementRow, WhyEarned

ROWS = 20


@dataclass(frozen=True)
class RowDeed:
    """What this person may do about an entry: where, in a word, and until when."""

    url: str
    icon: str
    label: str


@dataclass(frozen=True)
class LedgerRow:
    """One entry; `held_until` is the date from which it can be used, while that lies ahead.

    `why` is how the whole deed was worked out, and by which version, rules and facts; `order` is its address.
    """

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
    why: Why
    order: tuple[str, str] | None
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
    """Will assemble a page of a wallet as it stood at an instant; `tiers` names tiers by code. Three queries."""
    rows = points_queries.list_statement(member_id, wallet=wallet, before=before, as_of=at, limit=ROWS + 1)
    shown = rows[:ROWS]
    last = shown[-1] if len(rows) > ROWS else None
    return Ledger(
        wallet=wallet.value,
        rows=ledger_rows(member_id, shown, clock.business_date(at), tiers),
        older=f"{last.at.isoformat()}~{last.seq}" if last else "",
        is_first=before is None,
    )


def ledger_rows(
    member_id: int, rows: Sequence[StatementRow], today: dt.date, tiers: Mapping[str, str]
) -> tuple[LedgerRow, ...]:
    """Will put some rows of the ledger into words, each with how its whole deed was worked out. Two queries."""
    keys = {points_wording.deed_key(row) for row in rows if row.kind == EntryKind.ACCRUAL}
    whys = points_queries.whys_earned(member_id, sorted(keys))
    policies = {one.policy.id: one for one in points_queries.published_policies()}
    return tuple(_row(row, today, tiers, whys, policies) for row in rows)


def read_wallet(text: str) -> Wallet:
    """Will return the wallet an address asks for, points where it asks for none there is."""
    return Wallet.GROWTH if text == Wallet.GROWTH else Wallet.POINTS


def _row(
    row: StatementRow,
    today: dt.date,
    tiers: Mapping[str, str],
    whys: Mapping[str, WhyEarned],
    policies: Mapping[int, PublishedPolicy],
) -> LedgerRow:
    words = points_wording.explain(row, formats, tiers)
    key = points_wording.deed_key(row)
    why = whys.get(key) if row.kind == EntryKind.ACCRUAL else None
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
        why=why_of(row, why, policies.get(row.policy_id), tiers),
        order=_order_of(key),
    )


def _order_of(key: str) -> tuple[str, str] | None:
    parts = parts_of(key)
    return (parts[1], parts[2]) if parts[0] == "order" and len(parts) == 3 else None
