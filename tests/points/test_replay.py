"""The engine of previews by itself, without a database: caps, budgets, expiry, refund policies, idle members, sums."""

import datetime as dt
import zoneinfo
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import dates
from kit.versions import Versions
from points.rules import previews
from points.rules.conditions import DeedFacts
from points.rules.earning import EarnRate, EventFacts, LineFacts, plan_order
from points.rules.policy import Policy
from points.rules.replay import (
    DatedBudgets,
    Outcome,
    Past,
    PastEvent,
    PastMove,
    PastOrder,
    PastReturn,
    WantedBudgets,
    allot,
    replay,
)
from tests.points.starter import POLICY, policy

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
FIRST = dt.date(2026, 1, 1)
UNTIL = dt.datetime(2027, 12, 31, 12, tzinfo=ZONE)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def noon(number: int) -> dt.datetime:
    return dt.datetime.combine(day(number), dt.time(12), tzinfo=ZONE)


def order(number: int, amount: str, on: int, *returns: PastReturn, rate: str = "1") -> PastOrder:
    line = LineFacts("1", Decimal(amount), 2)
    deed = DeedFacts(on=day(on), tier="member", tiers=("member",), number=number, amount=Decimal(amount))
    return PastOrder(
        f"order:{number}", noon(on), day(on), EarnRate(Decimal(rate), "member"), (line,), deed, returns=returns
    )


def back(on: int, units: int = 1, *, cancels: bool = False) -> PastReturn:
    return PastReturn(f"back:{on}", noon(on), day(on), (("1", units),), cancels)


def spent(points: int, on: int) -> PastMove:
    return PastMove(f"use:{on}", noon(on), day(on), -points, by_member=True)


def event(kind: str, on: int) -> PastEvent:
    return PastEvent(f"event:{on}", noon(on), day(on), EventFacts(type=kind), DeedFacts(on=day(on)))


def rule(code: str = "x2", **terms: Any) -> dict[str, Any]:
    return {"code": code, "names": {"en": code}, "deed": "order", "effect": "multiply", "amount": "2", **terms}


def played(past: Past, under: Policy = POLICY, until: dt.datetime = UNTIL, budgets: Any = None) -> Outcome:
    return replay(past, Versions([(dt.date.min, under)]), budgets or DatedBudgets(), until, ZONE)


def test_nothing_comes_of_nothing() -> None:
    outcome = played(Past(1))
    assert outcome == Outcome(0, 0, {}, {}, 0, 0, 0, 0, 0, 0, 0)


@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(0, 300), st.booleans()), max_size=12),
    st.sampled_from(
        [POLICY, policy(points_per_unit="1.7"), policy(rules=[rule(caps=[{"per": "month", "points": 90}])])]
    ),
)
def test_what_is_earned_is_held_or_has_ended(orders: list[tuple[int, int, bool]], under: Policy) -> None:
    """By month, by rule and altogether; without spending, refunds reach only what is held or has ended."""
    past = Past(
        1,
        tuple(
            order(number, str(amount), on, *([back(on + 2)] if returned else []))
            for number, (amount, on, returned) in enumerate(orders)
        ),
    )
    outcome = played(past, under)
    assert outcome.earned == outcome.outstanding + outcome.lapsed - outcome.owed
    assert outcome.earned == sum(outcome.by_month.values())
    assert outcome.earned >= sum(points for points, _ in outcome.by_rule.values())
    assert outcome.deeds == len(orders)


@given(st.integers(1, 10_000), st.integers(0, 2))
def test_one_order_is_planned_as_it_is_booked(cents: int, units: int) -> None:
    amount = Decimal(cents) / 100
    line = LineFacts("1", amount, 2, units)
    plan = plan_order(POLICY, EarnRate(Decimal(3), "gold"), [line], FIRST)
    outcome = played(Past(1, (order(1, str(amount), 0, back(1, units), rate="3"),)))
    assert outcome.earned == sum(planned.points for planned in plan.lines)


def test_caps_count_in_time_and_have_room_again_after_a_return() -> None:
    under = policy(rules=[rule(caps=[{"per": "month", "points": 150}])])
    orders = (order(1, "100", 0), order(2, "100", 1), order(3, "100", 2))
    assert played(Past(1, orders), under).earned == 450
    returned = (
        replace(orders[0], returns=(back(1, 2),)),
        *(replace(o, at=o.at + dt.timedelta(hours=1)) for o in orders[1:]),
    )
    outcome = played(Past(1, returned), under)
    assert (outcome.earned, outcome.by_rule) == (200 + 150, {"x2": (150, 2)})
    assert outcome.capped == 50


