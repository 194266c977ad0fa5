"""Earning: what orders and events put into the wallets, and what their returns take out again."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from kit import clock
from points.actions.books import close_books, open_books
from points.enums import EntryKind, Wallet
from points.rules import earning, ledger
from points.rules.booking import Books, KnownEntry, book_plan
from points.rules.ledger import Deed, KeyReused, NewEntry
from points.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class OrderBooked:
    """What booking an order's plan changed; `points_net` and `growth_net` are what the order has earned by now."""

    points_change: int
    growth_change: int
    points_net: int
    growth_net: int
    debt: int
    lines: tuple[tuple[str, int], ...]
    entries: tuple[NewEntry, ...]


def credit(
    *,
    member_id: int,
    wallet: Wallet,
    source_key: str,
    points: int,
    lot: tuple[dt.date, dt.date],
    explanation: list[dict[str, Any]],
    policy_id: int,
    at: dt.datetime,
    actor: str,
) -> KnownEntry | NewEntry:
    """Will put points into one lot under a source key, repaying debt first.

    The same key with the same points and lot gives the first entry again; with other content raises KeyReused.
    Locks the member's wallets; raises NoWallet.
    """
    deed = Deed(at, clock.business_date(at), policy_id, actor)
    books = open_books(member_id, source_key, source_key + "\x01", deed.today)
    if known := books.find(wallet, EntryKind.ACCRUAL, source_key):
        if (known.points, known.active_on, known.expires_on) != (points, *lot):
            raise KeyReused(source_key)
        return known
    state = books.wallets[wallet]
    ledger.settle(state, deed, clock.programme_zone())
    entry = ledger.credit(state, deed, EntryKind.ACCRUAL, source_key, points, lot, explanation)
    close_books(books)
    return entry


def book_order(
    *,
    member_id: int,
    order_key: str,
    occasion: str,
    plan: earning.OrderPlan,
    policy: Policy,
    at: dt.datetime,
    actor: str,
) -> OrderBooked:
    """Will bring both wallets to what an order should have earned by now: the difference to what is booked.

    Serves the first booking, edits, refunds and cancellation alike, so a repeat changes nothing. `order_key` is
    order:<source>:<id>, `occasion` tells deeds of one order apart ("" for the first, refund:<id>, edit:<revision>).
    Locks the member's wallets; raises NoWallet. A preview calls it and rolls back.
    """
    deed = Deed(at, clock.business_date(at), policy.id, actor)
    books = open_books(member_id, order_key + ":", order_key + ";", deed.today)
    for state in books.wallets.values():
        ledger.settle(state, deed, clock.programme_zone())
    prefix = f"{order_key}:{occasion}:line" if occasion else f"{order_key}:line"
    debt_before = books.wallets[Wallet.POINTS].debt
    settled = {wallet: len(state.entries) for wallet, state in books.wallets.items()}
    book_plan(books, deed, prefix, plan, policy)
    close_books(books)
    new = [entry for wallet, state in books.wallets.items() for entry in state.entries[settled[wallet] :]]
    return _booked(books, plan, new, debt_before)


def _booked(books: Books, plan: earning.OrderPlan, new: list[NewEntry], debt_before: int) -> OrderBooked:
    def change(wallet: Wallet) -> int:
        return sum(entry.points for entry in new if entry.wallet == wallet)

    def before(wallet: Wallet) -> int:
        return sum(entry.points for entry in books.known if entry.wallet == wallet)

    return OrderBooked(
        points_change=change(Wallet.POINTS),
        growth_change=change(Wallet.GROWTH),
        points_net=before(Wallet.POINTS) + change(Wallet.POINTS),
        growth_net=before(Wallet.GROWTH) + change(Wallet.GROWTH),
        debt=max(books.wallets[Wallet.POINTS].debt - debt_before, 0),
        lines=tuple((line.line_id, line.points) for line in plan.lines),
        entries=tuple(new),
    )
