"""The story of a rule: drafted, tried, published for tomorrow; today's orders keep what they were promised."""

import datetime as dt

import pytest

from membership_site.flows import nightly, policy_tried
from membership_site.flows.starter import POINTS_TERMS
from orders import queries as orders_queries
from orders.models import ShopEvent
from points import actions as points_actions
from points import queries as points_queries
from points.models import Earning, Entry
from points.rules.policy import policy_from_terms
from tests.flows.shop import DAY, do, give_back, place, purse
from tests.flows.test_ruled_deeds import person, publish, rule
from tests.points.proof import balanced  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]
TODAY = dt.date(2026, 3, 3)
HOUR = dt.timedelta(hours=1)


def test_a_rule_is_drafted_tried_and_published_for_tomorrow(join, noon):
    ann = join("ann").id
    assert place("today", [("a", 2, "50")], noon).points == 100
    drafted = points_actions.start_draft(at=noon, actor="staff:1")
    terms = rule("", names={"en": "Double"}, caps=[{"per": "month", "points": 150}])
    code = points_actions.save_rule(version_id=drafted.id, terms=terms, at=noon, actor="staff:1")
    assert code == "double"

    draft = points_queries.find_draft()
    tried = policy_tried.try_order(order=orders_queries.find_order("web", "today"), policy=draft.policy, at=noon)
    assert (tried.points, tried.lines[0].points_whole) == (200, 200)
    assert purse(ann, noon)[1] == 100 and not Earning.objects.exists()
    assert place("meanwhile", ["10"], noon).points == 10

    points_actions.publish(
        version_id=drafted.id, effective_on=TODAY + DAY, note={"en": "Double."}, at=noon, actor="staff:1"
    )
    assert place("late today", ["100"], noon + dt.timedelta(hours=11, minutes=59)).points == 100
    assert place("tomorrow", [("a", 2, "50")], noon + DAY).points == 200
    assert place("today", [("a", 3, "50")], noon, stated_at=noon + 2 * DAY).points == 150
    assert give_back("today", "R1", {"a": 1}, noon + 2 * DAY).reversed == 50

    second = points_actions.start_draft(at=noon + DAY, actor="staff:2")
    points_actions.remove_rule(version_id=second.id, code=code, at=noon + DAY, actor="staff:2")
    with pytest.raises(points_actions.TooEarly):
        points_actions.publish(
            version_id=second.id, effective_on=TODAY + 20 * DAY, note={}, at=noon + DAY, actor="staff:2"
        )
    points_actions.publish(version_id=second.id, effective_on=TODAY + 31 * DAY, note={}, at=noon + DAY, actor="staff:2")
    join("bob", at=noon)
    assert place("under notice", ["100"], noon + 30 * DAY, who=person("bob")).points == 200
    assert place("after", ["100"], noon + 31 * DAY, who=person("bob")).points == 100
    assert give_back("tomorrow", "R2", {"a": 1}, noon + 40 * DAY).reversed == 100
    versions = Entry.objects.filter(source_key="order:web:tomorrow:refund:R2:line:a", wallet="points")
    assert {entry.policy_id for entry in versions} == {drafted.id}


def test_lots_already_earned_keep_their_date_when_expiry_gets_shorter(join, noon):
    ann = join("ann").id
    place("before", ["100"], noon)
    promised = {lot.date for lot in points_queries.get_balance(ann, noon + 9 * DAY).expiring}
    drafted = points_actions.start_draft(at=noon, actor="staff:1")
    points_actions.save_settings(
        version_id=drafted.id, terms={"expiry": {"kind": "days", "count": 30}}, at=noon, actor="staff:1"
    )
    points_actions.publish(version_id=drafted.id, effective_on=TODAY + 30 * DAY, note={}, at=noon, actor="staff:1")
    later = noon + 45 * DAY
    place("after", ["50"], noon + 31 * DAY)
    dates = {lot.date for lot in points_queries.get_balance(ann, later).expiring}
    assert promised < dates and dates - promised == {TODAY + (31 + 7 + 30) * DAY}


def test_trying_counts_what_caps_had_left_without_the_order_itself(join, noon):
    join("ann")
    publish(noon, rule(caps=[{"per": "month", "points": 150}, {"per": "budget", "points": 180}]))
    assert [place(str(n), ["100"], noon + n * DAY).points for n in range(2)] == [200, 150]
    now = points_queries.policy_on(TODAY)
    orders = [orders_queries.find_order("web", str(n)) for n in range(2)]
    assert [policy_tried.try_order(order=order, policy=now, at=noon).points for order in orders] == [200, 150]
    bigger = policy_from_terms(0, {**points_queries.list_versions()[0].terms, "caps": [{"per": "deed", "points": 120}]})
    capped = policy_tried.try_order(order=orders[0], policy=bigger, at=noon)
    assert (capped.points, capped.desired, capped.capped_by.points) == (120, 200, 120)
    do("review", noon)
    nobody = place("parked", ["10"], noon, who=person("stranger"))
    assert nobody.outcome == "parked" or nobody.points == 0
    parked = orders_queries.find_order("web", "parked")
    with pytest.raises(ValueError, match="parked"):
        policy_tried.try_order(order=parked, policy=now, at=noon)


def test_orders_to_try_on_are_found_by_number_or_among_the_latest(join, noon):
    join("ann")
    for number in range(3):
        place(f"A{number}", ["10"], noon + number * DAY)
    place("waits", ["10"], noon, who=person("stranger"))
    assert [order.order_id for order in orders_queries.list_latest_orders(2)] == ["A2", "A1"]
    (found,) = orders_queries.find_orders_by_number("A1", 5)
    assert orders_queries.find_order_of_member(found.id) == found
    assert orders_queries.find_orders_by_number("waits", 5) == []
    goods = orders_queries.goods_of_latest(100)
    assert (goods.categories, goods.brands, goods.sources) == ((), (), ("web",))