def test_caps_of_a_membership_count_what_was_given_before() -> None:
    under = policy(rules=[rule(caps=[{"per": "ever", "points": 120}])])
    assert played(Past(1, (order(1, "100", 0),), used={"x2": 100}), under).by_rule == {"x2": (20, 1)}


def test_events_earn_and_are_capped_like_orders() -> None:
    past = Past(1, (order(1, "100", 0),), (event("review", 0), event("survey", 0), event("unknown", 0)))
    assert played(past).earned == 150
    outcome = played(past, policy(caps=[{"per": "day", "points": 110}]))
    assert (outcome.earned, outcome.capped) == (110, 40)


@pytest.mark.parametrize(
    ("refund", "owed", "left"), [("full", 100, 0), ("within_balance", 0, 100), ("pending_only", 0, 100)]
)
def test_what_a_refund_takes_is_the_policys(refund: str, owed: int, left: int) -> None:
    past = Past(1, (order(1, "100", 0, back(20, 2)),), moves=(spent(100, 10),))
    outcome = played(past, policy(refund=refund))
    assert (outcome.earned, outcome.owed, outcome.indebted, outcome.not_taken) == (0, owed, owed, left)


def test_a_debt_is_repaid_by_what_comes_next() -> None:
    past = Past(1, (order(1, "100", 0, back(20, 2)), order(2, "130", 30)), moves=(spent(100, 10),))
    outcome = played(past, until=noon(40))
    assert (outcome.indebted, outcome.owed, outcome.outstanding) == (100, 0, 30)


def test_what_had_ended_is_not_asked_for_again() -> None:
    past = Past(1, (order(1, "100", 0, back(60, 2)),))
    outcome = played(past, policy(expiry={"kind": "days", "count": 20}))
    assert (outcome.earned, outcome.lapsed, outcome.owed, outcome.not_taken) == (0, 100, 0, 0)


def test_what_was_spent_and_would_not_have_been_there_is_counted() -> None:
    past = Past(1, (order(1, "100", 0),), moves=(spent(80, 10),))
    assert played(past, policy(points_per_unit="0.5")).unaffordable == 30
    assert played(past).unaffordable == 0


def test_points_from_before_keep_their_expiry() -> None:
    past = Past(1, lots=(((day(-5), day(3)), 40), ((day(-5), day(900)), 7)), debt=0)
    outcome = played(past, policy(expiry={"kind": "never"}))
    assert (outcome.lapsed, outcome.outstanding) == (40, 7)


def test_the_idle_lose_and_the_busy_keep() -> None:
    under = policy(expiry={"kind": "inactivity", "count": 2}, return_window_days=0)
    assert played(Past(1, (order(1, "100", 0), order(2, "10", 100))), under, noon(110)).lapsed == 100
    busy = Past(1, (order(1, "100", 0), order(2, "10", 100)), moves=(spent(1, 50),))
    assert played(busy, under, noon(110)).lapsed == 0
    assert played(busy, under, noon(200)).lapsed == 109


def test_idle_points_from_before_end_when_they_would_have() -> None:
    past = Past(1, lots=(((day(-5), dates.WHILE_ACTIVE), 40),), idle_until=day(30))
    assert (played(past, until=noon(30)).lapsed, played(past, until=noon(31)).lapsed) == (0, 40)


def test_a_cancelled_order_comes_to_nothing() -> None:
    outcome = played(Past(1, (order(1, "100", 0, back(1), back(2, cancels=True), back(3)),)))
    assert (outcome.earned, outcome.outstanding, outcome.owed) == (0, 0, 0)


def test_what_happens_later_is_not_known_yet() -> None:
    past = Past(1, (order(1, "100", 0, back(20, 2)), order(2, "5", 21)), (event("review", 22),), (spent(10, 23),))
    outcome = played(past, until=noon(19))
    assert (outcome.earned, outcome.deeds, outcome.outstanding) == (100, 1, 100)


def test_moves_other_than_earning_count_as_they_were() -> None:
    lot = (day(0), day(400))
    moves = (
        PastMove("sign_up", noon(0), day(0), 77, grant="sign_up"),
        PastMove("gift", noon(1), day(1), 30, lots=((lot, 30),)),
        PastMove("old:refund", noon(2), day(2), -150, lots=((lot, 30),), takes_back=True),
        PastMove("restored", noon(3), day(3), 25, lots=((lot, 5),)),
        PastMove("pardon", noon(4), day(4), 500),
    )
    outcome = played(Past(1, moves=moves[:3]), until=noon(5))
    assert (outcome.earned, outcome.outstanding, outcome.owed, outcome.indebted) == (100, 0, 20, 0)
    outcome = played(Past(1, moves=moves), until=noon(5))
    assert (outcome.outstanding, outcome.owed) == (5, 0)


# ---- budgets


