"""Lint: each finding found where it should be, and not where it should not; each with words."""

import datetime as dt
from decimal import Decimal

import pytest

from membership_site import formats
from points import wording
from points.enums import ConditionKind, Severity
from points.rules.lint import NOTHING_KNOWN, Budget, Known, errors, lint
from tests.points.starter import policy

ON = dt.date(2026, 3, 4)
NAMES = {"en": "Tea week", "zh-hans": "茶周", "zh-hant": "茶週"}
KNOWN = Known(
    {
        ConditionKind.TIER: ("member", "silver", "gold", "diamond"),
        ConditionKind.SEGMENT: ("7@1800000000000000",),
        ConditionKind.CATEGORY: ("tea", "coffee"),
        ConditionKind.CHANNEL: ("web", "app"),
    }
)


def rule(code="a", *when, **terms):
    base = {
        "code": code,
        "names": NAMES,
        "deed": "order",
        "effect": "multiply",
        "amount": "2",
        "priority": ord(code[0]),
    }
    return {**base, "when": list(when), **terms}


def asks(what, *values, name=""):
    return {"what": what, "is": list(values), **({"name": name} if name else {})}


def found(*rules, known=KNOWN, budgets=None, **settings):
    """Will lint the starter with rules and settings; every finding must have words that name no placeholder."""
    terms = policy(rules=list(rules), **settings)
    findings = lint(terms, on=ON, known=known, budgets=budgets)
    for finding in findings:
        words = wording.finding_words(finding, terms, formats, {"gold": "Gold"})
        assert words.endswith((".", "?")) and "%(" not in words
    return [(f.severity.value, f.code, f.rule) for f in findings]


def test_the_starter_and_a_plain_rule_are_clean():
    assert found() == []
    assert found(rule("a", asks("tier_min", "gold"), asks("category", "tea"), ends_on="2026-12-31")) == []


ERRORS = [
    ("unknown_segment", rule("a", asks("segment", "9@1700000000000000"))),
    ("unknown_tier", rule("a", asks("tier_min", "platinum"))),
    ("unknown_tier", rule("a", asks("tier", "platinum", "titan"))),
    ("contradicts_itself", rule("a", asks("tier_min", "gold"), asks("tier", "silver", "member"))),
    ("contradicts_itself", rule("a", asks("category", "tea"), asks("category", "coffee"))),
    ("contradicts_itself", rule("a", asks("channel", "web"), asks("channel", "app"))),
    ("contradicts_itself", rule("a", asks("order_number", "1", "2"), asks("every_nth_order", "3"))),
    ("never_in_window", rule("a", asks("weekday", "7"), starts_on="2026-04-06", ends_on="2026-04-11")),
    ("never_in_window", rule("a", asks("day_of_month", "31"), asks("month", "2", "4"))),
    ("never_in_window", rule("a", asks("month", "12"), starts_on="2026-04-01", ends_on="2026-11-30")),
    ("asks_of_orders", rule("a", asks("order_number", "1"), deed="review", effect="fixed", amount="5")),
    ("asks_of_events", rule("a", asks("property", "yes", name="gift"))),
    ("deed_without_rules", rule("a", deed="sign_up", effect="fixed", amount="5")),
    ("deed_without_rules", rule("a", deed="referral")),
    ("multiplies_nothing", rule("a", deed="unboxing")),
    ("multiplies_nothing", rule("a", deed="unboxing", effect="per_unit")),
    ("cap_twice", rule("a", caps=[{"per": "day", "points": 5}, {"per": "day", "points": 6}])),
]


@pytest.mark.parametrize(("code", "wrong"), ERRORS)
def test_a_rule_that_can_never_do_what_it_says_is_an_error(code, wrong):
    assert ("error", code, "a") in found(wrong)
    assert found({**wrong, "is_on": False}) == []


