"""Bringing an order to its plan: the difference between what is booked and what should be, line by line. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kit import dates
from kit.keys import source_key
from points.enums import EntryKind, RefundPolicy, Wallet
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
    words = earning.order_words(plan)
    points, growth = books.wallets[Wallet.POINTS], books.wallets[Wallet.GROWTH]
    points_lot, growth_lot = (plan.active_on, plan.expires_on), (dates.ALWAYS, dates.NEVER)
    stated = {line.line_id for line in plan.lines}
    gone = [earning.removed_line(line_id) for line_id in sorted({line_id for _, line_id in net} - stated)]
    for line in [*plan.lines, *gone]:
        key = f"{prefix}:{source_key(line.line_id)}"
        booked = net.get((Wallet.POINTS, line.line_id), NOTHING)
        if line.points > booked.points:
            steps = earning.accrual_steps(words, line, plan)
            ledger.credit(
                points, deed, EntryKind.ACCRUAL, key, line.points - booked.points, points_lot, steps, plan.placed_on
            )
        elif line.points < booked.points - booked.let_be:
            steps = earning.reversal_steps(line, line.points_whole, line.points)
            excess, home = booked.points - booked.let_be - line.points, booked.lot or points_lot
            ledger.reverse(points, deed, key, excess, home, policy.refund, steps, plan.placed_on)
        booked = net.get((Wallet.GROWTH, line.line_id), NOTHING)
        if line.growth > booked.points:
            steps = earning.growth_steps(words, line, plan)
            ledger.credit(
                growth, deed, EntryKind.ACCRUAL, key, line.growth - booked.points, growth_lot, steps, plan.placed_on
            )
        elif line.growth < booked.points:
            steps = earning.reversal_steps(line, line.growth_whole, line.growth)
            excess = booked.points - line.growth
            # A policy is about points that were spent; growth is never spent, and status follows the facts at once.
            ledger.reverse(growth, deed, key, excess, growth_lot, RefundPolicy.FULL, steps, plan.placed_on)


@dataclass(frozen=True, slots=True)
class LineNet:
    """What a line has earned by now in one wallet, and where its accrual lies.

    `let_be` is what returns asked for and did not take, for it had expired or the policy leaves it: no other return
    asks for it again.
    """

    points: int = 0
    let_be: int = 0
    lot: tuple[dt.date, dt.date] | None = None


NOTHING = LineNet()


def is_of_line(explanation: Sequence[Mapping[str, Any]]) -> bool:
    """Will say whether an entry is what an order's line earned or gave back, not points that paid for the order."""
    return bool(explanation) and "line" in explanation[0]


def net_by_line(known: Sequence[KnownEntry]) -> dict[tuple[Wallet, str], LineNet]:
    """Will sum what is booked of an order by wallet and line; the line's id is in the entry's first step."""
    net: dict[tuple[Wallet, str], LineNet] = {}
    for entry in sorted(known, key=lambda e: e.seq):
        if not is_of_line(entry.explanation):
            continue
        key = (entry.wallet, entry.explanation[0]["line"])
        before = net.get(key, NOTHING)
        lot = (entry.active_on, entry.expires_on) if entry.active_on and entry.expires_on else before.lot
        net[key] = LineNet(before.points + entry.points, before.let_be + ledger.let_be(entry.explanation), lot)
    return net
