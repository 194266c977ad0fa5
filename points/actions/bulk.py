"""Opening and closing the wallets of many members at once, for imports: the same books, read and written in sets."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from kit import clock, sql
from kit.copy import copy_rows, upsert_rows
from points.actions.books import idle_months_of
from points.enums import EntryKind, Wallet
from points.models import Entry
from points.rules import ledger
from points.rules.ledger import Deed, Holding, NewEntry, WalletState

ENTRY_COLUMNS = NewEntry._fields
LOT_COLUMNS = ("member_id", "wallet", "active_on", "expires_on", "points", "pending")
BALANCE_COLUMNS = ("member_id", "wallet", "available", "pending", "debt", "seq", "idle_until", "idle_months")

LOCK = b"""
SELECT member_id, wallet, debt, seq, idle_until, idle_months FROM points_balance
WHERE member_id = ANY(%(members)s::bigint[]) ORDER BY member_id, wallet FOR NO KEY UPDATE
"""
READ_LOTS = b"""
SELECT member_id, wallet, active_on, expires_on, points, pending FROM points_lot
WHERE member_id = ANY(%(members)s::bigint[])
"""
DELETE_LOTS = """
DELETE FROM points_lot lot
USING unnest(%s::bigint[], %s::text[], %s::date[], %s::date[]) AS gone (member_id, wallet, active_on, expires_on)
WHERE lot.member_id = gone.member_id AND lot.wallet = gone.wallet
    AND lot.active_on = gone.active_on AND lot.expires_on = gone.expires_on
"""


def read_wallets(*, member_ids: Sequence[int]) -> dict[int, dict[Wallet, WalletState]]:
    """Will lock and read both wallets of members, in id order; who has none yet gets empty ones to be written."""
    states = {member_id: {wallet: WalletState(member_id, wallet) for wallet in Wallet} for member_id in member_ids}
    asked = {"members": list(member_ids)}
    for member_id, wallet, debt, seq, idle_until, idle_months in sql.fetch_text(LOCK, asked):
        state = states[member_id][Wallet(wallet)]
        state.debt, state.seq, state.idle_until, state.idle_months = debt, seq, idle_until, idle_months
    for member_id, wallet, active_on, expires_on, points, pending in sql.fetch_text(READ_LOTS, asked):
        states[member_id][Wallet(wallet)].lots[active_on, expires_on] = Holding(points, pending)
    return states


def credit_many(
    *,
    member_ids: Sequence[int],
    source_key: str,
    points: int,
    lot: tuple[dt.date, dt.date],
    explanation: list[dict[str, Any]],
    policy_id: int,
    at: dt.datetime,
    actor: str,
) -> list[int]:
    """Will put the same points into the same lot of many members' wallets, as credit does for one; returns who was new.

    Who was credited under the key before is left. Locks their wallets in id order; a handful of statements.
    """
    states = read_wallets(member_ids=sorted(member_ids))
    known = set(
        Entry.objects.filter(
            member_id__in=list(states), wallet=Wallet.POINTS, kind=EntryKind.ACCRUAL, source_key=source_key
        ).values_list("member_id", flat=True)
    )
    deed = Deed(at, clock.business_date(at), policy_id, actor)._replace(idle_months=idle_months_of(policy_id, lot))
    credited = []
    for member_id, wallets in states.items():
        if member_id not in known:
            ledger.settle(wallets[Wallet.POINTS], deed, clock.programme_zone())
            ledger.credit(wallets[Wallet.POINTS], deed, EntryKind.ACCRUAL, source_key, points, lot, explanation)
            credited.append(member_id)
    write_wallets(states=[states[member_id][Wallet.POINTS] for member_id in credited], at=at, actor=actor)
    return credited


def write_wallets(*, states: Sequence[WalletState], at: dt.datetime, actor: str) -> None:
    """Will write entries, lots and balances of wallets that read_wallets has locked."""
    copy_rows("points_entry", ENTRY_COLUMNS, (_plain(entry) for state in states for entry in state.entries))
    gone = [(s.member_id, s.wallet.value, *key) for s in states for key in sorted(s.touched) if key not in s.lots]
    kept = [
        (s.member_id, s.wallet.value, *key, s.lots[key].points, s.lots[key].pending)
        for s in states
        for key in sorted(s.touched)
        if key in s.lots
    ]
    if gone:
        with connection.cursor() as cursor:
            cursor.execute(DELETE_LOTS, _columns(gone))
    upsert_rows("points_lot", LOT_COLUMNS, LOT_COLUMNS[:4], kept)
    upsert_rows(
        "points_balance",
        BALANCE_COLUMNS,
        BALANCE_COLUMNS[:2],
        [
            (s.member_id, s.wallet.value, s.available, s.pending, s.debt, s.seq, s.idle_until, s.idle_months)
            for s in states
        ],
    )


def _plain(entry: NewEntry) -> tuple[object, ...]:
    return (*entry[:-2], json.dumps(entry.explanation), entry.actor)


def _columns(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