def test_a_budget_changes_on_the_night_its_version_begins_and_not_before(join, noon):
    join("ann")
    publish(noon, rule(caps=[{"per": "budget", "points": 100}]))
    assert place("1", ["60"], noon).points == 120

    def limits() -> tuple[int, int]:
        budget = points_queries.budgets_by_rule()["x2"]
        return budget.limit, budget.used

    drafted = points_actions.start_draft(at=noon, actor="staff:1")
    more = rule("x2", names={"en": "x2"}, caps=[{"per": "budget", "points": 300}])
    points_actions.save_rule(version_id=drafted.id, terms=more, at=noon, actor="staff:1")
    points_actions.publish(version_id=drafted.id, effective_on=TODAY + 2 * DAY, note={}, at=noon, actor="staff:1")
    assert limits() == (100, 60)
    nightly.run(as_of=TODAY)
    assert limits() == (100, 60)
    assert place("2", ["60"], noon + DAY).points == 100
    for _ in range(2):
        nightly.run(as_of=TODAY + DAY)
        assert limits() == (300, 100)
    assert place("3", ["60"], noon + 2 * DAY).points == 120

    lower = points_actions.start_draft(at=noon + 2 * DAY, actor="staff:1")
    less = {**more, "caps": [{"per": "budget", "points": 120}]}
    points_actions.save_rule(version_id=lower.id, terms=less, at=noon + 2 * DAY, actor="staff:1")
    points_actions.publish(
        version_id=lower.id, effective_on=TODAY + 32 * DAY, note={}, at=noon + 2 * DAY, actor="staff:1"
    )
    assert limits() == (300, 160)
    nightly.run(as_of=TODAY + 31 * DAY)
    assert limits() == (160, 160)


def test_the_first_policy_sets_up_its_budgets(db, noon):
    terms = {**POINTS_TERMS, "rules": [rule(caps=[{"per": "budget", "points": 9}])]}
    assert points_actions.publish_first_policy(terms=terms, effective_on=TODAY, at=noon, actor="test")
    assert points_queries.budgets_by_rule()["x2"].limit == 9


def event_of(event_id):
    return ShopEvent.objects.get(event_id=event_id)


def test_a_real_event_is_tried_as_it_was_booked_then(join, noon):
    """Streak, day's limit and once-only are those before it, whatever came since; nothing is booked."""
    ann = join("ann").id
    booked = [do("check_in", noon + n * DAY, event_id=f"c{n}") for n in range(3)]
    shares = [do("share", noon + n * HOUR, event_id=f"s{n}") for n in range(4)]
    done = [do("profile_completed", noon + n * HOUR, event_id=f"p{n}") for n in range(2)]
    policy, before = points_queries.policy_on(TODAY), purse(ann, noon + 9 * DAY)
    for answers, letter in ((booked, "c"), (shares, "s"), (done, "p")):
        plans = [
            policy_tried.try_event(event=event_of(f"{letter}{n}"), policy=policy, at=noon) for n in range(len(answers))
        ]
        assert [(plan.points, plan.growth) for plan in plans] == [(one.points, one.growth) for one in answers]
    assert [one.points for one in booked] == [5, 5, 10] and [one.points for one in shares] == [5, 5, 5, 0]
    assert purse(ann, noon + 9 * DAY) == before and ShopEvent.objects.count() == 9


def test_a_draft_is_tried_on_an_event_with_its_caps_and_the_rules_that_do_not_apply(join, noon):
    ann = join("ann").id
    double = rule("double", deed="review", caps=[{"per": "month", "points": 50}])
    gold = rule("gold", deed="review", when=[{"what": "tier_min", "is": ["gold"]}])
    publish(noon, double, gold)
    first, second = (do("review", noon + n * DAY, event_id=f"r{n}", photo=True) for n in range(2))
    assert (first.points, second.points) == (100, 50)
    now = points_queries.policy_on(TODAY)
    plan = policy_tried.try_event(event=event_of("r0"), policy=now, at=noon)
    assert (plan.points, plan.desired) == (100, 100)
    plan = policy_tried.try_event(event=event_of("r1"), policy=now, at=noon)
    assert (plan.points, plan.desired) == (50, 100)
    assert [step["code"] for step in plan.explanation] == ["event", "rule", "rule_not_applied"]
    assert plan.explanation[1]["cap"]["left"] == 0 and plan.explanation[2]["is"] == "member"
    made = policy_tried.made_event(member_id=ann, kind="review", properties={"photo": True}, at=noon + 40 * DAY)
    assert policy_tried.try_event(event=made, policy=now, at=noon).points == 100
    assert policy_tried.try_event(event=replace_type(made, "referral"), policy=now, at=noon).points == 200
    assert policy_tried.try_event(event=replace_type(made, "nothing"), policy=now, at=noon).points == 0
    parked = ShopEvent(type="review", source="app", event_id="x", occurred_at=noon, business_date=TODAY)
    with pytest.raises(ValueError, match="parked"):
        policy_tried.try_event(event=parked, policy=now, at=noon)
    assert ShopEvent.objects.count() == 2


def replace_type(event, kind):
    return policy_tried.made_event(
        member_id=event.member_id, kind=kind, properties=event.properties, at=event.occurred_at
    )
