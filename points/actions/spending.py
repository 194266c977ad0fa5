"""Spending points."""

import datetime as dt
from typing import Any

from kit import clock
from points.actions.books import close_books, open_books
from points.actions.reservations import settle
from points.enums import EntryKind, Wallet
from points.queries.policies import policy_by_id
from points.rules import ledger, redemption
from points.rules.booking import KnownEntry
from points.rules.ledger import Deed, KeyReused, NewEntry


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
