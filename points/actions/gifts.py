"""Giving points to another member."""

import datetime as dt
from typing import Any

from kit import clock
from points.actions.books import close_books, open_books
from points.actions.reservations import settle
from points.enums import EntryKind, Wallet
from points.queries.gifts import given_on
from points.queries.policies import policy_on
from points.rules import gifts, ledger
from points.rules.booking import Books, KnownEntry
from points.rules.ledger import Deed, KeyReused, NewEntry


def give(
    *,
    donor_id: int,
    recipient_id: int,
    points: int,
    gift_key: str,
    at: dt.datetime,
    actor: str,
    donor_name: str = "",
    recipient_name: str = "",
) -> KnownEntry | NewEntry:
    """Will move points that the donor can spend to another member; each keeps its dates, pending ones stay.

    Returns the donor's entry; the names stand in the other's explanation. Both are booked under gift:<gift_key>: the
    same key with the same content gives the first entry again, other content raises KeyReused. The recipient's debt is
    repaid first. What was given on the business date counts against the policy's limit under the lock. Raises the
    refusals of points.rules.gifts, NotEnoughPoints, NotPositive and NoWallet. Locks both members' wallets, in order
    of their ids.
    """
    today = clock.business_date(at)
    policy = policy_on(today)
    if donor_id == recipient_id:
        raise gifts.GiftToOneself
    key = f"gift:{gift_key}"
    deed = Deed(at, today, policy.id, actor)
    books = {one: open_books(one, key, key + "\x01", today) for one in sorted((donor_id, recipient_id))}
    donor, recipient = books[donor_id], books[recipient_id]
    words = _words(points, donor_id, recipient_id, donor_name, recipient_name)
    if known := _known(donor, recipient, key, points):
        return known
    gifts.check(policy.gifts, points, given_on(donor_id, today))
    settle(donor, deed, points)
    settle(recipient, deed, 0)
    wallets = donor.wallets[Wallet.POINTS], recipient.wallets[Wallet.POINTS]
    entry, _ = ledger.transfer(*wallets, deed, key, points, words)
    for one in books.values():
        close_books(one)
    return entry


def _words(
    points: int, donor_id: int, recipient_id: int, donor_name: str, recipient_name: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    to = {"code": "gift_to", "points": points, "member": recipient_name or str(recipient_id)}
    by = {"code": "gift_from", "points": points, "member": donor_name or str(donor_id)}
    return [to], [by]


def _known(donor: Books, recipient: Books, key: str, points: int) -> KnownEntry | None:
    """Will return the donor's entry of the same gift, if it is booked; raises KeyReused where the key means another."""
    given = donor.find(Wallet.POINTS, EntryKind.TRANSFER, key)
    got = recipient.find(Wallet.POINTS, EntryKind.TRANSFER, key)
    if given is None and got is None:
        return None
    if given is None or got is None or given.points != -points:
        raise KeyReused(key)
    return given
