"""Rising, staying and falling: boundaries to the cent, dates to the day, and grace that is entered once."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.examples import MANY
from tests.tiers.ladder import LADDER, facts, ladder
from tiers import rules
from tiers.enums import DecisionKind
from tiers.rules import Position, Requirement

MEMBER, SILVER, GOLD, DIAMOND = range(4)
THIRD = dt.date(2026, 3, 3)
UNTIL, GRACE = dt.date(2027, 3, 3), dt.date(2027, 4, 2)
DAY = dt.timedelta(days=1)
NOTHING = facts()


def at(rank, since=THIRD, until=UNTIL, grace=None):
    return Position(rank, since, until if rank else None, grace)


@pytest.mark.parametrize(
    ("spend", "orders", "growth", "rank", "by"),
    [
        ("999.99", 4, 999, MEMBER, None),
        ("1000", 0, 0, SILVER, "spend"),
        ("1000.00", 20, 15000, DIAMOND, "growth"),
        ("0", 5, 0, SILVER, "orders"),
        ("0", 0, 1000, SILVER, "growth"),
        ("4999.99", 19, 4999, SILVER, "spend"),
        ("5000", 0, 0, GOLD, "spend"),
        ("0", 20, 0, GOLD, "orders"),
        ("999", 20, 5000, GOLD, "orders"),
        ("14999.99", 500, 14999, GOLD, "spend"),
        ("15000", 0, 0, DIAMOND, "spend"),
        ("-5", -1, -20, MEMBER, None),
    ],
)
def test_boundaries_are_inclusive_and_the_highest_tier_reached_is_taken_at_once(spend, orders, growth, rank, by):
    outcome = rules.after_event(at(MEMBER), facts(spend, orders, growth), LADDER, THIRD)
    assert outcome == rules.at_night(at(MEMBER), facts(spend, orders, growth), LADDER, THIRD)
    if by is None:
        assert outcome is None
        return
    assert outcome.kind is DecisionKind.UPGRADE
    assert outcome.position == Position(rank, THIRD, UNTIL)
    assert outcome.reached_by == by
    assert outcome.threshold == getattr(LADDER.rungs[rank].reach, by)


def test_joining_is_the_lowest_tier_without_an_end():
    assert rules.join(THIRD) == rules.Outcome(DecisionKind.JOINED, Position(MEMBER, THIRD))


@pytest.mark.parametrize(
    ("on", "until"),
    [
        ("2026-03-03", "2027-03-03"),
        ("2028-02-29", "2029-02-28"),
        ("2027-02-28", "2028-02-28"),
        ("2026-12-31", "2027-12-31"),
    ],
)
def test_an_upgrade_is_valid_through_the_same_date_of_the_next_year_and_restarts_validity(on, until):
    date = dt.date.fromisoformat(on)
    for before in (
        at(MEMBER),
        at(SILVER, date - 300 * DAY, date + 65 * DAY),
        at(SILVER, grace=date, until=date - 30 * DAY),
    ):
        outcome = rules.after_event(before, facts("5000"), LADDER, date)
        assert outcome.position == Position(GOLD, date, dt.date.fromisoformat(until))


NIGHTS = [
    # position, facts of the night, night -> kind, position
    (at(SILVER), "0", UNTIL - DAY, None, None),
    (at(SILVER), "1000", UNTIL - DAY, None, None),
    (at(SILVER), "1000", UNTIL, "renewal", at(SILVER, until=dt.date(2028, 3, 3))),
    (at(SILVER), "999.99", UNTIL, "grace", at(SILVER, grace=GRACE)),
    (at(SILVER), "1000", UNTIL + 3 * DAY, "renewal", at(SILVER, until=dt.date(2028, 3, 3))),
    (at(SILVER), "0", UNTIL + 3 * DAY, "grace", at(SILVER, grace=GRACE)),
    (at(SILVER, grace=GRACE), "0", UNTIL + DAY, None, None),
    (at(SILVER, grace=GRACE), "0", GRACE - DAY, None, None),
    (at(SILVER, grace=GRACE), "1000", GRACE - DAY, "renewal", at(SILVER, until=dt.date(2028, 3, 3))),
    (at(SILVER, grace=GRACE), "1000", GRACE, "renewal", at(SILVER, until=dt.date(2028, 3, 3))),
    (at(SILVER, grace=GRACE), "0", GRACE, "downgrade", Position(MEMBER, GRACE)),
    (at(SILVER, grace=GRACE), "0", GRACE + 9 * DAY, "downgrade", Position(MEMBER, GRACE + 9 * DAY)),
    (at(DIAMOND, grace=GRACE), "5000", GRACE, "downgrade", Position(GOLD, GRACE, dt.date(2028, 4, 2))),
    (at(DIAMOND, grace=GRACE), "1000", GRACE, "downgrade", Position(SILVER, GRACE, dt.date(2028, 4, 2))),
    (at(DIAMOND, grace=GRACE), "0", GRACE, "downgrade", Position(MEMBER, GRACE)),
    (at(SILVER, grace=GRACE), "5000", GRACE, "upgrade", Position(GOLD, GRACE, dt.date(2028, 4, 2))),
    (at(SILVER), "5000", UNTIL, "upgrade", Position(GOLD, UNTIL, dt.date(2028, 3, 3))),
    (at(MEMBER), "999", GRACE, None, None),
]


@pytest.mark.parametrize(("position", "spend", "night", "kind", "after"), NIGHTS)
def test_nights_by_hand(position, spend, night, kind, after):
    outcome = rules.at_night(position, facts(spend), LADDER, night)
    if kind is None:
        assert outcome is None
    else:
        assert (outcome.kind, outcome.position) == (kind, after)


@pytest.mark.parametrize(
    ("position", "spend", "on", "kind", "after"),
    [
        (at(SILVER), "0", UNTIL + DAY, None, None),
        (at(SILVER), "1000", UNTIL - DAY, None, None),
        (at(SILVER, grace=GRACE), "999.99", GRACE, None, None),
        (at(SILVER, grace=GRACE), "1000", UNTIL + DAY, "renewal", at(SILVER, until=dt.date(2028, 3, 3))),
        (at(SILVER, grace=GRACE), "1000", GRACE, "renewal", at(SILVER, until=dt.date(2028, 3, 3))),
        (at(SILVER, grace=GRACE), "1000", GRACE + DAY, None, None),
        (at(DIAMOND), "0", THIRD, None, None),
    ],
)
def test_an_event_only_raises_or_keeps(position, spend, on, kind, after):
    outcome = rules.after_event(position, facts(spend), LADDER, on)
    assert outcome is None if kind is None else (outcome.kind, outcome.position) == (kind, after)


def test_grace_is_entered_once():
    entered = rules.at_night(at(GOLD), NOTHING, LADDER, UNTIL)
    assert entered.kind is DecisionKind.GRACE
    assert rules.at_night(entered.position, NOTHING, LADDER, UNTIL) is None


def test_a_renewal_on_the_leap_day_keeps_to_28_february():
    leap = at(SILVER, since=dt.date(2027, 2, 28), until=dt.date(2028, 2, 29))
    renewed = rules.at_night(leap, facts("1000"), LADDER, dt.date(2028, 2, 29))
    assert renewed.position.until == dt.date(2029, 2, 28)
    again = rules.at_night(renewed.position, facts("1000"), LADDER, dt.date(2029, 2, 28))
    assert again.position.until == dt.date(2030, 2, 28)


def test_thresholds_to_keep_may_differ_from_those_to_reach():
    easier = ladder(keep={"silver": Requirement(spend=Decimal(500))})
    assert rules.at_night(at(SILVER), facts("500"), easier, UNTIL).kind is DecisionKind.RENEWAL
    assert rules.at_night(at(SILVER), facts("499.99", orders=5), easier, UNTIL).kind is DecisionKind.GRACE
    assert rules.after_event(at(MEMBER), facts("999"), easier, UNTIL) is None
    assert rules.at_night(at(SILVER, grace=GRACE), facts("500"), easier, GRACE).kind is DecisionKind.RENEWAL


def test_the_window_ends_with_the_day_of_evaluation():
    assert LADDER.window_start(dt.date(2026, 3, 3)) == dt.date(2025, 3, 4)
    assert LADDER.window_start(dt.date(2028, 12, 31)) == dt.date(2028, 1, 2)


def test_gaps_say_what_is_missing_on_every_way_there_is():
    silver = LADDER.rungs[SILVER].reach
    assert rules.gaps(silver, facts("999.50", 5, 1200)) == [
        ("spend", Decimal(1000), Decimal("0.50")),
        ("orders", Decimal(5), Decimal(0)),
        ("growth", Decimal(1000), Decimal(0)),
    ]
    assert [way for way, _, _ in rules.gaps(LADDER.rungs[DIAMOND].reach, NOTHING)] == ["spend", "growth"]
    assert rules.gaps(LADDER.rungs[MEMBER].reach, NOTHING) == []


some_facts = st.builds(
    facts,
    spend=st.sampled_from(["0", "999.99", "1000", "4999.99", "5000", "14999.99", "15000"]),
    orders=st.sampled_from([0, 4, 5, 19, 20, 99]),
    growth=st.sampled_from([0, 999, 1000, 5000, 14999, 15000]),
)


@MANY
@given(nights=st.lists(st.tuples(st.integers(0, 400), some_facts, st.booleans()), max_size=12))
def test_a_life_of_nights_and_events(nights):
    position, on = rules.join(THIRD).position, THIRD
    for days, fact, is_night in nights:
        on += days * DAY
        decide = rules.at_night if is_night else rules.after_event
        outcome = decide(position, fact, LADDER, on)
        reached, _ = rules.earned(LADDER, fact)
        if outcome is None:
            assert reached <= position.rank
            if is_night and position.rank:
                assert on < (position.grace or position.until)
            continue
        before, position = position, outcome.position
        assert decide(position, fact, LADDER, on) is None or (position.until and position.until <= on)
        assert position.rank >= reached
        assert (position.rank > before.rank) == (outcome.kind is DecisionKind.UPGRADE)
        if outcome.kind is DecisionKind.DOWNGRADE:
            assert is_night and position.rank == reached < before.rank and before.grace <= on
        if outcome.kind in (DecisionKind.UPGRADE, DecisionKind.DOWNGRADE):
            assert position.since == on and position.until == (LADDER.valid_through(on) if position.rank else None)
        else:
            assert position.since == before.since and position.rank == before.rank
        assert (position.grace is not None) == (outcome.kind is DecisionKind.GRACE)
        assert bool(outcome.reached_by) == (outcome.threshold is not None)