WARNINGS = [
    ("over", rule("a", ends_on="2026-03-03")),
    ("no_more_in_window", rule("a", asks("month", "2"), starts_on="2026-02-01", ends_on="2026-06-30")),
    ("no_name", rule("a", names={"en": "Tea week"})),
    ("no_name", rule("a", names={**NAMES, "zh-hant": " "})),
    ("unknown_tier", rule("a", asks("tier", "gold", "platinum"))),
    ("unknown_value", rule("a", asks("category", "tee"))),
    ("segment_changed", rule("a", asks("segment", "7@1700000000000000"))),
    ("times_one", rule("a", amount="1")),
    ("takes_away", rule("a", amount="0.5")),
    ("gives_nothing", rule("a", effect="fixed", amount="0")),
    ("cap_hidden", rule("a", caps=[{"per": "day", "points": 2000}, {"per": "month", "points": 1500}])),
    ("cap_unreached", rule("a", effect="fixed", amount="50", caps=[{"per": "deed", "points": 50}])),
    ("cap_unreached", rule("a", deed="share", effect="fixed", amount="5", caps=[{"per": "day", "points": 15}])),
    ("cap_unreached", rule("a", deed="share", effect="fixed", amount="5", caps=[{"per": "month", "points": 465}])),
]


@pytest.mark.parametrize(("code", "odd"), WARNINGS)
def test_a_rule_that_is_odd_is_a_warning(code, odd):
    assert found(odd) == [("warning", code, "a")]


RIGHT = [
    rule("a", asks("segment", "7@1800000000000000")),
    rule("a", asks("weekday", "7"), starts_on="2026-04-06", ends_on="2026-04-12"),
    rule("a", asks("order_number", "3", "4"), asks("every_nth_order", "3")),
    rule("a", asks("tier_min", "silver"), asks("tier", "silver")),
    rule("a", asks("tag", "vip"), asks("tag", "new")),
    rule("a", asks("property", "x", name="p"), asks("property", "y", name="q"), deed="review"),
    rule("a", deed="review"),
    rule("a", deed="check_in"),
    rule("a", deed="unboxing", effect="fixed", amount="7"),
    rule("a", ends_on="2026-03-04"),
    rule("a", deed="share", effect="fixed", amount="5", caps=[{"per": "day", "points": 14}]),
    rule("a", caps=[{"per": "day", "points": 500}, {"per": "month", "points": 1500}]),
    rule("a", effect="fixed", amount="50", caps=[{"per": "day", "points": 50}]),
]


@pytest.mark.parametrize("right", RIGHT)
def test_what_is_right_is_left_alone(right):
    assert found(right) == []


def test_nothing_is_said_of_names_where_nothing_is_known():
    assert found(rule("a", asks("tier", "platinum"), asks("category", "tee")), known=NOTHING_KNOWN) == []


def test_a_budget_that_ends_before_its_rule_is_seen():
    limited = rule("a", caps=[{"per": "budget", "points": 1000}], ends_on="2026-12-31")
    for used, a_day, codes in [
        (0, "3.3", []),
        (0, "3.4", ["budget_outlived"]),
        (999, "0", []),
        (1000, "0", ["budget_spent"]),
        (1200, "5", ["budget_spent"]),
    ]:
        budgets = {"a": Budget(used, Decimal(a_day))}
        assert [code for _, code, _ in found(limited, budgets=budgets)] == codes
    endless = rule("a", caps=[{"per": "budget", "points": 1000}])
    assert found(endless, budgets={"a": Budget(0, Decimal(11))}) == []
    assert found(endless, budgets={"a": Budget(0, Decimal(12))}) == [("warning", "budget_outlived", "a")]


def test_two_rules_of_one_deed_are_compared():
    assert found(rule("a", priority=5), rule("b", asks("category", "tea"), priority=5)) == [
        ("warning", "equal_priority", "a")
    ]
    assert found(rule("a", priority=5), rule("b", priority=5, deed="review")) == []
    apart = rule("b", asks("category", "tea"), priority=5, starts_on="2026-05-01")
    assert found(rule("a", priority=5, ends_on="2026-04-30"), apart) == []
    assert found(rule("a"), rule("b", stacking="largest")) == [("warning", "doubled", "b")]


