"""Earning: what orders and events put into the wallets, and what their returns take out again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kit import clock, dates
from kit.keys import source_key
from points.actions.books import Books, KnownEntry, close_books, open_books
from points.enums import EntryKind, Wallet
from points.rules import earning, ledger
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


def book_plan(books: Books, deed: Deed, prefix: str, plan: earning.OrderPlan, policy: Policy) -> None:
    """Will work out, in memory, the entries that bring an order's lines to its plan; the import calls it too."""
    net = net_by_line(books.known)
    stated = {line.line_id for line in plan.lines}
    gone = [earning.removed_line(line_id) for line_id in sorted({line_id for _, line_id in net} - stated)]
    for line in [*plan.lines, *gone]:
        key = f"{prefix}:{source_key(line.line_id)}"
        _points_line(books, deed, key, plan, line, policy, net.get((Wallet.POINTS, line.line_id)))
        _growth_line(books, deed, key, plan, line, policy, net.get((Wallet.GROWTH, line.line_id)))


@dataclass(slots=True)
class LineNet:
    """What a line has earned by now in one wallet, and where its accrual lies."""

    points: int = 0
    lot: tuple[dt.date, dt.date] | None = None


def net_by_line(known: Sequence[KnownEntry]) -> dict[tuple[Wallet, str], LineNet]:
    """Will sum what is booked of an order by wallet and line; the line's id is in the entry's first step."""
    net: dict[tuple[Wallet, str], LineNet] = {}
    for entry in sorted(known, key=lambda e: e.seq):
        line = net.setdefault((entry.wallet, entry.explanation[0]["line"]), LineNet())
        line.points += entry.points
        if entry.active_on and entry.expires_on:
            line.lot = (entry.active_on, entry.expires_on)
    return net


def _points_line(
    books: Books,
    deed: Deed,
    key: str,
    plan: earning.OrderPlan,
    line: earning.LinePlan,
    policy: Policy,
    net: LineNet | None,
) -> None:
    state, net = books.wallets[Wallet.POINTS], net or LineNet()
    difference = line.points - net.points
    lot = (plan.active_on, plan.expires_on)
    if difference > 0:
        steps = earning.accrual_steps(plan, line)
        ledger.credit(state, deed, EntryKind.ACCRUAL, key, difference, lot, steps, plan.placed_on)
    elif difference < 0:
        steps = earning.reversal_steps(line, line.points_whole, line.points)
        ledger.reverse(state, deed, key, -difference, net.lot or lot, policy.refund, steps, plan.placed_on)


def _growth_line(
    books: Books,
    deed: Deed,
    key: str,
    plan: earning.OrderPlan,
    line: earning.LinePlan,
    policy: Policy,
    net: LineNet | None,
) -> None:
    state, net = books.wallets[Wallet.GROWTH], net or LineNet()
    difference = line.growth - net.points
    lot = (dates.ALWAYS, dates.NEVER)
    if difference > 0:
        steps = earning.growth_steps(plan, line)
        ledger.credit(state, deed, EntryKind.ACCRUAL, key, difference, lot, steps, plan.placed_on)
    elif difference < 0:
        steps = earning.reversal_steps(line, line.growth_whole, line.growth)
        ledger.reverse(state, deed, key, -difference, lot, policy.refund, steps, plan.placed_on)


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
