"""What is booked by hand, without a database: limits by table, and random wallets in which nothing is made or lost."""

import copy
import datetime as dt
import zoneinfo
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import dates
from members.enums import StaffRole
from membership_site.console.access import GRANTS, ROLE_NAMES, Capability
from points.actions import BadAdjustment, NotEnoughPoints, NotForOneself, NothingLeft, NotOwed, OwnRequest, WindowOver
from points.enums import EntryKind, RequestKind, SecondBecause, Wallet
from points.rules import adjusting, ledger
from points.rules.adjusting import ByHand, Undone
from points.rules.ledger import Deed, Holding, NewEntry, WalletState
from points.rules.policy import AdjustmentLimits, Policy, policy_from_terms
from tests.kit.examples import MANY
from tests.points.starter import POINTS_TERMS

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
TODAY = dt.date(2026, 3, 3)
DAY = dt.timedelta(days=1)
POLICY = policy_from_terms(1, POINTS_TERMS)
ADJUSTMENT, UNDO, WRITE_OFF = RequestKind.ADJUSTMENT, RequestKind.UNDO, RequestKind.WRITE_OFF
REFUSED = (NotEnoughPoints, NotOwed, NothingLeft, WindowOver)


@pytest.mark.parametrize(
    ("kind", "points", "booked", "second"),
    [
        (ADJUSTMENT, 500, 0, None),
        (ADJUSTMENT, -500, 0, None),
        (ADJUSTMENT, 501, 0, SecondBecause.ALONE),
        (ADJUSTMENT, -501, 0, SecondBecause.ALONE),
        (ADJUSTMENT, 500, 1500, None),
        (ADJUSTMENT, 500, 1501, SecondBecause.DAY),
        (ADJUSTMENT, 1, 2000, SecondBecause.DAY),
        (UNDO, -500, 1500, None),
        (UNDO, -501, 0, SecondBecause.ALONE),
        (RequestKind.REINSTATEMENT, 500, 0, None),
        (RequestKind.REINSTATEMENT, 501, 0, SecondBecause.ALONE),
        (WRITE_OFF, 1, 0, SecondBecause.WRITE_OFF),
    ],
)
def test_limits(kind: RequestKind, points: int, booked: int, second: SecondBecause | None) -> None:
    """Inclusive, signs aside; a write-off is never one person's."""
    assert adjusting.needs_second(kind, points, AdjustmentLimits(500, 2000), booked) is second


def test_complaint_8_each_limit_of_the_policy_is_obeyed() -> None:
    """A setting that is stored and does nothing is worse than none."""
    terms = {
        **POINTS_TERMS,
        "adjustments": {"alone_max": 7, "day_max": 9},
        "reinstatement_days": 3,
        "courtesy_days": 20,
    }
    policy = policy_from_terms(1, terms)
    assert adjusting.needs_second(ADJUSTMENT, 8, policy.adjustments, 0) is SecondBecause.ALONE
    assert adjusting.needs_second(ADJUSTMENT, 7, policy.adjustments, 3) is SecondBecause.DAY
    assert adjusting.needs_second(ADJUSTMENT, 7, policy.adjustments, 2) is None
    adjusting.check_window(TODAY, TODAY + 3 * DAY, policy)
    with pytest.raises(WindowOver):
        adjusting.check_window(TODAY, TODAY + 4 * DAY, policy)
    assert adjusting.fresh_until(TODAY, policy) == TODAY + 20 * DAY
    assert adjusting.fresh_until(TODAY, replace(policy, courtesy_days=0)) == TODAY + 7 * DAY


def test_who_may_ask_and_who_may_decide() -> None:
    """Three people."""
    asked = ByHand(ADJUSTMENT, 5, "Goodwill")
    adjusting.check_request(asked, 1, [3])
    adjusting.check_decision(1, 2, [3])
    with pytest.raises(NotForOneself):
        adjusting.check_request(asked, 3, [3])
    with pytest.raises(NotForOneself):
        adjusting.check_decision(1, 3, [3])
    with pytest.raises(OwnRequest):
        adjusting.check_decision(1, 1, [1])
    for bad in (
        replace(asked, points=0),
        replace(asked, points=adjusting.POINTS_MAX + 1),
        replace(asked, reason=" "),
        replace(asked, kind=WRITE_OFF, points=-5),
    ):
        with pytest.raises(BadAdjustment):
            adjusting.check_request(bad, 1, [])
    adjusting.check_request(replace(asked, points=-adjusting.POINTS_MAX), 1, [])


def test_every_role_has_a_name_and_who_asks_does_not_decide_alone() -> None:
    """Finance decides and does not book; agents book and do not decide."""
    assert set(ROLE_NAMES) == set(GRANTS) == set(StaffRole)
    may = {role: {c for c in (Capability.ADJUST_POINTS, Capability.APPROVE) if c in GRANTS[role]} for role in StaffRole}
    assert may == {
        StaffRole.OPERATOR: {Capability.ADJUST_POINTS, Capability.APPROVE},
        StaffRole.ADMIN: {Capability.ADJUST_POINTS, Capability.APPROVE},
        StaffRole.AGENT: {Capability.ADJUST_POINTS},
        StaffRole.FINANCE: {Capability.APPROVE},
        StaffRole.AUDITOR: set(),
        StaffRole.APPROVER: {Capability.APPROVE},
        StaffRole.CAMPAIGN_AUTHOR: set(),
        StaffRole.INTEGRATOR: set(),
    }


# ---- random wallets


