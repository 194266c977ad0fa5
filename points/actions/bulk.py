"""Opening and closing the wallets of many members at once, for imports: the same books, read and written in sets."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence

from django.db import connection

from kit.copy import copy_rows
from points.enums import Wallet
from points.rules.ledger import Holding, NewEntry, WalletState

ENTRY_COLUMNS = NewEntry._fields

LOCK = """
SELECT member_id, wallet, debt, seq FROM points_balance WHERE member_id = ANY(%s)
ORDER BY member_id, wallet FOR NO KEY UPDATE
"""
READ_LOTS = "SELECT member_id, wallet, active_on, expires_on, points, pending FROM points_lot WHERE member_id = ANY(%s)"
WRITE_BALANCES = """
INSERT INTO points_balance (member_id, wallet, available, pending, debt, seq)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::int[])
ON CONFLICT (member_id, wallet) DO UPDATE
    SET available = excluded.available, pending = excluded.pending, debt = excluded.debt, seq = excluded.seq
"""
DELETE_LOTS = """
DELETE FROM points_lot lot
USING unnest(%s::bigint[], %s::text[], %s::date[], %s::date[]) AS gone (member_id, wallet, active_on, expires_on)
WHERE lot.member_id = gone.member_id AND lot.wallet = gone.wallet
    AND lot.active_on = gone.active_on AND lot.expires_on = gone.expires_on
"""
WRITE_LOTS = """
INSERT INTO points_lot (member_id, wallet, active_on, expires_on, points, pending)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::date[], %s::bigint[], %s::boolean[])
ON CONFLICT (member_id, wallet, active_on, expires_on) DO UPDATE
    SET points = excluded.points, pending = excluded.pending
"""


def read_wallets(*, member_ids: Sequence[int]) -> dict[int, dict[Wallet, WalletState]]:
    """Will lock and read both wallets of members, in id order; who has none yet gets empty ones to be written."""
    states = {member_id: {wallet: WalletState(member_id, wallet) for wallet in Wallet} for member_id in member_ids}
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [list(member_ids)])
        for member_id, wallet, debt, seq in cursor.fetchall():
            state = states[member_id][Wallet(wallet)]
            state.debt, state.seq = debt, seq
        cursor.execute(READ_LOTS, [list(member_ids)])
        for member_id, wallet, active_on, expires_on, points, pending in cursor.fetchall():
            states[member_id][Wallet(wallet)].lots[active_on, expires_on] = Holding(points, pending)
    return states


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
    balances = [(s.member_id, s.wallet.value, s.available, s.pending, s.debt, s.seq) for s in states]
    with connection.cursor() as cursor:
        if gone:
            cursor.execute(DELETE_LOTS, _columns(gone))
        if kept:
            cursor.execute(WRITE_LOTS, _columns(kept))
        if balances:
            cursor.execute(WRITE_BALANCES, _columns(balances))


def _plain(entry: NewEntry) -> tuple[object, ...]:
    return (*entry[:-2], json.dumps(entry.explanation), entry.actor)


def _columns(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
