"""One wallet against a naive model that knows every single point: credits, spending, returns, lapse, in any order."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kit import dates
from points.enums import EntryKind, RefundPolicy, Wallet
from points.rules import ledger
from points.rules.ledger import Deed, Holding, NotEnoughPoints, WalletState
from tests.kit.examples import FEW

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
START = dt.date(2026, 3, 3)
Lot = tuple[dt.date, dt.date]


class Wallets(RuleBasedStateMachine):
    """The wallet as stored between deeds, beside a list that has an item (its lot) for every point held."""

    def __init__(self) -> None:
        super().__init__()
        self.today = START
        self.stored = WalletState(1, Wallet.POINTS)
        self.log: list[ledger.NewEntry] = []
        self.points: list[Lot] = []
        self.debt = 0
        self.lapsed: list[Lot] = []

    # ---- what the model does by itself

    def time_passes(self) -> None:
        """What has ended is gone."""
        self.lapsed += [lot for lot in self.points if lot[1] < self.today]
        self.points = [lot for lot in self.points if lot[1] >= self.today]

    def usable(self) -> list[Lot]:
        """The points that can be spent now, in the order they are spent; none while in debt."""
        lots = [lot for lot in self.points if lot[0] <= self.today <= lot[1]]
        return [] if self.debt else sorted(lots, key=lambda lot: (lot[1], lot[0]))

    # ---- the deeds, as actions do them: open, settle, do, close

    def open(self) -> tuple[WalletState, Deed]:
        """Reads the wallet as the database keeps it, with what of its lots is booked as expired."""
        state = WalletState(1, Wallet.POINTS, debt=self.stored.debt, seq=self.stored.seq)
        state.lots = {key: Holding(lot.points, lot.pending) for key, lot in self.stored.lots.items()}
        for entry in self.log:
            if entry.kind == EntryKind.EXPIRY:
                lots = zip(entry.lot_active_on or [], entry.lot_expires_on or [], entry.lot_points or [], strict=True)
                for active_on, expires_on, points in lots:
                    state.lapsed[active_on, expires_on] = state.lapsed.get((active_on, expires_on), 0) + points
        before = ledger.spendable(state, self.today)
        deed = Deed(dates.day_start(self.today, ZONE), self.today, 1, "test")
        ledger.settle(state, deed, ZONE)
        assert ledger.spendable(state, self.today) == before
        assert {entry.kind for entry in state.entries} <= {EntryKind.EXPIRY}
        assert all(lot.pending == (key[0] > self.today) for key, lot in state.lots.items())
        return state, deed

    def close(self, state: WalletState) -> None:
        """Stores what was touched, as the database does: lots by name, entries appended."""
        for key in state.touched:
            if key in state.lots:
                self.stored.lots[key] = state.lots[key]
            else:
                self.stored.lots.pop(key, None)
        assert state.lots == self.stored.lots, "a lot was changed and not marked as touched"
        self.stored.debt, self.stored.seq = state.debt, state.seq
        self.log += state.entries

    @rule(days=st.sampled_from([0, 1, 3, 8, 40, 200]))
    def days_pass(self, days):
        self.today += dt.timedelta(days=days)
        self.time_passes()

    @rule()
    def night(self):
        state, _ = self.open()
        self.close(state)

    @rule(
        points=st.integers(1, 60), wait=st.sampled_from([-400, -1, 0, 0, 1, 7]), lasts=st.sampled_from([0, 5, 30, 365])
    )
    def credit(self, points, wait, lasts):
        active_on = self.today + dt.timedelta(days=wait)
        lot = (active_on, max(active_on, self.today) + dt.timedelta(days=lasts))
        state, deed = self.open()
        entry = ledger.credit(state, deed, EntryKind.ACCRUAL, "k", points, lot, [])
        repaid = min(points, self.debt)
        assert [step["points"] for step in entry.explanation if step["code"] == "debt_repaid"] == [repaid] * bool(
            repaid
        )
        self.debt -= repaid
        self.points += [lot] * (points - repaid)
        self.close(state)

    @rule(points=st.integers(1, 90))
    def spend(self, points):
        state, deed = self.open()
        usable = self.usable()
        if points > len(usable):
            with pytest.raises(NotEnoughPoints) as refusal:
                ledger.spend(state, deed, "k", points, [])
            assert (refusal.value.wanted, refusal.value.spendable, refusal.value.debt) == (
                points,
                len(usable),
                self.debt,
            )
            return
        ledger.spend(state, deed, "k", points, [])
        for lot in usable[:points]:
            self.points.remove(lot)
        self.close(state)

    @precondition(lambda self: self.log)
    @rule(points=st.integers(1, 60), policy=st.sampled_from([*RefundPolicy, RefundPolicy.FULL]), data=st.data())
    def take_back(self, points, policy, data):
        homes = sorted({(e.active_on, e.expires_on) for e in self.log if e.active_on and e.expires_on})
        home = data.draw(st.sampled_from(homes or [(START, START)]))
        state, deed = self.open()
        forgiven = min(points, self.lapsed.count(home))
        wanted = points - forgiven
        may = [
            lot
            for lot in self.points
            if policy is not RefundPolicy.PENDING_ONLY or (lot == home and lot[0] > self.today)
        ]
        taken = sorted(may, key=lambda lot: (lot != home, lot[1], lot[0]))[:wanted]
        owed = wanted - len(taken) if policy is RefundPolicy.FULL else 0
        entry = ledger.reverse(state, deed, "k", points, home, policy, [], START)
        for lot in taken:
            self.points.remove(lot)
        self.debt += owed
        assert (entry is None) == (not taken and not owed)
        if entry:
            steps = {step["code"]: step["points"] for step in entry.explanation}
            expected = {"already_expired": forgiven, "debt": owed, "not_taken": wanted - len(taken) - owed}
            assert steps == {code: units for code, units in expected.items() if units}
            assert (entry.points, entry.debt_change, entry.counts_on) == (-len(taken) - owed, owed, START)
        self.close(state)

    # ---- what always holds

    @invariant()
    def lots_are_what_the_model_holds(self):
        held = {key: lot.points for key, lot in self.stored.lots.items() if key[1] >= self.today}
        assert held == {lot: self.points.count(lot) for lot in set(self.points)}
        assert self.stored.debt == self.debt >= 0
        assert all(lot.points > 0 for lot in self.stored.lots.values())

    @invariant()
    def sums_agree(self):
        total = sum(entry.points for entry in self.log)
        assert total == sum(lot.points for lot in self.stored.lots.values()) - self.stored.debt == self.stored.balance
        assert self.stored.available + self.stored.pending - self.stored.debt == total
        assert [entry.seq for entry in self.log] == list(range(1, self.stored.seq + 1))
        running = 0
        for entry in self.log:
            running += entry.points
            assert entry.balance_after == running and entry.points
        assert not self.debt or not self.stored.lots

    @invariant()
    def what_can_be_spent_does_not_wait_for_the_night(self):
        assert ledger.spendable(self.stored, self.today) == len(self.usable())


TestWallets = Wallets.TestCase
TestWallets.settings = settings(FEW, max_examples=100, stateful_step_count=30)
