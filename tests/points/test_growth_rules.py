"""Rules that feed growth value: the same engine beside the points', neither meets the other, and old terms read on."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.enums import CapPer, Verdict, Wallet
from points.rules import draft, earning, lint
from points.rules.caps import ALL, Cap, Left
from points.rules.circumstances import Circumstances
from points.rules.conditions import DeedFacts, LineTraits
from points.rules.earning import EarnRate, EventFacts, LineFacts, plan_event, plan_order
from points.rules.earning_rules import rule_from_terms
from points.rules.policy import BadTerms
from tests.kit.examples import MANY
from tests.points.starter import POLICY, policy

TUESDAY = dt.date(2026, 3, 3)
GOLD = EarnRate(Decimal(3), "gold", ("member", "silver", "gold"))
FACTS = DeedFacts(on=TUESDAY, tier="gold", tiers=GOLD.tiers, number=2)


def rule(code="grow", **terms):
    names = dict.fromkeys(lint.LANGUAGES, code)
    base = {"code": code, "names": names, "deed": "order", "effect": "multiply", "amount": "2", "wallet": "growth"}
    return {**base, **terms}


def line(basis, line_id="1", quantity=1, refunded=0, **traits):
    return LineFacts(line_id, Decimal(basis), quantity, refunded, traits=LineTraits(**traits))


def plan(rules, *lines, left=None, **terms):
    around = Circumstances(FACTS, left or {})
    return plan_order(policy(rules=rules, **terms), GOLD, lines or [line("100")], TUESDAY, around=around)


def test_terms_without_the_key_feed_points_as_ever():
    stated = {key: value for key, value in rule().items() if key != "wallet"}
    assert rule_from_terms(stated).wallet is Wallet.POINTS
    assert rule_from_terms(rule()).wallet is Wallet.GROWTH
    with pytest.raises(BadTerms):
        policy(rules=[rule(wallet="miles")])


def test_growth_is_multiplied_by_its_own_rules_and_points_by_theirs():
    points = rule("points", wallet="points", amount="10")
    both = plan([points, rule()])
    assert (both.points, both.growth) == (3000, 200), "points by tier and rule, growth by neither tier nor that rule"
    assert both.kept_by_rule() == {"points": 2700, "grow": 100, ALL: 3000}
    assert (plan([rule()]).points, plan([points]).growth) == (300, 100)


@pytest.mark.parametrize(
    ("terms", "growth"),
    [
        ({"effect": "per_unit", "amount": "0.5"}, 150),
        ({"effect": "fixed", "amount": "7"}, 107),
        ({"amount": "0"}, 0),
        ({"when": [{"what": "category", "is": ["tea"]}]}, 160),
        ({"when": [{"what": "tier", "is": ["silver"]}]}, 100),
        ({"starts_on": "2026-03-04"}, 100),
        ({"ends_on": "2026-03-03"}, 200),
        ({"is_on": False}, 100),
        ({"caps": [{"per": "deed", "points": 30}]}, 130),
    ],
)
def test_effects_conditions_dates_and_caps_are_those_of_the_points(terms, growth):
    found = plan([rule(**terms)], line("60", category="tea"), line("40", "2"))
    assert found.growth == growth and found.points == 300
    assert sum(one.growth_whole for one in found.lines) == growth


def test_rules_of_growth_stack_among_themselves_alone():
    largest = [rule(code, amount=amount, stacking="largest") for code, amount in (("a", "2"), ("b", "3"))]
    beside = rule("p", wallet="points", stacking="largest", amount="9")
    found = plan([*largest, beside])
    assert (found.growth, found.points) == (300, 2700)
    assert [(one.code, why["what"]) for one, why in found.grown.unfired] == [("a", "larger")]
    top = plan([rule("a", priority=1), rule("b", amount="1.5", stacking="multiply", priority=2)])
    assert top.growth == 300


def test_what_a_cap_has_left_cuts_it_and_is_told_step_by_step():
    left = {"grow": (Left(Cap(CapPer.MONTH, 50), 20),)}
    found = plan([rule(caps=[{"per": "month", "points": 50}])], line("60.50"), line("40", "2"), left=left)
    assert (found.growth, found.growth_desired) == (120, 201)
    head, ruled = earning.whole_growth_steps(found, POLICY.growth_per_unit)
    assert head == {
        "code": "whole_order_growth",
        "order_basis": "100.5",
        "per_unit": "1",
        "base": 100,
        "fractions": 0,
        "points": 120,
        "wanted": 201,
    }
    assert (ruled["rule"], ruled["adds"], ruled["cut"], ruled["cap"]["left"]) == ("grow", 100, 80, 20)
    first = earning.growth_steps(earning.order_words(found), found.lines[0], found)
    assert [step["code"] for step in first] == ["order_line_growth", "rule"]
    assert first[0]["order_growth"] == 120 and first[0]["line_growth"] == found.lines[0].growth_whole
    assert first[1]["points"] == dict(found.lines[0].growth_parts)["grow"]


def test_without_such_rules_nothing_is_said_of_them():
    found = plan([rule("p", wallet="points")])
    assert earning.whole_growth_steps(found, POLICY.growth_per_unit) == []
    assert len(earning.growth_steps(earning.order_words(found), found.lines[0], found)) == 1


def event(rules, kind="review", left=None, **properties):
    terms = policy(rules=rules)
    around = Circumstances(DeedFacts(on=TUESDAY, properties=properties), left or {})
    return plan_event(terms, EventFacts(kind, properties=properties, around=around))


def test_events_earn_growth_by_rules_too():
    doubled = event([rule(deed="review"), rule("p", deed="review", wallet="points", effect="fixed", amount="5")])
    assert (doubled.points, doubled.growth, doubled.growth_desired) == (25, 20, 20)
    assert [step.get("rule") for step in doubled.explanation] == [None, "p"]
    assert [step.get("rule") for step in doubled.grown] == [None, "grow"]
    assert doubled.by_rule == {"p": 5, "grow": 10, ALL: 25}
    counted = event([rule(deed="miles", effect="property", property="km", amount="0.5")], "miles", km="9")
    assert (counted.points, counted.growth) == (0, 4)
    silent = event([rule(deed="survey", when=[{"what": "property", "is": ["5"], "name": "stars"}])], "survey")
    assert (silent.growth, silent.grown[-1]["code"]) == (0, "rule_not_applied")
    assert silent.explanation[-1]["code"] == "event", "the points' words are not about growth"


def test_a_programmes_cap_of_points_does_not_cut_growth():
    assert plan([rule()], caps=[{"per": "deed", "points": 10}]).growth == 200


amounts = st.decimals(min_value="0.00", max_value="9999.99", places=2)
parts = st.lists(st.tuples(amounts, st.integers(1, 5), st.sampled_from(["tea", "cup", ""])), min_size=1, max_size=6)
factors = st.decimals(min_value="0", max_value="5", places=2)


@MANY
@given(parts, factors, st.sampled_from(["add", "multiply", "largest"]), st.integers(1, 5000), st.data())
def test_lines_parts_and_returns_sum_to_the_order(parts, factor, stacking, cap, data):
    """Shares sum to the whole, parts of rules to their line, and what all returns take to what was earned."""
    rules = [
        rule("a", amount=str(factor), stacking=stacking, caps=[{"per": "deed", "points": cap}]),
        rule("b", when=[{"what": "category", "is": ["tea"]}], amount="1.3", priority=2),
    ]
    lines = [line(basis, str(place), n, category=kind) for place, (basis, n, kind) in enumerate(parts)]
    whole = plan(rules, *lines)
    assert sum(one.growth_whole for one in whole.lines) == whole.growth >= 0
    assert whole.points == plan([], *lines).points
    for one in whole.lines:
        assert not one.growth_parts or sum(points for _, points in one.growth_parts) == one.growth_whole
    back = [
        line(basis, str(place), n, data.draw(st.integers(0, n)), category=kind)
        for place, (basis, n, kind) in enumerate(parts)
    ]
    kept = plan(rules, *back)
    assert 0 <= sum(one.growth for one in kept.lines) <= whole.growth
    gone = plan(rules, *(line(basis, str(place), n, n, category=kind) for place, (basis, n, kind) in enumerate(parts)))
    assert all(one.growth == 0 for one in gone.lines) and not any(gone.kept_by_rule().values())


@MANY
@given(parts)
def test_the_starter_programme_stays_to_the_number(parts):
    """Growth of an order is floor(basis), shared by largest remainder, with rules of points or without."""
    lines = [line(basis, str(place), n) for place, (basis, n, _kind) in enumerate(parts)]
    plain = plan_order(POLICY, GOLD, lines, TUESDAY)
    asked = plan([rule("p", wallet="points")], *lines)
    assert plain.growth == asked.growth == int(sum(basis for basis, _n, _kind in parts))
    assert [one.growth for one in plain.lines] == [one.growth for one in asked.lines]


# ---- drafts and lint


def test_another_wallet_is_another_promise():
    before, after = policy(rules=[rule(wallet="points")]), policy(rules=[rule()])
    (changed,) = draft.differences(before, after, TUESDAY)
    assert changed.verdict is Verdict.WORSE
    (changed,) = draft.differences(policy(), after, TUESDAY)
    assert changed.verdict is Verdict.BETTER


def test_rules_of_two_wallets_have_nothing_to_say_to_each_other():
    twins = [rule("a", wallet="points"), rule("b")]
    assert lint.lint(policy(rules=twins), on=TUESDAY) == []
    assert {one.code for one in lint.lint(policy(rules=[rule("a"), rule("b")]), on=TUESDAY)} == {
        "doubled",
        "equal_priority",
    }
    capped = rule(caps=[{"per": "day", "points": 100}])
    assert lint.lint(policy(rules=[capped], caps=[{"per": "day", "points": 50}]), on=TUESDAY) == []


@pytest.mark.parametrize(
    ("terms", "is_wrong"),
    [
        ({"rules": [rule()]}, False),
        ({"rules": [rule()], "growth_per_unit": "0"}, True),
        ({"rules": [rule(effect="per_unit")], "growth_per_unit": "0"}, False),
        ({"rules": [rule(deed="review")]}, False),
        ({"rules": [rule(deed="survey")]}, True),
        ({"rules": [rule(deed="survey", effect="fixed")]}, False),
    ],
)
def test_multiplying_growth_that_is_not_there_is_an_error(terms, is_wrong):
    found = [one.code for one in lint.errors(lint.lint(policy(**terms), on=TUESDAY))]
    assert found == (["multiplies_nothing"] if is_wrong else [])
