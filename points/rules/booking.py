"""Bringing an order to its plan: the difference between what is booked and what should be, line by line. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kit import dates
from kit.keys import source_key
from points.enums import EntryKind, Wallet
from points.rules import earning, ledger
from points.rules.ledger import Deed, WalletState
from points.rules.policy import Policy


class KnownEntry(NamedTuple):
    """An entry that is already booked under the keys of a deed."""

    wallet: Wallet
    seq: int
    kind: str
    points: int
    balance_after: int
    source_key: str
    active_on: dt.date | None
    expires_on: dt.date | None
    policy_id: int
    explanation: list[dict[str, Any]]


@dataclass(slots=True)
class Books:
    """A member's wallets as read under their locks, and what is already booked under the deed's keys."""

    member_id: int
    wallets: dict[Wallet, WalletState]
    known: list[KnownEntry]

    def find(self, wallet: Wallet, kind: str, source_key: str) -> KnownEntry | None:
        """Will return the entry already booked under a key, if any."""
        return next(
            (e for e in self.known if e.wallet == wallet and e.kind == kind and e.source_key == source_key), None
        )


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