def test_a_budget_is_first_come_first_served_by_date() -> None:
    drawn = {day(0): 40, day(1): 50, day(2): 30, day(3): 10}
    assert allot(drawn, {day(2): 25}, lambda _on: 100, 0) == {day(0): 40, day(1): 50, day(2): 10, day(3): 10}
    assert allot(drawn, {}, lambda _on: 100, 95) == {day(0): 5, day(1): 0, day(2): 0, day(3): 0}
    assert allot(drawn, {}, lambda _on: None, 95) == drawn


@given(
    st.dictionaries(st.integers(0, 30), st.integers(1, 100), max_size=12),
    st.dictionaries(st.integers(0, 30), st.integers(1, 60), max_size=6),
    st.integers(0, 400),
    st.integers(0, 400),
)
def test_no_budget_is_ever_passed(drawn: dict[int, int], returned: dict[int, int], limit: int, used: int) -> None:
    allotted = allot(
        {day(n): p for n, p in drawn.items()}, {day(n): p for n, p in returned.items()}, lambda _on: limit, used
    )
    running = used
    for on in sorted(allotted):
        assert 0 <= allotted[on] <= drawn.get((on - FIRST).days, 0)
        running += allotted[on]
        assert running <= max(limit, used)
        running = max(running - returned.get((on - FIRST).days, 0), 0)


def test_two_passes_give_a_budget_to_whoever_was_first() -> None:
    under = policy(rules=[rule(caps=[{"per": "budget", "points": 100}])])
    pasts = [Past(1, (order(1, "60", 5),)), Past(2, (order(1, "80", 0),)), Past(3, (order(1, "60", 6),))]
    wanted = WantedBudgets()
    for past in pasts:
        played(past, under, budgets=wanted)
    assert wanted.drawn == {"x2": {day(5): 60, day(0): 80, day(6): 60}}
    left = {"x2": allot(wanted.drawn["x2"], {}, lambda _on: 100, 0)}
    assert [played(past, under, budgets=DatedBudgets(left)).earned for past in pasts] == [80, 160, 60]
    returned = Past(2, (order(1, "80", 0, back(3, 2)),))
    wanted = WantedBudgets()
    played(returned, under, budgets=wanted)
    assert wanted.returned == {"x2": {day(3): 80}}


def test_growth_is_what_orders_and_events_keep_under_rules_of_that_wallet() -> None:
    """Capped in time, less what returns took; points are what they were."""
    past = Past(1, (order(1, "100", 0, back(3)), order(2, "40", 1)), (event("review", 2),))
    plain, grown = (
        played(past),
        played(past, policy(rules=[rule(wallet="growth", caps=[{"per": "ever", "points": 110}])])),
    )
    assert (plain.growth, grown.growth) == (50 + 40 + 10, 100 + 50 + 10)
    assert plain.earned == grown.earned
    assert grown.by_rule == {"x2": (60, 2)}


# ---- sums


def outcome_of(earned: int, deeds: int = 1) -> Outcome:
    return Outcome(earned, deeds, {"2026-01": earned}, {"x2": (earned, 1)}, 1, 2, 3, 4, 5, 6, 7)


def test_a_tally_names_the_largest_gains_and_losses() -> None:
    tally = previews.empty_tally()
    for number in range(1, 15):
        as_is, draft = outcome_of(100), outcome_of(100 + (number if number % 2 else -number))
        previews.add_member(tally, previews.Compared(number, "gold", 1, 0, as_is, draft))
    previews.add_member(tally, previews.Compared(99, "gold", 0, 0, outcome_of(0, 0), outcome_of(0, 0)))
    assert [row[0] for row in tally["gains"]] == [13, 11, 9, 7, 5]
    assert [row[0] for row in tally["losses"]] == [14, 12, 10, 8, 6]
    assert tally["tiers"]["gold"] == {"members": 14, "winners": 7, "losers": 7, "as_is": 1400, "draft": 1393}
    assert tally["growth"]["gold"] == {"members": 14, "winners": 0, "losers": 0, "as_is": 0, "draft": 0}
    assert tally["members"] == tally["orders"] == 14
    assert tally["sides"]["draft"]["months"] == {"2026-01": 1393}
    assert tally["sides"]["draft"]["rules"] == {"x2": [1393, 15]}
    assert tally["sides"]["as_is"]["outstanding"] == 45


def test_terms_have_one_digest_and_points_one_worth() -> None:
    assert previews.terms_digest({"a": 1, "b": [1]}) == previews.terms_digest({"b": [1], "a": 1})
    assert previews.terms_digest({"a": 1}) != previews.terms_digest({"a": 2})
    assert (previews.worth(12345, 100), previews.worth(-1, 200), previews.worth(1, 3)) == ("123.45", "-0.01", "0.33")