def test_a_rule_that_excludes_what_another_gives_for_contradicts_it():
    tea = asks("category", "tea")
    assert ("error", "excluded_by", "b") in found(rule("a", tea, amount="0"), rule("b", tea))
    assert ("warning", "excluded_by", "b") in found(rule("a", amount="0"), rule("b", tea))
    for_a_while = rule("a", tea, amount="0", ends_on="2026-04-01")
    assert ("warning", "excluded_by", "b") in found(for_a_while, rule("b", tea))
    narrow = found(rule("a", tea, asks("channel", "app"), amount="0"), rule("b", tea))
    assert narrow == [("warning", "takes_away", "a")]


SETTINGS = [
    ("error", "below_nothing", {"points_per_unit": "-1"}),
    ("error", "below_nothing", {"return_window_days": -1}),
    ("error", "share_not_a_share", {"redemption": {"points_per_unit": 100, "points_min": 100, "share_max": "1.1"}}),
    ("error", "share_not_a_share", {"redemption": {"points_per_unit": 100, "points_min": 100, "share_max": "0"}}),
    ("error", "rate_of_nothing", {"redemption": {"points_per_unit": 0, "points_min": 100, "share_max": "1"}}),
    ("error", "gift_min_above_day", {"gifts": {"points_min": 11, "day_max": 10}}),
    ("error", "budget_for_all", {"caps": [{"per": "budget", "points": 10}]}),
    ("error", "event_never", {"events": {"share": {"points": 5, "day_max": 0}}}),
    ("warning", "event_two_ways", {"events": {"share": {"streak": [5], "property": "kg"}}}),
    ("warning", "adjust_alone_above_day", {"adjustments": {"alone_max": 11, "day_max": 10}}),
    ("warning", "nothing_taken_back", {"refund": "pending_only", "return_window_days": 0}),
    ("warning", "orders_earn_nothing", {"points_per_unit": "0"}),
    ("warning", "expiry_within_return_window", {"expiry": {"kind": "days", "count": 7}, "reminder_days": []}),
    (
        "warning",
        "courtesy_longer_than_life",
        {"courtesy_days": 20, "expiry": {"kind": "days", "count": 19}, "reminder_days": [7]},
    ),
    ("warning", "reminder_before_earning", {"expiry": {"kind": "days", "count": 19}, "reminder_days": [19, 1]}),
]


@pytest.mark.parametrize(("severity", "code", "settings"), SETTINGS)
def test_settings_that_cannot_be_meant_are_seen(severity, code, settings):
    assert found(**settings) == [(severity, code, "")]


def test_settings_at_their_edges_are_left_alone():
    assert found(gifts={"points_min": 10, "day_max": 10}) == []
    assert found(gifts={"is_on": False, "points_min": 11, "day_max": 10}) == []
    assert found(expiry={"kind": "days", "count": 8}, reminder_days=[7, 1]) == []
    assert found(redemption={"points_per_unit": 1, "points_min": 0, "share_max": "1"}) == []
    assert found(points_per_unit="0", growth_per_unit="0", expiry={"kind": "never"}, events={}, sign_up_points=0) == [
        ("warning", "orders_earn_nothing", "")
    ]


def test_errors_come_first_and_are_picked_out():
    findings = lint(policy(rules=[rule("a", amount="1"), rule("b", deed="unboxing")]), on=ON, known=KNOWN)
    assert [f.severity for f in findings] == [Severity.ERROR, Severity.WARNING]
    assert errors(findings) == findings[:1]


def test_two_rules_of_one_code_are_an_error():
    assert ("error", "code_twice", "a") in found(rule("a"), rule("a", asks("category", "tea")))
