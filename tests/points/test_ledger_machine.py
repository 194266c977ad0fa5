"""Two wallets against a naive model that knows every single point: whatever is done, none is made or lost."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kit import dates
from points.enums import EntryKind, RefundPolicy, Wallet
from points.rules import ledger, restoring
from points.rules.ledger import Deed, Holding, NotEnoughPoints, NotPositive, WalletState
from points.rules.restoring import Kept, Step
from tests.kit.examples import FEW

pytestmark = pytest.mark.slow

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
START = dt.date(2026, 3, 3)
UNITS = 7
PERCENT = st.sampled_from([10, 40, 40, 70, 100, 101])
Lot = tuple[dt.date, dt.date]


def soonest_first(lot: Lot) -> tuple[dt.date, dt.date]:
    """The order in which points are spent."""
    return lot[1], lot[0]


@dataclass
class Side:
    """One wallet as stored between deeds, beside a list that has an item (its lot) for every point held."""

    stored: WalletState
    log: list[ledger.NewEntry] = field(default_factory=list)
    points: list[Lot] = field(default_factory=list)
    debt: int = 0
    lapsed: list[Lot] = field(default_factory=list)
    put_in: int = 0

    def time_passes(self, today: dt.date) -> None:
        """What has ended is gone."""
        self.lapsed += [lot for lot in self.points if lot[1] < today]
        self.points = [lot for lot in self.points if lot[1] >= today]

    def usable(self, today: dt.date) -> list[Lot]:
        """The points that can be spent now, in the order they are spent; none while in debt."""
        lots = [lot for lot in self.points if lot[0] <= today <= lot[1]]
        return [] if self.debt else sorted(lots, key=soonest_first)

    def take(self, lots: list[Lot]) -> None:
        """These points leave."""
        for lot in lots:
            self.points.remove(lot)

    def get(self, lots: list[Lot]) -> int:
        """These points come; debt is repaid first, with those that end soonest. Returns how many repaid it."""
        repaid = min(self.debt, len(lots))
        self.debt -= repaid
        self.points += sorted(lots, key=soonest_first)[repaid:]
        return repaid

    def back(self, lots: list[Lot], today: dt.date, courtesy: int) -> tuple[list[Lot], int, int]:
        """What of these points comes back on a date, how many of them late, and how many are lost."""
        alive = [lot for lot in lots if lot[1] >= today]
        ended = len(lots) - len(alive)
        if courtesy:
            return alive + [(today, today + dt.timedelta(days=courtesy))] * ended, ended, 0
        return alive, 0, ended


@dataclass
class Hold:
    """A reservation: the points it took, in the order it took them."""

    side: Side
    lots: list[Lot]
    until: dt.date
    taken: ledger.NewEntry


@dataclass
class Order:
    """An order of seven units that points have paid for: which of them are out, and how many came back."""

    side: Side
    out: list[Lot]
    steps: list[Step]
    paid: int
    back: int = 0
    returned: int = 0
    forgiven: int = 0
    """Put back, ended, and not taken again when the return was undone: neither out nor back."""


def moved(entry: ledger.NewEntry) -> list[tuple[Lot, int]]:
    """The lots of an entry."""
    lots = zip(entry.lot_active_on or [], entry.lot_expires_on or [], entry.lot_points or [], strict=True)
    return [((first, last), points) for first, last, points in lots]


def step(entry: ledger.NewEntry) -> Step:
    """An entry as the rules of restoring read it."""
    return Step(entry.kind, entry.points, tuple(moved(entry)), max(entry.debt_change, 0), entry.explanation)


def said(entry: ledger.NewEntry) -> dict[str, int]:
    """What an entry's steps say, by code."""
    return {part["code"]: part["points"] for part in entry.explanation}


def home_of(part: dict[str, Any]) -> Lot:
    """The lot that a step let be."""
    first, last = map(dt.date.fromisoformat, part["lot"])
    return first, last


