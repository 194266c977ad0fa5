"""An order is brought to its plan: edits, returns and cancellations in any pieces reverse exactly what was earned."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.enums import EntryKind, RefundPolicy, Wallet
from points.rules import earning, ledger
from points.rules.booking import Books, KnownEntry, book_plan, net_by_line
from points.rules.earning import EarnRate, LineFacts
from points.rules.ledger import Deed, WalletState
from tests.kit.examples import MANY
from tests.points.starter import POLICIES

PLACED = dt.date(2026, 3, 3)
RATE = EarnRate(Decimal("1.5"), "silver")
NOON = dt.datetime(2026, 3, 3, 4, 0, tzinfo=dt.UTC)


class Order:
    """An order in memory and the wallets of the one who made it."""

    def __init__(self, policy=RefundPolicy.FULL):
        self.policy = POLICIES[policy]
        self.books = Books(1, {wallet: WalletState(1, wallet) for wallet in Wallet}, [])
        self.today = PLACED
        self.deeds = 0

    def bring_to(self, lines, *, counts=True):
        """Books the difference and returns the new entries."""
        self.deeds += 1
        plan = earning.plan_order(self.policy, RATE, lines, PLACED, counts=counts)
        deed = Deed(NOON, self.today, 1, "test")
        for state in self.books.wallets.values():
            state.entries.clear()
        book_plan(self.books, deed, f"order:web:1:edit:{self.deeds}:line", plan, self.policy)
        new = [entry for state in self.books.wallets.values() for entry in state.entries]
        self.books.known += [
            KnownEntry(Wallet(e.wallet), e.seq, e.kind, e.points, e.balance_after, e.source_key, e.active_on,
                       e.expires_on, e.policy_id, e.explanation) for e in new
        ]  # fmt: skip
        return plan, new

    def net(self):
        return {
            (wallet, line): net.points for (wallet, line), net in net_by_line(self.books.known).items() if net.points
        }

    def spend(self, points):
        """Uses points that are in the wallet, whatever their date."""
        state = self.books.wallets[Wallet.POINTS]
        active = max((key[0] for key in state.lots), default=PLACED)
        deed = Deed(NOON, active, 1, "test")
        for key in state.lots:
            state.lots[key].pending = False
        if used := min(points, ledger.spendable(state, active)):
            ledger.spend(state, deed, "use", used, [])


def planned(plan):
    """What a plan comes to, by wallet and line."""
    both = {(Wallet.POINTS, line.line_id): line.points for line in plan.lines}
    both |= {(Wallet.GROWTH, line.line_id): line.growth for line in plan.lines}
    return {key: points for key, points in both.items() if points}


@st.composite
def states_of_an_order(draw):
    """Full states as a shop might state them: lines come, go and change, units come back, all is cancelled or not."""
    states = []
    for _ in range(draw(st.integers(1, 5))):
        lines = []
        for line_id in draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True)):
            quantity = draw(st.integers(1, 4))
            basis = draw(st.decimals(0, 500, places=2))
            lines.append(LineFacts(line_id, basis, quantity, draw(st.integers(0, quantity))))
        states.append((lines, draw(st.booleans())))
    return states


@MANY
@given(states=states_of_an_order(), spent=st.integers(0, 400))
def test_whatever_an_order_becomes_it_has_earned_its_plan_and_nets_to_nought_when_cancelled(states, spent):
    order = Order()
    points = order.books.wallets[Wallet.POINTS]
    for number, (lines, counts) in enumerate(states):
        plan, _ = order.bring_to(lines, counts=counts)
        assert order.net() == planned(plan)
        _, again = order.bring_to(lines, counts=counts)
        assert again == []
        if number == 0 and spent and ledger.spendable(points, PLACED + dt.timedelta(days=7)):
            order.spend(spent)
    used = -sum(e.points for e in points.entries if e.kind == EntryKind.REDEMPTION)
    order.bring_to(states[-1][0], counts=False)
    assert order.net() == {} and used >= 0
    growth = order.books.wallets[Wallet.GROWTH]
    assert (growth.balance, growth.debt, growth.lots) == (0, 0, {})
    assert points.balance <= 0 and points.balance == -points.debt and not points.lots


@MANY
@given(quantity=st.integers(1, 9), basis=st.decimals(0, 999, places=2), data=st.data())
def test_returns_in_any_pieces_end_where_one_return_of_all_ends(quantity, basis, data):
    order, returned, taken = Order(), 0, 0
    order.bring_to([LineFacts("a", basis, quantity), LineFacts("b", Decimal("0.99"), 1)])
    earned = order.books.wallets[Wallet.POINTS].balance
    while returned < quantity:
        returned += data.draw(st.integers(1, quantity - returned))
        _, new = order.bring_to([LineFacts("a", basis, quantity, returned), LineFacts("b", Decimal("0.99"), 1)])
        taken -= sum(entry.points for entry in new if entry.wallet == Wallet.POINTS)
        assert {entry.kind for entry in new} <= {EntryKind.REVERSAL}
    whole = Order()
    whole.bring_to([LineFacts("a", basis, quantity), LineFacts("b", Decimal("0.99"), 1)])
    whole.bring_to([LineFacts("a", basis, quantity, quantity), LineFacts("b", Decimal("0.99"), 1)])
    assert order.books.wallets[Wallet.POINTS].lots == whole.books.wallets[Wallet.POINTS].lots
    assert taken == earned - whole.books.wallets[Wallet.POINTS].balance


def test_a_line_that_is_edited_out_keeps_nothing_and_the_others_are_shared_anew():
    order = Order()
    a, b = LineFacts("a", Decimal("33.40"), 1), LineFacts("b", Decimal("33.40"), 1)
    order.bring_to([a, b])
    assert order.net()[Wallet.POINTS, "a"] == 50
    _, new = order.bring_to([b])
    assert {(e.wallet, e.explanation[0]["line"], e.points) for e in new} == {
        ("points", "a", -50), ("growth", "a", -33),
    }  # fmt: skip
    assert {e.source_key for e in new} == {"order:web:1:edit:2:line:a"}
    _, new = order.bring_to([LineFacts("b", Decimal(40), 1)])
    assert {(e.wallet, e.kind, e.points) for e in new} == {("points", "accrual", 10), ("growth", "accrual", 7)}


@pytest.mark.parametrize(
    ("policy", "spent", "active", "points_left", "debt"),
    [
        (RefundPolicy.FULL, 0, False, 0, 0),
        (RefundPolicy.FULL, 100, True, 0, 100),
        (RefundPolicy.WITHIN_BALANCE, 100, True, 0, 0),
        (RefundPolicy.WITHIN_BALANCE, 0, True, 0, 0),
        (RefundPolicy.PENDING_ONLY, 0, False, 0, 0),
        (RefundPolicy.PENDING_ONLY, 0, True, 150, 0),
        (RefundPolicy.PENDING_ONLY, 100, True, 50, 0),
    ],
)
def test_a_policy_says_what_is_taken_of_points_and_growth_always_goes(policy, spent, active, points_left, debt):
    order = Order(policy)
    order.bring_to([LineFacts("a", Decimal(100), 1)])
    points = order.books.wallets[Wallet.POINTS]
    if active:
        order.today = PLACED + dt.timedelta(days=7)
        order.spend(spent)
    order.bring_to([LineFacts("a", Decimal(100), 1, 1)])
    assert (points.available + points.pending, points.debt) == (points_left, debt)
    assert order.books.wallets[Wallet.GROWTH].balance == 0
