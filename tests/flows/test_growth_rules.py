"""Growth rules over real deeds: booked and explained in the growth wallet, counted by caps, taken back by returns."""

import pytest

from membership_site.flows import policy_tried
from orders import queries as orders_queries
from points import queries as points_queries
from points.enums import EntryKind
from points.models import Earning, Entry, RuleBudget, RuleUse
from tests.flows.shop import DAY, do, give_back, place, tier, worth
from tests.flows.test_ruled_deeds import person, publish, rule
from tests.kit.threads import together
from tests.points.proof import balanced  # noqa: F401

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("balanced")]


def growth(code="grow", **terms):
    return rule(code, wallet="growth", **terms)


def entries(member_id):
    return list(Entry.objects.filter(member_id=member_id, wallet="growth").order_by("seq"))


def test_an_order_earns_growth_by_rules_and_gives_its_share_back(join, noon):
    ann = join("ann").id
    publish(noon, growth(), rule("later", when=[{"what": "order_number", "is": ["2"]}]))
    first = place("1", [("a", 2, "50"), ("b", 1, "33.50")], noon)
    assert (first.points, first.growth) == (133, 267)
    entry = entries(ann)[0]
    assert entry.policy_id == points_queries.policy_on(noon.date()).id
    assert [step["code"] for step in entry.explanation] == ["order_line_growth", "rule"]
    assert entry.explanation[0]["order_growth"] == 267 and entry.explanation[1]["rule"] == "grow"
    kept = Earning.objects.get(deed_key="order:web:1")
    assert [step["code"] for step in kept.grown] == ["whole_order_growth", "rule"]
    assert [step["code"] for step in kept.unfired] == ["whole_order", "rule_not_applied"]
    assert give_back("1", "R1", {"a": 1}, noon + DAY).growth == 100
    assert give_back("1", "R2", {"a": 1, "b": 1}, noon + DAY).growth == 167
    assert worth(ann, noon + DAY)["growth"] == 0
    assert {entry.kind for entry in entries(ann)} == {EntryKind.ACCRUAL, EntryKind.REVERSAL}
    assert sum(RuleUse.objects.filter(rule="grow").values_list("points", flat=True)) == 0


def test_caps_count_growth_by_member_and_have_room_again(join, noon):
    ann = join("ann").id
    publish(noon, growth(caps=[{"per": "month", "points": 150}]))
    assert [place(str(n), ["100"], noon + n * DAY).growth for n in range(3)] == [200, 150, 100]
    cut = entries(ann)[1].explanation[1]
    assert cut["cap"] == {"per": "month", "points": 150, "left": 50} and cut["wanted"] == 100
    assert give_back("0", "R", {"1": 1}, noon + 4 * DAY).growth == 200
    assert place("4", ["100"], noon + 5 * DAY).growth == 200
    tried = policy_tried.try_order(
        order=orders_queries.find_order("web", "1"), policy=points_queries.policy_on(noon.date()), at=noon
    )
    assert tried.growth == 150


def test_what_rules_give_counts_towards_the_tier(join, noon):
    ann = join("ann").id
    publish(noon, growth(amount="10"))
    assert place("1", ["99"], noon).points == 99 and tier(ann) == "member"
    assert place("2", ["2"], noon + DAY).tier.code == "silver", "990 and 20 growth value reach 1,000"
    give_back("1", "R", {"1": 1}, noon + 2 * DAY)
    assert worth(ann, noon + 2 * DAY)["growth"] == 20


def test_events_are_told_in_both_wallets(join, noon):
    ann = join("ann").id
    publish(noon, growth(deed="review", effect="fixed", amount="5", caps=[{"per": "day", "points": 8}]))
    answers = [do("review", noon, event_id=f"r{n}") for n in range(3)]
    assert [(one.points, one.growth) for one in answers] == [(20, 15), (20, 13), (20, 10)]
    assert [step["code"] for step in entries(ann)[1].explanation] == ["event", "rule"]
    assert entries(ann)[1].explanation[1]["cut"] == 2
    kept = Earning.objects.get(deed_key="event:app:r2")
    assert (kept.grown[0]["growth_awarded"], kept.grown[0]["growth_wanted"]) == (10, 15)
    assert do("review", noon, event_id="r2").growth == 10


def test_an_edit_and_a_cancellation_follow_the_first_answers(join, noon):
    ann = join("ann").id
    publish(noon, growth(when=[{"what": "order_number", "is": ["1"]}]))
    assert place("1", ["100"], noon).growth == 200
    assert place("2", ["40"], noon + DAY).growth == 40
    assert place("1", ["150"], noon, stated_at=noon + 2 * DAY).growth == 300
    place("1", ["150"], noon, status="cancelled", stated_at=noon + 3 * DAY)
    assert worth(ann, noon + 3 * DAY)["growth"] == 40


def test_a_budget_of_growth_holds_with_sixteen_at_once(join, noon):
    names = [f"guest{n}" for n in range(16)]
    for name in names:
        join(name)
    publish(noon, growth(caps=[{"per": "budget", "points": 50}]))
    answers = together([lambda name=name: place(name, ["9"], noon, who=person(name)) for name in names])
    assert sum(answer.growth for answer in answers) == 16 * 9 + 50
    assert sum(answer.points for answer in answers) == 16 * 9
    assert sum(RuleBudget.objects.values_list("used", flat=True)) == 50