def wallets() -> st.SearchStrategy[WalletState]:
    """Wallets as they may stand: lots of several dates, or a debt and nothing else."""
    day = st.integers(-40, 40)
    lots = st.dictionaries(st.tuples(day, st.integers(0, 60)), st.integers(1, 900), max_size=5)

    def build(lots: dict[tuple[int, int], int], debt: int) -> WalletState:
        state = WalletState(1, Wallet.POINTS, seq=7)
        for (start, lasts), points in lots.items():
            key = (TODAY + start * DAY, TODAY + (start + lasts) * DAY)
            if key[1] >= TODAY:
                state.lots[key] = Holding(points, pending=key[0] > TODAY)
        state.debt = 0 if state.lots else debt
        return state

    return st.builds(build, lots, st.integers(0, 900))


requests = st.one_of(
    st.builds(ByHand, st.just(ADJUSTMENT), st.integers(-900, 900).filter(bool), st.just("Goodwill")),
    st.builds(ByHand, st.just(WRITE_OFF), st.integers(1, 900), st.just("Goodwill")),
    st.builds(
        lambda points, ago: ByHand(RequestKind.REINSTATEMENT, points, "Goodwill", expired_on=TODAY - (ago + 1) * DAY),
        st.integers(1, 900),
        st.integers(0, 70),
    ),
)


def deed(on: dt.date = TODAY) -> Deed:
    """Will return a deed of a date."""
    return Deed(dates.day_start(on, ZONE), on, 1, "staff:1")


def book(state: WalletState, asked: ByHand, policy: Policy = POLICY, on: dt.date = TODAY) -> NewEntry | None:
    """Will book a request and prove the wallet; None, and nothing changed, where it is refused."""
    before = copy.deepcopy(state)
    ledger.settle(state, deed(on), ZONE)
    settled = copy.deepcopy(state)
    try:
        outcome = adjusting.work_out(state, deed(on), "k", asked, policy)
    except REFUSED:
        assert state == settled
        return None
    entry = outcome.entry
    assert state.balance == settled.balance + entry.points
    assert state.debt == settled.debt + entry.debt_change and outcome.debt == state.debt
    assert outcome.available_before == ledger.spendable(before, on)
    assert outcome.available == ledger.spendable(state, on)
    assert state.debt == 0 or not state.lots, "who owes has nothing"
    assert all(lot.points > 0 for lot in state.lots.values())
    assert moved(entry) == difference(settled, state), "the entry names the lots that it moved"
    assert entry.debt_change <= 0, "nothing done by hand makes a debt"
    return entry


def moved(entry: NewEntry) -> Counter[tuple[dt.date, dt.date]]:
    """Will return what an entry says it moved, by lot."""
    if entry.active_on and entry.expires_on:
        return Counter({(entry.active_on, entry.expires_on): entry.points + entry.debt_change})
    sign = 1 if entry.points > 0 else -1
    named = zip(entry.lot_active_on or [], entry.lot_expires_on or [], strict=True)
    return Counter({lot: sign * points for lot, points in zip(named, entry.lot_points or [], strict=True)})


def difference(before: WalletState, after: WalletState) -> Counter[tuple[dt.date, dt.date]]:
    """Will return by how much each lot changed; Counters compare missing and nought alike."""
    then, now = ({key: lot.points for key, lot in state.lots.items()} for state in (before, after))
    return Counter({key: now.get(key, 0) - then.get(key, 0) for key in {*then, *now}})


@MANY
@given(state=wallets(), asked=requests)
def test_nothing_is_made_or_lost(state: WalletState, asked: ByHand) -> None:
    """Sum, debt and lots change by what the entry says, or not at all."""
    entry = book(state, asked)
    if entry and asked.kind is not RequestKind.ADJUSTMENT:
        assert entry.points == asked.points
    if entry:
        kinds = {WRITE_OFF: EntryKind.WRITE_OFF, RequestKind.REINSTATEMENT: EntryKind.REINSTATEMENT}
        assert entry.kind == kinds.get(asked.kind, EntryKind.ADJUSTMENT)


@MANY
@given(
    state=wallets(),
    points=st.integers(-900, 900).filter(bool),
    spends=st.integers(0, 900),
    owes=st.integers(0, 300),
    later=st.integers(0, 90),
)
def test_undo_of_undo_of_whatever(state: WalletState, points: int, spends: int, owes: int, later: int) -> None:
    """Each takes back at most what the one before did; with nothing between them, two leave the wallet as it was."""
    before = copy.deepcopy(state)
    entry = book(state, ByHand(ADJUSTMENT, points, "Goodwill"))
    if entry is None:
        return
    on = TODAY + later * DAY
    ledger.settle(state, deed(on), ZONE)
    spends = min(spends, ledger.spendable(state, on))
    if spends:
        ledger.spend(state, deed(on), "order", spends, [])
    if owes and not state.lots:
        state.debt += owes
    for _again in range(3):
        undo = book(state, undo_of(entry), on=on)
        if undo is None:
            return
        assert undo.points * entry.points < 0 and abs(undo.points) <= abs(entry.points)
        if entry.points < 0:
            assert undo.points == -entry.points, "what was taken comes back whole"
        if not (spends or owes or later or before.debt):
            assert undo.points == -entry.points
        entry = undo
    if not (spends or owes or later or before.debt):
        assert ledger.spendable(state, on) == ledger.spendable(before, on)


def undo_of(entry: NewEntry) -> ByHand:
    """Will ask to undo an entry, as points.queries reads it."""
    lots = tuple((lot, abs(points)) for lot, points in moved(entry).items())
    return ByHand(UNDO, -entry.points, "Mistake", undone=Undone(entry.points, lots))
