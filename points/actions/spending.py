"""Spending points, and giving back what one spending took."""

import datetime as dt
from typing import Any

from kit import clock
from points.actions.books import close_books, open_books
from points.actions.reservations import lots_of, settle
from points.enums import EntryKind, Wallet
from points.models import Entry
from points.queries.policies import policy_by_id
from points.rules import ledger, redemption, restoring
from points.rules.booking import KnownEntry
from points.rules.ledger import Deed, KeyReused, NewEntry


class NothingSpent(Exception):
    """No points were spent under the key; nothing was booked."""


def spend(
    *,
    member_id: int,
    source_key: str,
    points: int,
    explanation: list[dict[str, Any]],
    policy_id: int,
    at: dt.datetime,
    actor: str,
    money_off: bool = False,
) -> KnownEntry | NewEntry:
    """Will take points from the lots that expire soonest, then the oldest, under a source key.

    The same key with the same points gives the first entry again, other points raise KeyReused; too few raise
    NotEnoughPoints, less than one NotPositive. With `money_off` they take money off an order, and fewer than the
    policy's minimum raise BelowMinimum. Locks the member's wallets; raises NoWallet.
    """
    deed = Deed(at, clock.business_date(at), policy_id, actor)
    books = open_books(member_id, source_key, source_key + "\x01", deed.today)
    if known := books.find(Wallet.POINTS, EntryKind.REDEMPTION, source_key):
        if known.points != -points:
            raise KeyReused(source_key)
        return known
    if money_off:
        redemption.check_minimum(policy_by_id(policy_id), points)
    settle(books, deed, points)
    entry = ledger.spend(books.wallets[Wallet.POINTS], deed, source_key, points, explanation)
    close_books(books)
    return entry


def return_spent(
    *, member_id: int, source_key: str, steps: list[dict[str, Any]], at: dt.datetime, actor: str
) -> KnownEntry | NewEntry:
    """Will put back the whole of what was spent under a source key into the very lots it came from, once.

    Debt is repaid first; what belongs to a lot that has ended meanwhile can be used for the courtesy days of the policy
    it was spent under, and the entry says so. The entry bears the same key as the spending; again gives it again.
    Raises NothingSpent where nothing was spent under the key, and NoWallet. Locks the member's wallets.
    """
    today = clock.business_date(at)
    books = open_books(member_id, source_key, source_key + "\x01", today)
    if known := books.find(Wallet.POINTS, EntryKind.RESTORATION, source_key):
        return known
    spent = Entry.objects.filter(
        member_id=member_id, wallet=Wallet.POINTS, source_key=source_key, kind=EntryKind.REDEMPTION
    ).first()
    if spent is None:
        raise NothingSpent(f"Nothing was spent under {source_key}. Nothing was booked.")
    policy = policy_by_id(spent.policy_id)
    deed, lots = Deed(at, today, policy.id, actor), lots_of(spent)
    wallet = books.wallets[Wallet.POINTS]
    ledger.settle(wallet, deed, clock.programme_zone())
    words = [*steps, *restoring.dates_kept(lots, today)]
    entry = ledger.restore(wallet, deed, source_key, lots, policy.courtesy_days, words)
    close_books(books)
    return entry
