"""What orders and events earn: one rounding an order, shares that sum, returns in any pieces, caps and streaks."""

import datetime as dt
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.rules import earning
from points.rules.earning import EarnRate, EventFacts, LineFacts, plan_event, plan_order
from points.rules.policy import BadTerms, policy_from_terms
from tests.kit.examples import MANY
from tests.points.starter import POINTS_TERMS, POLICY, policy

PLACED = dt.date(2026, 3, 3)
money = st.decimals(min_value=0, max_value=100_000, places=2)
multipliers = st.sampled_from([Decimal(m) for m in ("0", "0.333", "1", "1.5", "2", "3", "4")])


@st.composite
def line_facts(draw):
    lines = []
    for number in range(draw(st.integers(1, 7))):
        quantity = draw(st.integers(1, 9))
        lines.append(LineFacts(str(number), draw(money), quantity, draw(st.integers(0, quantity))))
    return lines


@MANY
@given(lines=line_facts(), multiplier=multipliers)
def test_an_order_is_rounded_down_once_and_its_lines_sum_to_it(lines, multiplier):
    plan = plan_order(POLICY, EarnRate(multiplier, "gold"), lines, PLACED)
    basis = sum(line.basis for line in lines)
    assert plan.points == math.floor(basis * multiplier) == sum(line.points_whole for line in plan.lines)
    assert plan.growth == math.floor(basis) == sum(line.growth_whole for line in plan.lines)
    for line in plan.lines:
        exact = plan.points * line.basis / basis if basis else Decimal(0)
        assert abs(line.points_whole - exact) < 1 or not basis
        assert 0 <= line.points <= line.points_whole and 0 <= line.growth <= line.growth_whole


@MANY
@given(basis=money, multiplier=multipliers, quantity=st.integers(1, 12), data=st.data())
def test_returned_units_take_their_share_and_the_last_one_the_rest(basis, multiplier, quantity, data):
    def kept(returned):
        line = LineFacts("1", basis, quantity, returned)
        return plan_order(POLICY, EarnRate(multiplier, "member"), [line], PLACED).lines[0]

    pieces, returned = [], 0
    while returned < quantity:
        pieces.append(data.draw(st.integers(1, quantity - returned)))
        returned += pieces[-1]
    whole, before, taken = kept(0), kept(0), 0
    for count, piece in enumerate(pieces):
        after = kept(sum(pieces[: count + 1]))
        taken += before.points - after.points
        assert 0 <= before.points - after.points <= math.ceil(whole.points * piece / quantity)
        before = after
    assert taken == whole.points == whole.points_whole
    assert (before.points, before.growth) == (0, 0)


def test_a_plan_by_hand():
    lines = [
        LineFacts("a", Decimal("33.34"), 3, 1),
        LineFacts("b", Decimal("33.33"), 1),
        LineFacts("c", Decimal("33.33"), 1),
    ]
    plan = plan_order(POLICY, EarnRate(Decimal(2), "silver"), lines, PLACED)
    assert [line.points_whole for line in plan.lines] == [67, 67, 66]
    assert [line.points for line in plan.lines] == [45, 67, 66]
    assert [line.growth for line in plan.lines] == [23, 33, 33]
    assert (plan.points, plan.growth) == (200, 100)
    assert (plan.active_on, plan.expires_on) == (dt.date(2026, 3, 10), dt.date(2027, 3, 31))
    cancelled = plan_order(POLICY, plan.rate, lines, PLACED, counts=False)
    assert {(line.points, line.growth) for line in cancelled.lines} == {(0, 0)} and cancelled.points == 200
    assert plan_order(POLICY, plan.rate, [], PLACED).lines == ()
    assert earning.floor_product(Decimal("999999999999.99"), Decimal("3.333")) == 3332999999999


@pytest.mark.parametrize(
    ("active_on", "expires_on"),
    [
        ("2026-03-10", "2027-03-31"),
        ("2026-01-31", "2027-01-31"),
        ("2027-02-28", "2028-02-29"),
        ("2028-02-29", "2029-02-28"),
        ("2026-12-31", "2027-12-31"),
        ("2026-11-01", "2027-11-30"),
    ],
)
def test_points_lapse_at_the_end_of_the_month_a_year_after_the_month_they_became_active(active_on, expires_on):
    assert POLICY.expires_on(dt.date.fromisoformat(active_on)) == dt.date.fromisoformat(expires_on)


def test_expiry_counts_from_activation_and_months_are_those_of_the_policy():
    late_january = plan_order(POLICY, EarnRate(Decimal(1), "member"), [], dt.date(2026, 1, 25))
    assert (late_january.active_on, late_january.expires_on) == (dt.date(2026, 2, 1), dt.date(2027, 2, 28))
    assert policy(expiry={"kind": "end_of_month", "count": 1}).expires_on(dt.date(2026, 1, 31)) == dt.date(2026, 2, 28)
    assert policy(expiry={"kind": "end_of_month", "count": 24}).expires_on(dt.date(2026, 2, 1)) == dt.date(2028, 2, 29)


@pytest.mark.parametrize(
    ("facts", "points", "growth", "code"),
    [
        (EventFacts("review"), 20, 10, "event"),
        (EventFacts("review", with_photo=True, same_day=40, ever=99), 50, 10, "event"),
        (EventFacts("share"), 5, 5, "event"),
        (EventFacts("share", same_day=2), 5, 5, "event"),
        (EventFacts("share", same_day=3), 0, 0, "day_cap"),
        (EventFacts("share", with_photo=True), 5, 5, "event"),
        (EventFacts("check_in", same_day=1), 0, 0, "day_cap"),
        (EventFacts("profile_completed"), 50, 0, "event"),
        (EventFacts("profile_completed", ever=1), 0, 0, "once_only"),
        (EventFacts("survey", same_day=9, ever=9), 30, 0, "event"),
        (EventFacts("spin_the_wheel"), 0, 0, "event_without_rule"),
    ],
)
def test_events_by_hand(facts, points, growth, code):
    plan = plan_event(POLICY, facts)
    assert (plan.points, plan.growth) == (points, growth)
    assert plan.explanation[-1]["code"] == code


def test_a_week_of_check_ins_and_then_again():
    week = [5, 5, 10, 10, 15, 15, 50]
    for day in range(1, 30):
        plan = plan_event(POLICY, EventFacts("check_in", streak_day=day))
        assert (plan.points, plan.growth) == (week[(day - 1) % 7], 2)
        assert plan.explanation[0]["streak_day"] == (day - 1) % 7 + 1
    capped = plan_event(POLICY, EventFacts("check_in", same_day=1, streak_day=7))
    assert (capped.points, capped.growth, capped.desired) == (0, 0, 50)


@pytest.mark.parametrize(
    "change",
    [
        {"points_per_unit": "much"},
        {"refund": "sometimes"},
        {"events": {"review": {"pionts": 5}}},
        {"redemption": {}},
        {"expiry": None},
        {"events": None},
    ],
    ids=str,
)
def test_terms_that_cannot_be_read_are_refused(change):
    with pytest.raises(BadTerms, match="Nothing was published"):
        policy_from_terms(1, {**POINTS_TERMS, **change})
    for missing in POINTS_TERMS:
        with pytest.raises(BadTerms, match=missing):
            policy_from_terms(1, {k: v for k, v in POINTS_TERMS.items() if k != missing})
