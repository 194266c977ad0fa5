"""Opening and closing a member's wallets: one round trip locks and reads, one writes. Nothing else writes the ledger
but the night's set-based jobs and the import, which keep the same arithmetic."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from kit import clock, dates
from points.enums import ExpiryKind, Wallet
from points.models import Balance, PolicyVersion
from points.rules import ledger
from points.rules.booking import Books, KnownEntry
from points.rules.expiry import expiry_terms
from points.rules.ledger import Deed, Holding, NewEntry, WalletState
from points.rules.policy import Policy


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
    for wallet, debt, seq, idle_until, idle_months in answer["wallets"]:
        state = WalletState(member_id, Wallet(wallet), debt=debt, seq=seq, idle_months=idle_months)
        state.idle_until = dt.date.fromisoformat(idle_until) if idle_until else None
        books.wallets[Wallet(wallet)] = state
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
    changed = [state for state in books.wallets.values() if state.entries or state.touched or state.idle_moved]
    if not changed:
        return
    for state in changed:
        start_waiting(state)
    payload = {
        "entries": [_entry_json(entry) for state in changed for entry in state.entries],
        "lots": [_lot_json(state, key) for state in changed for key in state.touched],
        "wallets": [
            [s.wallet.value, s.available, s.pending, s.debt, s.seq, s.idle_until, s.idle_months] for s in changed
        ],
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT points_close_books(%s, %s::jsonb)", [books.member_id, json.dumps(payload, default=_plain)]
        )


def start_waiting(state: WalletState) -> None:
    """Will see to it that lots that last while their owner is active have a date: the last resort, before writing.

    A deed that knows its policy's months has set it. What came otherwise - by hand, from another member - waits as
    the policy of its entry says, or as the latest policy did that let points wait at all. Two queries, as a rule none.
    """
    if state.idle_until or not any(lot[1] == dates.WHILE_ACTIVE for lot in state.lots):
        return
    last = state.entries[-1]
    first_active = min(max(lot[0], last.business_date) for lot in state.lots if lot[1] == dates.WHILE_ACTIVE)
    state.idle_months = state.idle_months or _months_by_policy(last.policy_id) or _latest_months()
    step = ledger.keep_until(state, dates.add_months(first_active, state.idle_months))
    state.entries[-1] = last._replace(explanation=[*last.explanation, *step])


def own_deed(policy: Policy, at: dt.datetime, actor: str) -> Deed:
    """Will return the deed of a member's own that a policy is about, at an instant."""
    return Deed(at, clock.business_date(at), policy.id, actor, policy.expiry.idle_months, is_own=True)


def idle_months_of(policy_id: int, lot: tuple[dt.date, dt.date]) -> int:
    """Will return the months that a policy lets a lot wait for a deed; a lot with a date needs none, nor a query."""
    return _months_by_policy(policy_id) if lot[1] == dates.WHILE_ACTIVE else 0


def _months_by_policy(policy_id: int) -> int:
    return expiry_terms(PolicyVersion.objects.values_list("terms", flat=True).get(id=policy_id)["expiry"]).idle_months


def _latest_months() -> int:
    waiting = PolicyVersion.objects.filter(published_at__isnull=False, terms__expiry__kind=ExpiryKind.INACTIVITY)
    terms = waiting.order_by("-effective_on", "-number").values_list("terms", flat=True).first()
    if terms is None:
        raise ValueError("A lot waits for a deed of its owner, and no policy was ever published that lets it.")
    return expiry_terms(terms["expiry"]).idle_months


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
