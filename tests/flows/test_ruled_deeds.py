"""Earning rules over real deeds: asked once and remembered, caps given back by returns, budgets that hold in a race."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction

from members.rules import MemberReference
from membership_site.flows.starter import POINTS_TERMS
from points.actions import budgets
from points.models import Earning, Entry, PolicyVersion, RuleBudget, RuleUse
from points.rules.policy import policy_from_terms
from tests.flows.shop import DAY, do, give_back, place, purse
from tests.kit.threads import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("balanced")]


def rule(code: str = "x2", **terms: Any) -> dict[str, Any]:
    return {"code": code, "names": {"en": code}, "deed": "order", "effect": "multiply", "amount": "2", **terms}


def person(name: str) -> MemberReference:
    return MemberReference(external_id=f"c-{name}")


def publish(noon: dt.datetime, *rules: dict[str, Any], **terms: Any) -> None:
    """Will put rules into force from the day before on."""
    version = PolicyVersion.objects.create(
        number=2,
        effective_on=noon.date() - DAY,
        terms={**POINTS_TERMS, "rules": list(rules), **terms},
        published_at=noon,
    )
    with transaction.atomic():
        budgets.set_up_budgets(policy_from_terms(version.id, version.terms))


def test_a_rule_is_asked_once_and_its_answer_kept_for_returns_and_edits(join, noon):
    ann = join("ann").id
    publish(noon, rule("first", when=[{"what": "order_number", "is": ["1"]}]))
    first, second = place("1", [("a", 2, "50"), ("b", 1, "33")], noon), place("2", ["40"], noon + DAY)
    assert (first.points, second.points) == (266, 40)
    assert place("1", [("a", 2, "50"), ("b", 1, "43")], noon, stated_at=noon + DAY).points == 286
    back = give_back("1", "R1", {"a": 1}, noon + 2 * DAY)
    assert back.reversed == 100
    assert {use.rule: use.points for use in RuleUse.objects.filter(source_key__endswith="R1")} == {
        "first": -50,
        "*": -100,
    }
    kept = Earning.objects.get(deed_key="order:web:2")
    unfired = [step for step in kept.unfired if step["code"] == "rule_not_applied"]
    assert [(step["rule"], step["what"], step["is"]) for step in unfired] == [("first", "order_number", "2")]
    (step,) = [s for s in Entry.objects.filter(wallet="points").first().explanation if s["code"] == "rule"]
    assert (step["rule"], step["points"]) == ("first", 100)
    place("1", [("a", 2, "50"), ("b", 1, "43")], noon, status="cancelled", stated_at=noon + 3 * DAY)
    assert purse(ann, noon + 3 * DAY) == (0, 40, 0)
    assert sum(RuleUse.objects.filter(rule="first").values_list("points", flat=True)) == 0


def test_caps_truncate_count_by_member_and_have_room_again_after_a_return(join, noon):
    join("ann")
    publish(noon, rule(caps=[{"per": "month", "points": 150}]))
    assert [place(str(n), ["100"], noon + n * DAY).points for n in range(3)] == [200, 150, 100]
    kept = Earning.objects.get(deed_key="order:web:1")
    assert (kept.desired, kept.awarded) == (200, 150)
    assert give_back("0", "R", {"1": 1}, noon + 4 * DAY).reversed == 200
    assert place("4", ["100"], noon + 5 * DAY).points == 200
    assert place("5", ["100"], noon + 40 * DAY).points == 200


def test_a_programmes_cap_holds_over_orders_and_events_alike(join, noon):
    join("ann")
    publish(noon, caps=[{"per": "day", "points": 120}])
    assert place("1", ["100"], noon).points == 100
    review = do("review", noon)
    assert (review.points, review.growth) == (20, 10)
    assert do("survey", noon).points == 0
    why = do("survey", noon).unearned
    cap = {"per": "day", "points": 120, "left": 0}
    assert why[-1] == {"code": "cap", "cap": cap, "wanted": 30, "given": 0, "cut": 30}
    assert do("survey", noon + DAY).points == 30


def test_an_event_of_the_shops_own_is_counted_by_its_property_and_multiplied_by_rules(join, noon):
    join("ann")
    events = {**POINTS_TERMS["events"], "recycled": {"property": "kg", "points_per_unit": "10"}}
    double = rule("gold week", deed="recycled", when=[{"what": "property", "is": ["glass"], "name": "stuff"}])
    publish(noon, double, rule("unboxed", deed="unboxing", effect="fixed", amount="7"), events=events)
    assert do("recycled", noon, kg=2.59).points == 25
    assert do("recycled", noon + DAY, kg="2", stuff="glass").points == 40
    odd = do("recycled", noon + 2 * DAY, kg="a lot")
    assert (odd.points, odd.unearned[0]["code"]) == (0, "event")
    assert do("unboxing", noon).points == 7


def test_a_budget_of_a_hundred_gives_a_hundred_to_thirty_two_at_once(join, noon):
    names = [f"guest{n}" for n in range(32)]
    for name in names:
        join(name)
    publish(noon, rule(caps=[{"per": "budget", "points": 100}]))
    answers = together([lambda name=name: place(name, ["9"], noon, who=person(name)) for name in names])
    assert sum(answer.points for answer in answers) == 32 * 9 + 100
    assert sum(RuleBudget.objects.values_list("used", flat=True)) == 100
    winner = next(name for name, answer in zip(names, answers, strict=True) if answer.points == 18)
    give_back(winner, "R", {"1": 1}, noon + DAY)
    assert sum(RuleBudget.objects.values_list("used", flat=True)) == 91
    assert place("late", ["50"], noon + DAY, who=person("guest1")).points == 59


def test_a_budget_that_is_changed_keeps_what_was_used(join, noon):
    join("ann")
    publish(noon, rule(caps=[{"per": "budget", "points": 60}]))
    place("1", ["50"], noon)
    for number, (points, earned) in enumerate([(55, 55), (10, 50)]):
        terms = {**POINTS_TERMS, "rules": [rule(caps=[{"per": "budget", "points": points}])]}
        with transaction.atomic():
            budgets.set_up_budgets(policy_from_terms(9, terms))
        assert place(f"then{number}", ["50"], noon + DAY).points == earned
    assert place("3", ["50"], noon + DAY).points == 50
    assert sum(RuleBudget.objects.values_list("used", flat=True)) == 55


def test_sixteen_orders_at_once_never_pass_a_members_cap(join, noon):
    join("ann")
    publish(noon, rule(caps=[{"per": "day", "points": 100}]))
    answers = together([lambda n=n: place(str(n), ["30"], noon) for n in range(16)])
    assert sum(answer.points for answer in answers) == 16 * 30 + 100
