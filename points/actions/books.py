"""Opening and closing a member's wallets: one round trip locks and reads, one writes. Nothing else writes the ledger
but the night's set-based jobs and the import, which keep the same arithmetic."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from points.enums import Wallet
from points.models import Balance
from points.rules.booking import Books, KnownEntry
from points.rules.ledger import Holding, NewEntry, WalletState


class NoWallet(Exception):
    """The member has no wallets: he has not joined. Nothing was booked."""


def open_wallets(*, member_ids: Sequence[int], at: dt.datetime, actor: str) -> None:
    """Will create both wallets of members who join; a repeat changes nothing."""
    Balance.objects.bulk_create(
        [Balance(member_id=member_id, wallet=wallet) for member_id in member_ids for wallet in Wallet],
        ignore_conflicts=True,
    )


def open_books(member_id: int, key_from: str, key_to: str, today: dt.date) -> Books:
    """Will lock a member's wallets (FOR NO KEY UPDATE, in wallet order) and read lots and the entries of some keys.

    Keys are those with key_from <= source_key < key_to. Raises NoWallet. One round trip: the function
    points_open_books locks first and reads in later statements, so that what it reads is not older than its lock.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT points_open_books(%s, %s, %s, %s)", [member_id, key_from, key_to, today])
        row = cursor.fetchone()
    answer: dict[str, Any] = json.loads(row[0]) if row else {"wallets": []}
    if not answer["wallets"]:
        raise NoWallet(f"Member {member_id} has not joined the programme and has no wallet. Nothing was booked.")
    books = Books(member_id, {}, [])
    for wallet, debt, seq in answer["wallets"]:
        books.wallets[Wallet(wallet)] = WalletState(member_id, Wallet(wallet), debt=debt, seq=seq)
    for wallet, active_on, expires_on, points, pending in answer["lots"]:
        key = (dt.date.fromisoformat(active_on), dt.date.fromisoformat(expires_on))
        books.wallets[Wallet(wallet)].lots[key] = Holding(points, pending)
    for wallet, active_on, expires_on, points in answer["lapsed"]:
        books.wallets[Wallet(wallet)].lapsed[dt.date.fromisoformat(active_on), dt.date.fromisoformat(expires_on)] = (
            points
        )
    books.known = [_known(row) for row in answer["entries"]]
    return books


def _known(row: list[Any]) -> KnownEntry:
    wallet, seq, kind, points, balance_after, source_key, active_on, expires_on, policy_id, explanation = row
    return KnownEntry(
        wallet=Wallet(wallet),
        seq=seq,
        kind=kind,
        points=points,
        balance_after=balance_after,
        source_key=source_key,
        active_on=dt.date.fromisoformat(active_on) if active_on else None,
        expires_on=dt.date.fromisoformat(expires_on) if expires_on else None,
        policy_id=policy_id,
        explanation=explanation,
    )


def close_books(books: Books) -> None:
    """Will write what the deed changed - entries, lots, balances - in one round trip; nothing where nothing changed."""
    changed = [state for state in books.wallets.values() if state.entries or state.touched]
    if not changed:
        return
    payload = {
        "entries": [_entry_json(entry) for state in changed for entry in state.entries],
        "lots": [_lot_json(state, key) for state in changed for key in state.touched],
        "wallets": [[state.wallet.value, state.available, state.pending, state.debt, state.seq] for state in changed],
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT points_close_books(%s, %s::jsonb)", [books.member_id, json.dumps(payload, default=_plain)]
        )


def _entry_json(entry: NewEntry) -> dict[str, Any]:
    fields = entry._asdict()
    del fields["member_id"]
    return fields


def _lot_json(state: WalletState, key: tuple[dt.date, dt.date]) -> list[Any]:
    lot = state.lots.get(key)
    return [state.wallet.value, key[0], key[1], lot.points if lot else 0, lot.pending if lot else False]


def _plain(value: object) -> str:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in the ledger")
