"""Giving back the points that paid for an order, as far as the order has come back."""

import datetime as dt

from kit import clock
from kit.keys import parts_of
from points.actions.books import close_books, open_books
from points.actions.reservations import lots_of
from points.enums import EntryKind, Wallet
from points.models import Entry
from points.queries.policies import policy_by_id
from points.queries.reservations import Reservation, reservation_of_order
from points.rules import ledger, restoring
from points.rules.booking import Books
from points.rules.ledger import Deed
from points.rules.policy import Policy
from points.rules.restoring import Kept, Step

TAKEN_AGAIN = "taken_again"
RESTORED = "restored"


def restore_spent(*, member_id: int, order_key: str, occasion: str, kept: Kept, at: dt.datetime, actor: str) -> int:
    """Will bring what came back of the points that paid for an order to what is due now; returns the change.

    They go into the very lots they came from, never into money. Where an order that was cancelled is paid after all,
    they are taken again as the policy of refunds says. An order that no points paid for, or a repeat, changes
    nothing. The entry's key is <order_key>:<occasion>:restored. Locks the member's wallets; raises NoWallet.
    """
    today = clock.business_date(at)
    books = open_books(member_id, "", "", today)
    reservation = reservation_of_order(member_id, order_key)
    if reservation is None:
        return 0
    steps, policy = _history(reservation)
    change = restoring.to_move(reservation.points, kept, steps)
    if not change:
        return 0
    deed = Deed(at, today, policy.id, actor)
    key = f"{order_key}:{occasion or 'paid'}:restored"
    ledger.settle(books.wallets[Wallet.POINTS], deed, clock.programme_zone())
    moved = (
        _put_back(books, deed, key, change, reservation, policy, steps)
        if change > 0
        else _take_again(books, deed, key, -change, policy, steps)
    )
    close_books(books)
    return moved


def _history(reservation: Reservation) -> tuple[list[Step], Policy]:
    """Will return the redemption and what came back of it so far, and the policy it was made under. Two queries."""
    member_id, order_key = reservation.member_id, reservation.order_key
    entries = Entry.objects.filter(member_id=member_id, wallet=Wallet.POINTS)
    taken = entries.get(source_key=f"reserve:{reservation.id}", kind=EntryKind.REDEMPTION)
    later = entries.filter(
        kind__in=[EntryKind.RESTORATION, EntryKind.REVERSAL],
        source_key__gte=order_key + ":",
        source_key__lt=order_key + ";",
    ).order_by("seq")
    own = [entry for entry in later if entry.explanation[0]["code"] in (RESTORED, TAKEN_AGAIN)]
    return [_step(entry) for entry in (taken, *own)], policy_by_id(taken.policy_id)


def _step(entry: Entry) -> Step:
    return Step(entry.kind, entry.points, tuple(lots_of(entry)), max(entry.debt_change, 0), entry.explanation)


def _put_back(
    books: Books, deed: Deed, key: str, points: int, reservation: Reservation, policy: Policy, steps: list[Step]
) -> int:
    _, lots = restoring.split(restoring.still_out(steps), points)
    order = parts_of(reservation.order_key)[-1]
    head = {"code": RESTORED, "order": order, "spent": reservation.points, "points": points}
    words = [head, *restoring.dates_kept(lots, deed.today)]
    return ledger.restore(books.wallets[Wallet.POINTS], deed, key, lots, policy.courtesy_days, words).points


def _take_again(books: Books, deed: Deed, key: str, points: int, policy: Policy, steps: list[Step]) -> int:
    home = steps[0].lots[-1][0]
    words = [{"code": TAKEN_AGAIN, "points": points}]
    state = books.wallets[Wallet.POINTS]
    return ledger.reverse(state, deed, key, points, home, policy.refund, words, deed.today).points
