"""What people complain of in other systems about earning, by its number in the research: each must not happen here."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules import MemberReference
from membership_site.flows import order_paid, policy_tried
from membership_site.flows.starter import POINTS_TERMS
from orders import queries as orders_queries
from points import actions as points_actions
from points import queries as points_queries
from points import wording
from points.models import Earning, Entry, PolicyVersion, RuleBudget, RuleUse
from points.rules import draft, earning, lint
from points.rules.caps import Cap, Left
from points.rules.circumstances import Circumstances
from points.rules.conditions import DeedFacts
from points.rules.earning import EarnRate, EventFacts, LineFacts, OrderAmounts, plan_event, plan_order
from points.rules.policy import Policy, policy_from_terms
from tests.flows.shop import ANN, DAY, do, give_back, order, place, purse
from tests.flows.test_ruled_deeds import publish, rule
from tests.kit.examples import MANY
from tests.kit.threads import together
from tests.points.starter import policy

pytestmark = [pytest.mark.usefixtures("balanced")]

TUESDAY = dt.date(2026, 3, 3)
ONE = EarnRate(Decimal(1), "member")


# ---- 4: awarded when ordered, and again when paid


@pytest.mark.django_db
def test_complaint_4_an_order_is_awarded_once_however_often_its_state_is_told(join, noon):
    ann = join("ann").id
    publish(noon, rule(caps=[{"per": "month", "points": 150}]))
    assert place("1", ["100"], noon, status="placed").points == 0
    for told in range(4):
        answer = place("1", ["100"], noon, stated_at=noon + told * DAY)
        assert answer.points == 200
    assert purse(ann, noon) == (0, 200, 0)
    assert Entry.objects.filter(source_key__startswith="order:web:1:", kind="accrual", wallet="points").count() == 1
    assert sorted(RuleUse.objects.values_list("rule", "points")) == [("*", 200), ("x2", 100)]
    assert Earning.objects.count() == 1


# ---- 5: a retry awarded twice


@pytest.mark.django_db(transaction=True)
def test_complaint_5_a_retry_at_the_same_moment_is_awarded_and_counted_once(join, noon):
    ann = join("ann").id
    publish(noon, rule(caps=[{"per": "budget", "points": 1000}]), rule("r2", deed="review", amount="3"))
    orders = together([lambda: place("1", ["100"], noon) for _ in range(8)])
    assert {answer.points for answer in orders} == {200}
    reviews = together([lambda: do("review", noon, event_id="E") for _ in range(8)])
    assert {answer.points for answer in reviews} == {60}
    assert sum(RuleBudget.objects.values_list("used", flat=True)) == 100
    assert sorted(RuleUse.objects.values_list("rule", "points")) == [("*", 60), ("*", 200), ("r2", 40), ("x2", 100)]
    assert points_queries.get_balance(ann, noon).pending == 200


@pytest.mark.django_db
def test_complaint_5_an_event_booked_again_under_its_key_is_the_first_one(join, noon):
    ann = join("ann").id
    publish(noon, rule("r2", deed="review", amount="3"))
    terms = points_queries.policy_on(noon.date())
    facts = EventFacts("review", around=Circumstances(DeedFacts(TUESDAY), {}))

    def book(member_id):
        return points_actions.book_event(
            member_id=member_id, event_key="event:app:E", facts=facts, policy=terms, at=noon, actor="test"
        )

    assert [(booked.points, booked.growth) for booked in (book(ann), book(ann))] == [(60, 10), (60, 10)]
    assert purse(ann, noon) == (60, 0, 0)
    with pytest.raises(points_actions.NoWallet):
        book(ann + 999)


# ---- 6: is what was discounted, or paid with points, part of what earns?


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("basis", "earned", "words"),
    [
        ({}, 90, "prices after discounts"),
        ({"discount": "before"}, 100, "prices before discounts"),
        ({"points_paid": False}, 80, "prices after discounts"),
        ({"tax": True}, 96, "prices after discounts"),
        ({"shipping": True}, 102, "prices after discounts"),
        ({"discount": "before", "tax": True, "shipping": True, "points_paid": False}, 108, "prices before discounts"),
    ],
)
def test_complaint_6_the_basis_is_a_setting_that_is_kept_and_printed(join, noon, basis, earned, words):
    from membership_site import formats

    join("ann")
    publish(noon, basis=basis)
    stated = replace(order("1", ["100"], noon, discount="10"), shipping=Decimal(12), tax=Decimal(6), points_paid=1000)
    answer = order_paid.take_order(statement=stated, reference=ANN, at=noon, actor="test")
    assert answer.points == earned
    entry = Entry.objects.get(source_key="order:web:1:line:1", wallet="points")
    assert entry.explanation[0]["order_basis"] == str(earned)
    version = points_queries.policy_on(noon.date())
    assert wording.setting_words("basis_discount", version.basis.discount, formats) == words
    assert give_back("1", "R", {"1": 1}, noon + DAY).reversed == earned


# ---- 8: settings that are stored and do nothing


def order_points(terms: Policy, **facts) -> int:
    lines = [LineFacts("1", Decimal("99.90"), 1, gross=Decimal(120))]
    amounts = OrderAmounts(Decimal(10), Decimal(5), 1000)
    around = Circumstances(DeedFacts(TUESDAY, **facts), {})
    return plan_order(terms, ONE, lines, TUESDAY, amounts=amounts, around=around).points


def growth(terms: Policy) -> int:
    return plan_order(terms, ONE, [LineFacts("1", Decimal(10), 1)], TUESDAY).growth


def dates_of(terms: Policy) -> tuple[dt.date, dt.date]:
    plan = plan_order(terms, ONE, [LineFacts("1", Decimal(10), 1)], TUESDAY)
    return plan.active_on, plan.expires_on


SPENDING = POINTS_TERMS["redemption"]
PROBES = {
    "points_per_unit": ({"points_per_unit": "2"}, order_points),
    "growth_per_unit": ({"growth_per_unit": "2"}, growth),
    "basis_discount": ({"basis": {"discount": "before"}}, order_points),
    "basis_tax": ({"basis": {"tax": True}}, order_points),
    "basis_shipping": ({"basis": {"shipping": True}}, order_points),
    "basis_points_paid": ({"basis": {"points_paid": False}}, order_points),
    "return_window_days": ({"return_window_days": 40}, dates_of),
    "caps": ({"caps": [{"per": "deed", "points": 7}]}, order_points),
    "redemption_points_per_unit": (
        {"basis": {"points_paid": False}, "redemption": {**SPENDING, "points_per_unit": 50}},
        lambda terms: order_points(replace(terms, basis=replace(terms.basis, points_paid=False))),
    ),
    "expiry": ({"expiry": {"kind": "days", "count": 5}}, dates_of),
}
"""A setting, other terms for it, and what of the pure rules must come out otherwise."""

BOOKED = {"sign_up_points", "notice_days"}
"""Settings of which a test below, or in test_policies.py, shows what they do to the books or to a publication."""

ELSEWHERE = {
    *(
        "refund",
        "courtesy_days",
        "redemption_points_min",
        "redemption_share_max",
        "reservation_minutes",
        "reminder_days",
    ),
    *("gifts_is_on", "gifts_points_min", "gifts_day_max", "reinstatement_days"),
    *("adjustments_alone_max", "adjustments_day_max"),
}
"""Settings of returns, spending, gifts, expiry and adjustments, each shown by the tests of that deed."""


def test_complaint_8_no_setting_is_left_without_a_test_that_fails_when_it_is_ignored():
    settings = {setting.what for setting in draft.SETTINGS} | {"expiry"}
    assert settings == set(PROBES) | BOOKED | ELSEWHERE


@pytest.mark.parametrize("what", PROBES)
def test_complaint_8_a_setting_changes_what_comes_out(what):
    changed, probe = PROBES[what]
    assert probe(policy(**changed)) != probe(policy())


EVENT_PROBES = [
    ({"points": 9}, {}),
    ({"points": 5, "points_with_photo": 9}, {"with_photo": True}),
    ({"points": 5, "growth": 9}, {}),
    ({"points": 5, "day_max": 1}, {"same_day": 1}),
    ({"streak": [5, 9]}, {"streak_day": 2}),
    ({"points": 5, "once": True}, {"ever": 1}),
    ({"points": 5, "property": "kg"}, {"properties": {"kg": "9"}}),
    ({"points": 5, "property": "kg", "points_per_unit": "2"}, {"properties": {"kg": "2.5"}}),
]


@pytest.mark.parametrize(("terms", "facts"), EVENT_PROBES)
def test_complaint_8_every_part_of_an_event_changes_what_it_earns(terms, facts):
    def earned(event):
        plan = plan_event(policy(events={"x": event}), EventFacts("x", **facts))
        return plan.points, plan.growth

    last = list(terms)[-1]
    assert earned(terms) != earned({name: value for name, value in terms.items() if name != last})


RULE_PROBES = [
    {"amount": "3"},
    {"effect": "fixed", "amount": "7"},
    {"effect": "per_unit", "amount": "7"},
    {"wallet": "growth"},
    {"deed": "review"},
    {"starts_on": "2026-03-04"},
    {"ends_on": "2026-03-02"},
    {"caps": [{"per": "deed", "points": 5}]},
    {"is_on": False},
    {"when": [{"what": "channel", "is": ["app"]}]},
]


@pytest.mark.parametrize("terms", RULE_PROBES)
def test_complaint_8_every_part_of_a_rule_changes_what_it_gives(terms):
    assert order_points(policy(rules=[rule(**terms)])) != order_points(policy(rules=[rule()]))


@pytest.mark.parametrize("part", ["stacking", "priority"])
def test_complaint_8_stacking_and_priority_change_what_two_rules_give_together(part):
    first, second = rule("a", stacking="multiply", priority=2), rule("b", effect="fixed", amount="10", priority=1)
    other = {"stacking": {"stacking": "add"}, "priority": {"priority": 0}}[part]
    alike, changed = policy(rules=[first, second]), policy(rules=[first | other, second])
    assert order_points(alike) != order_points(changed)


@pytest.mark.parametrize("deed", ["sign_up", "referral"])
def test_complaint_8_a_rule_that_nobody_asks_cannot_be_published(deed):
    """What joining and an invited friend give stands in the settings; a rule for them would be kept and do nothing."""
    found = lint.errors(lint.lint(policy(rules=[rule(deed=deed, effect="fixed", amount="5")]), on=TUESDAY))
    assert [finding.code for finding in found] == ["deed_without_rules"]


@pytest.mark.django_db
def test_complaint_8_sign_up_points_reach_the_books(join, noon):
    join("old")
    publish(noon, sign_up_points=40)
    assert purse(join("ann", at=noon, reward=True).id, noon) == (40, 0, 0)


# ---- 10: the cart's clock and the payment's clock


@pytest.mark.django_db
@pytest.mark.parametrize(("utc", "holds"), [("15:59", False), ("16:00", True), ("23:00", True)])
def test_complaint_10_the_instant_is_the_orders_own_in_the_programmes_zone(join, noon, utc, holds):
    join("ann")
    publish(noon, rule(when=[{"what": "weekday", "is": ["3"]}], starts_on="2026-03-04", ends_on="2026-03-04"))
    placed = dt.datetime.combine(TUESDAY, dt.time.fromisoformat(utc), tzinfo=dt.UTC)
    points = 200 if holds else 100
    assert place("1", ["100"], placed, stated_at=placed + 9 * DAY).points == points
    assert Earning.objects.get().facts["on"] == ("2026-03-04" if holds else "2026-03-03")
    assert place("1", ["120"], placed, stated_at=placed + 20 * DAY).points == points * 120 // 100
    assert give_back("1", "R", {"1": 1}, placed + 30 * DAY).reversed == points * 120 // 100


# ---- 11: a point too many by floating point, and shown is not granted


@given(
    amounts=st.lists(st.decimals("0.01", "999.99", places=2), min_size=1, max_size=6),
    factor=st.decimals("0.01", "9.99", places=2),
    tier=st.sampled_from([1, 2, 3, 4]),
)
@MANY
def test_complaint_11_points_are_whole_exact_and_sum_to_the_order(amounts, factor, tier):
    terms = policy(rules=[rule(amount=str(factor))])
    lines = [LineFacts(str(place), amount, 1) for place, amount in enumerate(amounts)]
    rate = EarnRate(Decimal(tier), "x")
    plan = plan_order(terms, rate, lines, TUESDAY, around=Circumstances(DeedFacts(TUESDAY), {}))
    cents = sum(int(amount * 100) for amount in amounts)
    assert plan.points == cents * tier * int(factor * 100) // 10_000
    assert sum(line.points for line in plan.lines) == plan.points
    assert all(isinstance(line.points, int) and line.points >= 0 for line in plan.lines)


@pytest.mark.django_db
def test_complaint_11_what_is_tried_is_what_is_booked(join, noon):
    join("ann")
    for number in range(6):
        place(f"old{number}", ["0.29", ("b", 3, "33.33"), "0.10"], noon - (9 - number) * DAY)
    rules = [
        rule(
            caps=[{"per": "month", "points": 333}, {"per": "budget", "points": 400}],
            when=[{"what": "order_min", "is": ["50"]}],
        ),
        rule("nth", effect="fixed", amount="50", when=[{"what": "every_nth_order", "is": ["4"]}], priority=200),
        rule("often", amount="1.5", stacking="multiply", priority=300),
    ]
    publish(noon, *rules)
    now = points_queries.policy_on(noon.date())
    for number in range(8):
        booked = place(f"new{number}", ["0.29", ("b", 3, "33.33"), "0.10"], noon + number * DAY)
        stored = orders_queries.find_order("web", f"new{number}")
        tried = policy_tried.try_order(order=stored, policy=now, at=noon)
        assert tried.points == booked.points, number
        assert [line.points_whole for line in tried.lines] == [points for _line, points in booked.lines]
    assert Earning.objects.count() == 8


def test_complaint_11_a_cap_never_gives_a_part_of_a_point():
    left = {"x2": (Left(Cap("month", 100), 7),)}
    lines = [LineFacts(str(n), Decimal("33.33"), 1) for n in range(3)]
    plan = plan_order(policy(rules=[rule()]), ONE, lines, TUESDAY, around=Circumstances(DeedFacts(TUESDAY), left))
    assert (plan.points, plan.desired) == (106, 199)
    assert sum(dict(line.parts)["x2"] for line in plan.lines) == 7
    assert {earning.BASE, "x2"} == set(dict(plan.lines[0].parts))


# ---- 17: switching a state back and forth pays again, or never


@pytest.mark.django_db
def test_complaint_17_an_order_toggled_between_states_is_worth_its_last_state(join, noon):
    ann = join("ann").id
    publish(noon, rule(caps=[{"per": "budget", "points": 1000}, {"per": "day", "points": 150}]))
    base = purse(ann, noon)
    for turn in range(5):
        at = noon + (2 * turn + 1) * dt.timedelta(minutes=1)
        assert place("1", ["100"], noon, stated_at=at).points == 200
        assert sum(RuleBudget.objects.values_list("used", flat=True)) == 100
        place("1", ["100"], noon, status="cancelled", stated_at=at + dt.timedelta(minutes=1))
        assert purse(ann, noon + dt.timedelta(hours=1)) == base
        assert sum(RuleBudget.objects.values_list("used", flat=True)) == 0
        assert sum(RuleUse.objects.filter(rule="x2").values_list("points", flat=True)) == 0
    assert place("1", ["100"], noon, stated_at=noon + DAY).points == 200
    bob = MemberReference(external_id="c-bob")
    join("bob")
    assert place("2", ["100"], noon, who=bob).points == 200


@pytest.mark.django_db
def test_complaint_17_publishing_again_pays_nothing_for_what_was_booked(join, noon):
    ann = join("ann").id
    place("1", ["100"], noon)
    before = purse(ann, noon)
    drafted = points_actions.start_draft(at=noon, actor="staff:1")
    points_actions.save_rule(version_id=drafted.id, terms=rule(""), at=noon, actor="staff:1")
    points_actions.publish(version_id=drafted.id, effective_on=TUESDAY + DAY, note={}, at=noon, actor="staff:1")
    place("1", ["100"], noon, stated_at=noon + 3 * DAY)
    assert purse(ann, noon) == before
    assert policy_from_terms(0, PolicyVersion.objects.get(number=2).terms).rules
