"""The engine of earning rules: every condition both ways, stacking, caps that truncate, parts that sum."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.enums import CapPer
from points.rules import conditions, earning
from points.rules.caps import ALL, Cap, Left
from points.rules.circumstances import Circumstances, frozen, thawed
from points.rules.conditions import DeedFacts, LineTraits
from points.rules.earning import EarnRate, LineFacts, OrderAmounts, plan_order
from points.rules.earning_rules import rule_from_terms
from points.rules.policy import BadTerms
from tests.kit.examples import MANY
from tests.points.starter import policy

TUESDAY = dt.date(2026, 3, 3)
FACTS = DeedFacts(
    on=TUESDAY,
    time=dt.time(18, 30),
    channel="app",
    tier="gold",
    tiers=("member", "silver", "gold"),
    tags=("vip",),
    birthday=dt.date(1992, 2, 29),
    number=5,
    amount=Decimal("120.00"),
    properties={"photo": True, "amount": "12.50", "stars": 5},
)
ONE = EarnRate(Decimal(1), "gold")


def rule(code="x2", **terms):
    return {"code": code, "names": {"en": code}, "deed": "order", "effect": "multiply", "amount": "2", **terms}


def asks(what, *values, name=""):
    return {"what": what, "is": list(values), **({"name": name} if name else {})}


def line(basis, line_id="1", quantity=1, refunded=0, **traits):
    return LineFacts(line_id, Decimal(basis), quantity, refunded, traits=LineTraits(**traits))


def plan(rules, *lines, facts=FACTS, allowances=None, caps=(), rate=ONE, **options):
    terms = policy(rules=rules, caps=list(caps))
    around = Circumstances(facts, allowances or {})
    return plan_order(terms, rate, lines or [line("100")], TUESDAY, around=around, **options)


@pytest.mark.parametrize(
    ("condition", "fails_with"),
    [
        (asks("tier_min", "silver"), asks("tier_min", "diamond")),
        (asks("tier", "gold", "diamond"), asks("tier", "silver")),
        (asks("tag", "new", "vip"), asks("tag", "new")),
        (asks("channel", "app"), asks("channel", "web", "till")),
        (asks("weekday", "2"), asks("weekday", "1", "7")),
        (asks("day_of_month", "3"), asks("day_of_month", "8", "18", "28")),
        (asks("month", "3"), asks("month", "11")),
        (asks("time", "18:00", "22:00"), asks("time", "08:00", "18:30")),
        (asks("time", "18:30", "02:00"), asks("time", "22:00", "18:30")),
        (asks("order_number", "5"), asks("order_number", "1")),
        (asks("every_nth_order", "5"), asks("every_nth_order", "2")),
        (asks("order_min", "120"), asks("order_min", "120.01")),
        (asks("property", "true", name="photo"), asks("property", "true", name="video")),
        (asks("birthday", "week"), asks("birthday", "day")),
        (asks("birthday", "week"), asks("birthday", "month")),
    ],
    ids=lambda one: f"{one['what']}-{'-'.join(one['is'])}",
)
def test_every_condition_holds_and_fails_with_what_was_there(condition, fails_with):
    assert plan([rule(when=[condition])]).points == 200
    refused = plan([rule(when=[fails_with])])
    assert refused.points == 100
    ((unfired, reason),) = refused.evaluation.unfired
    assert (unfired.code, reason["what"], reason["wanted"]) == ("x2", fails_with["what"], fails_with["is"])
    (step,) = earning.unfired_steps(refused.evaluation)
    assert (step["code"], step["rule"], step["what"]) == ("rule_not_applied", "x2", fails_with["what"])


@pytest.mark.parametrize(
    ("birthday", "on", "fits"),
    [
        ("1992-02-29", "2027-02-28", {"day", "week", "month"}),
        ("1992-02-29", "2027-03-01", {"week"}),
        ("1992-02-29", "2028-02-28", {"week", "month"}),
        ("1992-02-29", "2028-02-29", {"day", "week", "month"}),
        ("1990-01-01", "2026-12-30", {"week"}),
        ("1990-12-31", "2027-01-03", {"week"}),
        ("1990-12-31", "2027-01-04", set()),
    ],
)
def test_a_birthday_is_kept_over_leap_years_and_new_year(birthday, on, fits):
    facts = DeedFacts(dt.date.fromisoformat(on), birthday=dt.date.fromisoformat(birthday))
    for value in ("day", "week", "month"):
        condition = conditions.condition_from_terms(asks("birthday", value))
        assert (conditions.failed(condition, facts) is None) == (value in fits), value
    nobody = conditions.failed(conditions.condition_from_terms(asks("birthday", "day")), DeedFacts(facts.on))
    assert nobody and nobody["is"] is None


def test_conditions_on_lines_choose_lines_and_all_others_earn_the_base():
    lines = [line("60", "a", category="skin"), line("40", "b", category="skin", brand="B"), line("50", "c")]
    skin = plan([rule(when=[asks("category", "skin")])], *lines)
    assert [entry.points for entry in skin.lines] == [120, 80, 50]
    assert [dict(entry.parts) for entry in skin.lines] == [{"": 60, "x2": 60}, {"": 40, "x2": 40}, {"": 50, "x2": 0}]
    both = plan([rule(when=[asks("category", "skin"), asks("brand", "B")])], *lines)
    assert [entry.points for entry in both.lines] == [60, 80, 50]
    none = plan([rule(when=[asks("sku", "S1")])], *lines)
    assert none.points == 150 and none.evaluation.unfired[0][1]["is"] == []


def test_rules_add_multiply_and_only_the_largest_of_rivals_applies():
    add = [rule("a", amount="2"), rule("b", amount="3", priority=200)]
    assert plan(add).points == 400
    assert plan([rule("a"), rule("b", amount="3", stacking="multiply", priority=200)]).points == 600
    assert plan([rule("a", priority=200), rule("b", amount="3", stacking="multiply")]).points == 400
    rivals = [rule("a", stacking="largest"), rule("b", amount="3", stacking="largest", priority=200)]
    largest = plan(rivals)
    assert largest.points == 300 and [given.rule.code for given in largest.evaluation.given] == ["b"]
    assert largest.evaluation.unfired[0][1]["what"] == "larger"
    tie = plan([rule("a", stacking="largest"), rule("b", stacking="largest", priority=200)])
    assert [given.rule.code for given in tie.evaluation.given] == ["a"]


def test_effects_by_unit_fixed_and_taking_away():
    lines = [line("75", "a"), line("25", "b", category="gift card")]
    assert [entry.points for entry in plan([rule(effect="per_unit", amount="0.5")], *lines).lines] == [113, 37]
    assert [entry.points for entry in plan([rule(effect="fixed", amount="10")], *lines).lines] == [83, 27]
    none = plan([rule(amount="0", when=[asks("category", "gift card")])], *lines)
    assert [entry.points for entry in none.lines] == [75, 0] and none.points == none.desired == 75
    assert plan([rule(effect="fixed", amount="10")], line("0")).lines[0].points == 10


@pytest.mark.parametrize(("starts", "ends", "points"), [
    ("2026-03-03", "2026-03-03", 200), ("2026-03-04", None, 100), (None, "2026-03-02", 100), (None, None, 200),
])  # fmt: skip
def test_a_rule_applies_from_its_first_through_its_last_date(starts, ends, points):
    assert plan([rule(starts_on=starts, ends_on=ends)]).points == points
    assert plan([rule(is_on=False)]).evaluation.unfired == ()


def test_caps_truncate_and_keep_what_was_wanted():
    capped = plan([rule(caps=[{"per": "deed", "points": 30}])], line("60", "a"), line("40", "b"))
    assert (capped.points, capped.desired) == (130, 200)
    assert [dict(entry.parts)["x2"] for entry in capped.lines] == [18, 12]
    steps = earning.accrual_steps(earning.order_words(capped), capped.lines[0], capped)
    assert steps[1]["cap"] == {"per": "deed", "points": 30, "left": 30} and steps[1]["wanted"] == 100
    day = {"x2": (Left(Cap(CapPer.DAY, 50), 0),)}
    nothing = plan([rule(caps=[{"per": "day", "points": 50}])], allowances=day)
    assert (nothing.points, nothing.desired, dict(nothing.lines[0].parts)) == (100, 200, {"": 100, "x2": 0})
    whole = plan(
        [rule()], caps=[{"per": "month", "points": 150}], allowances={ALL: (Left(Cap(CapPer.MONTH, 150), 120),)}
    )
    assert (whole.points, whole.desired, whole.capped_by.points) == (120, 200, 120)
    overdrawn = plan([], caps=[{"per": "day", "points": 5}], allowances={ALL: (Left(Cap(CapPer.DAY, 5), -3),)})
    assert (overdrawn.points, overdrawn.desired) == (0, 100)


money = st.decimals(min_value=0, max_value=100_000, places=2)


@st.composite
def some_rules(draw):
    made = []
    for number in range(draw(st.integers(0, 5))):
        effect = draw(st.sampled_from(["multiply", "per_unit", "fixed"]))
        amount = draw(st.integers(0, 50)) if effect == "fixed" else draw(st.decimals(0, 4, places=2))
        caps = draw(st.sampled_from([[], [{"per": "deed", "points": draw(st.integers(1, 500))}]]))
        when = draw(st.sampled_from([[], [asks("category", "a")], [asks("category", "a", "b")], [asks("tag", "no")]]))
        stacking = draw(st.sampled_from(["add", "multiply", "largest"]))
        made.append(rule(f"r{number}", effect=effect, amount=str(amount), caps=caps, when=when, stacking=stacking))
    return made


@MANY
@given(
    rules=some_rules(),
    bases=st.lists(st.tuples(money, st.sampled_from("abc"), st.integers(1, 5)), min_size=1, max_size=6),
    cap=st.sampled_from([None, 1, 77, 10_000]),
    data=st.data(),
)
def test_lines_sum_to_the_order_parts_to_their_lines_and_returns_give_everything_back(rules, bases, cap, data):
    caps = [{"per": "deed", "points": cap}] if cap else []
    lines = [line(basis, str(n), quantity, category=trait) for n, (basis, trait, quantity) in enumerate(bases)]
    made = plan(rules, *lines, caps=caps)
    assert sum(one.points_whole for one in made.lines) == made.points <= made.desired
    assert made.points <= (cap or made.points)
    for one in made.lines:
        assert not one.parts or sum(points for _, points in one.parts) == one.points_whole
        assert all(points >= 0 for _, points in one.parts)
    for given_ in made.evaluation.given:
        limits = [c.points for c in given_.rule.caps]
        assert not limits or given_.total <= limits[0]
    back = [
        line(basis, str(n), quantity, data.draw(st.integers(0, quantity)), category=trait)
        for n, (basis, trait, quantity) in enumerate(bases)
    ]
    kept, whole = plan(rules, *back, caps=caps), made.kept_by_rule()
    for code, points in kept.kept_by_rule().items():
        assert 0 <= points <= whole[code]
    gone = plan(rules, *back, caps=caps, counts=False)
    assert set(gone.kept_by_rule().values()) <= {0} and gone.points == made.points


def test_a_basis_says_what_counts():
    lines = [
        LineFacts("a", Decimal(80), 1, gross=Decimal(100)),
        LineFacts("b", Decimal(20), 1, gross=Decimal(20)),
    ]
    amounts = OrderAmounts(tax=Decimal(10), shipping=Decimal(5), points_paid=3000)

    def points(**basis):
        return plan_order(policy(basis=basis), ONE, lines, TUESDAY, amounts=amounts)

    assert [one.points for one in points().lines] == [80, 20]
    assert points(discount="before").points == 120
    assert points(tax=True).points == 110 and points(tax=True, shipping=True).points == 115
    assert points(points_paid=False).points == 70
    assert points(points_paid=False).growth == 100
    poor = OrderAmounts(points_paid=100_000)
    assert plan_order(policy(basis={"points_paid": False}), ONE, lines, TUESDAY, amounts=poor).points == 0


def test_circumstances_come_back_from_their_text():
    left = {"x2": (Left(Cap(CapPer.DAY, 50), 12),), ALL: (Left(Cap(CapPer.EVER, 9), 9), Left(Cap(CapPer.MONTH, 5), 1))}
    back = thawed(frozen(Circumstances(FACTS, left)))
    assert back.allowances == left
    assert back.facts == DeedFacts(**{name: getattr(FACTS, name) for name in FACTS.__slots__ if name != "properties"})


@pytest.mark.parametrize(
    "terms",
    [
        rule(amount="-1"),
        rule(effect="fixed", amount="1.5"),
        rule(effect="property", amount="1"),
        rule(starts_on="2026-03-02", ends_on="2026-03-01"),
        rule(when=[asks("weekday", "8")]),
        rule(when=[asks("time", "18:00")]),
        rule(when=[asks("tier")]),
        rule(when=[asks("birthday", "year")]),
        rule(when=[asks("property", "x")]),
        rule(when=[asks("colour", "red")]),
        rule(caps=[{"per": "day", "points": 0}]),
        rule(stacking="sideways"),
    ],
)
def test_terms_that_cannot_be_are_refused(terms):
    with pytest.raises(BadTerms, match="Nothing was published"):
        policy(rules=[terms])


def test_rules_come_by_priority_and_off_ones_are_left_out():
    made = policy(rules=[rule("b", priority=5), rule("a", priority=5), rule("c", priority=1), rule("d", is_on=False)])
    assert [one.code for one in made.rules_of("order")] == ["c", "a", "b"]
    assert made.looks_at("order") and not made.looks_at("review") and made.rules_of("review") == ()
    assert not policy(rules=[rule(is_on=False)]).looks_at("order") and policy(
        caps=[{"per": "day", "points": 1}]
    ).looks_at("x")
    assert rule_from_terms(rule()).names == {"en": "x2"}