class Wallets(RuleBasedStateMachine):
    """Two members who earn, spend, hold, give to each other, get back and lose, day by day."""

    def __init__(self) -> None:
        super().__init__()
        self.today = START
        self.sides = [Side(WalletState(number, Wallet.POINTS)) for number in (1, 2)]
        self.holds: list[Hold] = []
        self.orders: list[Order] = []

        for side in self.sides:
            for wait, lasts in ((-9, 8), (-3, 12), (0, 45), (0, 400), (1, 30)):
                self.credited(side, 25, self.today + dt.timedelta(days=wait), lasts)

    # ---- the deeds, as actions do them: open, settle, do, close

    def open(self, side: Side) -> tuple[WalletState, Deed]:
        """Reads the wallet as the database keeps it, with what of its lots is booked as expired."""
        state = WalletState(side.stored.member_id, Wallet.POINTS, debt=side.stored.debt, seq=side.stored.seq)
        state.lots = {key: Holding(lot.points, lot.pending) for key, lot in side.stored.lots.items()}
        for entry in side.log:
            for lot, points in moved(entry) if entry.kind == EntryKind.EXPIRY else ():
                state.lapsed[lot] = state.lapsed.get(lot, 0) + points
            for part in entry.explanation:
                if part["code"] == ledger.ALREADY_EXPIRED:
                    state.lapsed[home_of(part)] -= part["points"]
        before = ledger.spendable(state, self.today)
        deed = Deed(dates.day_start(self.today, ZONE), self.today, 1, "test")
        ledger.settle(state, deed, ZONE)
        assert ledger.spendable(state, self.today) == before
        assert {entry.kind for entry in state.entries} <= {EntryKind.EXPIRY}
        assert all(lot.pending == (key[0] > self.today) for key, lot in state.lots.items())
        return state, deed

    def close(self, side: Side, state: WalletState) -> None:
        """Stores what was touched, as the database does: lots by name, entries appended."""
        for key in state.touched:
            if key in state.lots:
                side.stored.lots[key] = state.lots[key]
            else:
                side.stored.lots.pop(key, None)
        assert state.lots == side.stored.lots, "a lot was changed and not marked as touched"
        side.stored.debt, side.stored.seq = state.debt, state.seq
        side.log += state.entries

    @rule(days=st.sampled_from([0, 1, 3, 8, 20]))
    def days_pass(self, days):
        self.today += dt.timedelta(days=days)
        for side in self.sides:
            side.time_passes(self.today)

    @rule(who=st.sampled_from([0, 1]))
    def night(self, who):
        state, _ = self.open(self.sides[who])
        self.close(self.sides[who], state)

    @rule(
        who=st.sampled_from([0, 1]),
        points=st.integers(1, 60),
        wait=st.sampled_from([-400, -1, 0, 0, 1, 7]),
        lasts=st.sampled_from([0, 5, 30, 365, 365]),
    )
    def credit(self, who, points, wait, lasts):
        self.credited(self.sides[who], points, self.today + dt.timedelta(days=wait), lasts)

    def credited(self, side: Side, points: int, active_on: dt.date, lasts: int) -> None:
        """Puts points into a lot that ends so many days from now, or from its own beginning."""
        lot = (active_on, max(active_on, self.today) + dt.timedelta(days=lasts))
        state, deed = self.open(side)
        entry = ledger.credit(state, deed, EntryKind.ACCRUAL, "k", points, lot, [])
        repaid = side.get([lot] * points)
        side.put_in += points
        assert said(entry) == ({"debt_repaid": repaid} if repaid else {})
        self.close(side, state)

    @rule(who=st.sampled_from([0, 1]), percent=PERCENT)
    def spend(self, who, percent):
        self.taken(self.sides[who], self.some(self.sides[who], percent))

    @rule(who=st.sampled_from([0, 1]), points=st.integers(-1, 90))
    def spend_blindly(self, who, points):
        self.taken(self.sides[who], points)

    def some(self, side: Side, percent: int) -> int:
        """So much of what can be spent, at least one; beyond a hundred it is more than there is."""
        return max(len(side.usable(self.today)) * percent // 100, 1) + (percent > 100)

    def taken(self, side: Side, points: int) -> tuple[list[Lot], ledger.NewEntry] | None:
        """Spends, or is refused for the right reason."""
        state, deed = self.open(side)
        usable = side.usable(self.today)
        if points < 1:
            with pytest.raises(NotPositive):
                ledger.spend(state, deed, "k", points, [])
            return None
        if points > len(usable):
            with pytest.raises(NotEnoughPoints) as refusal:
                ledger.spend(state, deed, "k", points, [])
            told = (refusal.value.wanted, refusal.value.spendable, refusal.value.debt)
            assert told == (points, len(usable), side.debt)
            return None
        entry = ledger.spend(state, deed, "k", points, [])
        side.take(usable[:points])
        self.close(side, state)
        return usable[:points], entry

    @rule(who=st.sampled_from([0, 1]), percent=PERCENT)
    def give(self, who, percent):
        donor, recipient = self.sides[who], self.sides[1 - who]
        points = self.some(donor, percent)
        (state, deed), (other, _) = self.open(donor), self.open(recipient)
        usable = donor.usable(self.today)
        if points > len(usable):
            with pytest.raises(NotEnoughPoints):
                ledger.transfer(state, other, deed, "k", points, ([], []))
            return
        gone, come = ledger.transfer(state, other, deed, "k", points, ([], []))
        donor.take(usable[:points])
        repaid = recipient.get(usable[:points])
        donor.put_in, recipient.put_in = donor.put_in - points, recipient.put_in + points
        assert (gone.points, come.points, come.debt_change) == (-points, points, -repaid)
        self.close(donor, state)
        self.close(recipient, other)

    # ---- reservations

    @rule(who=st.sampled_from([0, 1]), percent=PERCENT, days=st.sampled_from([0, 1, 9, 60]))
    def reserve(self, who, percent, days):
        side = self.sides[who]
        if held := self.taken(side, self.some(side, percent)):
            lots, entry = held
            self.holds.append(Hold(side, lots, self.today + dt.timedelta(days=days), entry))

    @rule(who=st.sampled_from([0, 1]), percent=PERCENT)
    def pay_for_an_order(self, who, percent):
        side = self.sides[who]
        if paid := self.taken(side, self.some(side, percent)):
            self.orders.append(Order(side, paid[0], [step(paid[1])], len(paid[0])))

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), courtesy=st.sampled_from([0, 7, 30]))
    def release(self, data, courtesy):
        hold = self.holds.pop(data.draw(st.integers(0, len(self.holds) - 1)))
        # Whoever comes after its time books it as of its time; the rest of the way is the same.
        self.put_back(hold.side, hold.lots, moved(hold.taken), min(self.today, hold.until), courtesy)

    def put_back(
        self, side: Side, lots: list[Lot], amounts: list[tuple[Lot, int]], on: dt.date, courtesy: int
    ) -> ledger.NewEntry:
        """Puts points back as of a date, in the wallet and in the model."""
        state, deed = self.open(side)
        entry = ledger.restore(state, deed._replace(today=on), "k", amounts, courtesy, [])
        ledger.settle(state, deed, ZONE)
        back, late, lost = side.back(lots, on, courtesy)
        repaid = side.get(back)
        side.time_passes(self.today)
        expected = {"courtesy": late, "lapsed_meanwhile": lost, "debt_repaid": repaid}
        assert said(entry) == {code: points for code, points in expected.items() if points}
        assert (entry.points, entry.debt_change) == (len(back), -repaid)
        self.close(side, state)
        return entry

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def confirm(self, data):
        hold = self.holds.pop(data.draw(st.integers(0, len(self.holds) - 1)))
        self.orders.append(Order(hold.side, hold.lots, [step(hold.taken)], len(hold.lots)))

    # ---- what paid for orders

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), units=st.integers(1, 3), courtesy=st.sampled_from([0, 7]))
    def units_come_back(self, data, units, courtesy):
        order = data.draw(st.sampled_from(self.orders))
        order.returned = min(order.returned + units, UNITS)
        self.bring_to_due(order, courtesy)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def paid_after_all(self, data):
        order = data.draw(st.sampled_from(self.orders))
        order.returned = 0
        self.bring_to_due(order, 7)

    def bring_to_due(self, order: Order, courtesy: int) -> None:
        """Puts back what is due, or takes again what is not due any more."""
        kept = Kept(Decimal(UNITS), Decimal(UNITS - order.returned), nothing=order.returned == UNITS)
        due = restoring.due(order.paid, kept)
        assert due == order.paid * order.returned // UNITS
        assert restoring.came_back(order.steps) == order.back
        change = restoring.to_move(order.paid, kept, order.steps)
        assert change == min(due - order.back, len(order.out))
        if change > 0:
            _, amounts = restoring.split(restoring.still_out(order.steps), change)
            lots = order.out[len(order.out) - change :]
            entry = self.put_back(order.side, lots, amounts, self.today, courtesy)
            order.out, order.back = order.out[: len(order.out) - change], order.back + change
            order.steps.append(step(entry))
        elif change < 0:
            home = order.steps[0].lots[-1][0]
            entry, taken = self.taken_back(order.side, -change, home, RefundPolicy.FULL)
            order.out += taken + [home] * entry.debt_change
            order.forgiven += -change - len(taken) - entry.debt_change
            order.back += change
            order.steps.append(step(entry))

    @precondition(lambda self: any(side.log for side in self.sides))
    @rule(
        who=st.sampled_from([0, 1]),
        points=st.integers(1, 12),
        policy=st.sampled_from([*RefundPolicy, RefundPolicy.FULL]),
        data=st.data(),
    )
    def take_back(self, who, points, policy, data):
        side = self.sides[who]
        homes = sorted({(e.active_on, e.expires_on) for e in side.log if e.active_on and e.expires_on})
        self.taken_back(side, points, data.draw(st.sampled_from(homes or [(START, START)])), policy)

    def taken_back(self, side: Side, points: int, home: Lot, policy: RefundPolicy) -> tuple[ledger.NewEntry, list[Lot]]:
        """Reverses, in the wallet and in the model; returns the entry and the points it took."""
        state, deed = self.open(side)
        forgiven = min(points, side.lapsed.count(home))
        wanted = points - forgiven
        may = [
            lot
            for lot in side.points
            if policy is not RefundPolicy.PENDING_ONLY or (lot == home and lot[0] > self.today)
        ]
        taken = sorted(may, key=lambda lot: (lot != home, *soonest_first(lot)))[:wanted]
        owed = wanted - len(taken) if policy is RefundPolicy.FULL else 0
        entry = ledger.reverse(state, deed, "k", points, home, policy, [], START)
        side.take(taken)
        side.debt += owed
        for _ in range(forgiven):
            side.lapsed.remove(home)
        expected = {"already_expired": forgiven, "debt": owed, "not_taken": wanted - len(taken) - owed}
        assert said(entry) == {code: units for code, units in expected.items() if units}
        assert (entry.points, entry.debt_change, entry.counts_on) == (-len(taken) - owed, owed, START)
        self.close(side, state)
        return entry, taken

    # ---- what always holds

    @invariant()
    def lots_are_what_the_model_holds(self):
        for side in self.sides:
            held = {key: lot.points for key, lot in side.stored.lots.items() if key[1] >= self.today}
            assert held == {lot: side.points.count(lot) for lot in set(side.points)}
            assert side.stored.debt == side.debt >= 0
            assert all(lot.points > 0 for lot in side.stored.lots.values())

    @invariant()
    def sums_agree(self):
        for side in self.sides:
            total = sum(entry.points for entry in side.log)
            assert total == sum(lot.points for lot in side.stored.lots.values()) - side.debt == side.stored.balance
            assert side.stored.available + side.stored.pending - side.stored.debt == total
            assert [entry.seq for entry in side.log] == list(range(1, side.stored.seq + 1))
            running = 0
            for entry in side.log:
                running += entry.points
                assert entry.balance_after == running
                assert entry.points or entry.kind in (EntryKind.REVERSAL, EntryKind.RESTORATION)
                assert all(points > 0 for _, points in moved(entry))
            assert not side.debt or not side.stored.lots

    @invariant()
    def what_can_be_spent_does_not_wait_for_the_night(self):
        for side in self.sides:
            assert ledger.spendable(side.stored, self.today) == len(side.usable(self.today))

    @invariant()
    def no_point_is_made(self):
        """What a member has and what checkouts hold is never more than what was put in; a gift only moves."""
        assert sum(side.put_in for side in self.sides) == sum(
            entry.points for side in self.sides for entry in side.log if entry.kind == EntryKind.ACCRUAL
        )
        assert not sum(e.points for side in self.sides for e in side.log if e.kind == EntryKind.TRANSFER)
        for side in self.sides:
            held = len(side.points) + sum(len(hold.lots) for hold in self.holds if hold.side is side)
            assert held - side.debt <= side.put_in

    @invariant()
    def an_order_has_back_what_is_not_out(self):
        for order in self.orders:
            assert len(order.out) + order.back + order.forgiven == order.paid and order.back >= 0
            assert sum(points for _, points in restoring.still_out(order.steps)) == len(order.out)


TestWallets = Wallets.TestCase
TestWallets.settings = settings(FEW, max_examples=120, stateful_step_count=40)
