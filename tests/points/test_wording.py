"""The ledger's entries in words: every code has a sentence, and the rows of a sum add up to what was booked."""

import ast
import datetime as dt
import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from membership_site import formats
from membership_site.flows import event_received, order_paid, order_refunded
from orders.enums import OrderStatus
from orders.rules import EventStatement, LineStatement, OrderStatement, RefundStatement
from points import queries as points_queries
from points.wording import entries as wording
from tests.flows.test_story import ANN
from tests.portal.ruled import publish

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Line:
    """An entry as wording needs it."""

    points: int
    source_key: str
    explanation: list[dict[str, Any]] = field(default_factory=list)
    kind: str = "accrual"
    wallet: str = "points"


ORDER_LINE = {
    "code": "order_line", "line": "1", "basis": "600.5", "order_basis": "1100.2", "multiplier": "2", "tier": "silver",
    "order_points": 2200, "line_points": 1201,
}  # fmt: skip
GROWTH_LINE = {
    "code": "order_line_growth", "line": "1", "basis": "600.5", "order_basis": "1100.2", "order_growth": 1100,
    "line_growth": 600,
}  # fmt: skip
RETURNED = {"code": "units_returned", "line": "1", "quantity": 3, "returned": 2, "whole": 600, "kept": 200}

OF_THE_ORDER = (
    "The order's CN¥1,100.20 with the multiplier 2 of Silver, rounded down, is 2,200 points. "
    "This line's CN¥600.50 is 1,201 of them."
)

SAID: list[tuple[Line, str, str, list[tuple[str, int]], list[str]]] = [
    (
        Line(1201, "order:web:10%3A45:line:1", [ORDER_LINE]),
        "Order 10:45", "CN¥1,100.20 × 2", [("CN¥600.50 × 2, rounded with the order", 1201)],
        [OF_THE_ORDER],
    ),
    (
        Line(200, "order:web:1:edit:2:line:1", [ORDER_LINE, {"code": "debt_repaid", "points": 50}]),
        "Order 1 changed", "CN¥1,100.20 × 2",
        [("CN¥600.50 × 2, rounded with the order", 1201), ("Booked for this line before", -1001)],
        [OF_THE_ORDER, "50 points of it went to what was owed after a return."],
    ),
    (
        Line(600, "order:web:1:line:1", [GROWTH_LINE | {"order_basis": "600.50"}], wallet="growth"),
        "Order 1", "CN¥600.50", [("CN¥600.50, rounded down", 600)],
        ["CN¥600.50, rounded down, is 1,100 growth value."],
    ),
    (
        Line(-300, "order:web:1:refund:R%251:line:1",
             [RETURNED, {"code": "already_expired", "points": 60}, {"code": "debt", "points": 10},
              {"code": "not_taken", "points": 40, "policy": "within_balance"}], kind="reversal"),
        "Return from order 1", "",
        [("2 of 3 returned", -400), ("Already expired, not taken again", 60), ("Already used, left to you", 40)],
        ["2 of 3 returned; of 600 points this line keeps 200.",
         "60 points of it had expired already and are not taken again.",
         "10 points had been used already and are owed now; what is earned next repays them first.",
         "40 points had been used already; the programme does not ask for them back."],
    ),
    (
        Line(-600, "order:web:1:cancel:2:line:1", [RETURNED | {"returned": 0, "kept": 0}], kind="reversal"),
        "Order 1 cancelled", "", [("Order cancelled", -600)], ["The order was cancelled, so it earns nothing."],
    ),
    (
        Line(-1, "order:web:1:edit:3:line:1", [RETURNED | {"kept": 1}], kind="reversal"),
        "Order 1 changed", "", [("Order changed", -1)], ["As the order reads now, this line earns 1 point."],
    ),
    (
        Line(15, "event:web:7", [{"code": "event", "type": "check_in", "points": 15, "growth": 2, "streak_day": 5}]),
        "Check-in", "Day 5 in a row", [("Check-in", 15)], ["Check-in, day 5 in a row, earns 15 points."],
    ),
    (
        Line(10, "event:web:7", [{"code": "event", "type": "review", "points": 50, "growth": 10, "photo": True}],
             wallet="growth"),
        "Review with a photo", "", [("Review with a photo", 10)], ["Review with a photo earns 10 growth value."],
    ),
    (
        Line(200, "referred", [{"code": "event", "type": "referral", "points": 200, "growth": 0, "by": "M1"}]),
        "Invited by a friend", "", [("Invited by a friend", 200)], ["A friend invited you, which earns 200 points."],
    ),
    (
        Line(100, "sign_up", [{"code": "sign_up", "points": 100}]),
        "Welcome points", "", [("Welcome points", 100)], ["Joining earns 100 points."],
    ),
    (
        Line(-100, "expiry:2027-03-31:9", [{"code": "expired", "on": "2027-03-31"}], kind="expiry"),
        "Points expired", "", [("Last day 31 Mar 2027", -100)], ["They could be used through 31 Mar 2027."],
    ),
    (
        Line(-100, "expiry:2027-03-31:9", [{"code": "expired", "on": "2027-03-31"}, {"code": "idle", "months": 12}],
             kind="expiry"),
        "Points expired", "", [("Last day 31 Mar 2027", -100)],
        ["They could be used through 31 Mar 2027.", "Nothing had been earned or used for 12 months."],
    ),
    (
        Line(50, "birthday:2026", [{"code": "event", "type": "birthday", "points": 50, "growth": 0},
                                   {"code": "kept", "until": "2027-03-31", "months": 12}]),
        "Birthday", "", [("Birthday", 50)],
        ["Birthday earns 50 points.",
         "Points that last as long as the membership is used can now be used through 31 Mar 2027."],
    ),
    (
        Line(-500, "checkout:9", [{"code": "redemption", "order": "77", "amount": "5"}], kind="redemption"),
        "Points spent", "", [("Points spent", -500)], ["500 points took CN¥5.00 off order 77."],
    ),
    (
        Line(-500, "reward:9", [{"code": "redemption", "reward": "a mug"}], kind="redemption"),
        "Points spent", "", [("Points spent", -500)], ["500 points were exchanged for a mug."],
    ),
    (Line(5, "odd:1", [{"code": "who_knows"}]), "Points added", "", [("Points added", 5)], []),
    (Line(-5, "odd:1"), "Points taken", "", [], []),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "title", "summary", "rows", "sentences"), SAID, ids=lambda value: str(value)[:30])
def test_an_entry_says_how_it_came_about(
    entry: Line, title: str, summary: str, rows: list[tuple[str, int]], sentences: list[str]
) -> None:
    """Title, short fact, sum and sentences; the sum adds up."""
    words = wording.explain(entry, formats, {"silver": "Silver"})
    assert (words.title, words.summary) == (title, summary)
    assert [(row.text, row.points) for row in words.steps] == rows
    assert list(words.sentences) == sentences
    assert not rows or sum(points for _, points in rows) == entry.points
    explained = wording.explained_steps(entry, formats, {"silver": "Silver"})
    assert all(step["text"] for step in explained)
    assert [{name: fact for name, fact in step.items() if name != "text"} for step in explained] == entry.explanation


def test_every_code_that_rules_and_flows_leave_has_a_sentence() -> None:
    """A code without words would be shown as a code."""
    left = set()
    for path in [*ROOT.glob("points/rules/*.py"), *ROOT.glob("membership_site/flows/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict) and "starter" not in path.name:
                for name, value in zip(node.keys, node.values, strict=True):
                    if isinstance(name, ast.Constant) and name.value == "code":
                        left |= {one.value for one in ast.walk(value) if isinstance(one, ast.Constant)}
    assert left and left <= set(wording.SENTENCES), f"points/wording has no words for {left - set(wording.SENTENCES)}"


def test_steps_that_led_to_no_entry_are_said_too() -> None:
    """What an event that earned nothing is told."""
    assert wording.step_text({"code": "day_cap", "day_max": 3}, formats) == "It earns 3 times a day at most."
    assert wording.step_text({"code": "event_without_rule", "type": "un_boxing"}, formats).startswith("“un boxing”")
    assert wording.step_text({"code": "given_by_the_night"}, formats) == (
        "It is no event to tell of: the programme gives it by itself, once a year."
    )
    assert wording.step_text({"code": "new_code"}, formats) == "new code"


def test_lines_of_one_deed_stand_together() -> None:
    """Order and return of one order are two deeds, two events two, both wallets two."""
    keys = ["order:w:1:line:1", "order:w:1:line:2", "order:w:1:refund:R:line:1", "event:w:1", "event:w:2", "sign_up"]
    lines = [Line(1, key) for key in keys] + [Line(1, "sign_up", wallet="growth")]
    assert [len(group) for group in wording.by_deed(lines)] == [2, 1, 1, 1, 1, 1]


PRICES = st.decimals(0, 500, places=2)


@st.composite
def orders(draw: st.DrawFn, number: str, placed_at: dt.datetime) -> OrderStatement:
    """Draws an order's statement of one to three lines."""
    lines = tuple(LineStatement(str(i), draw(st.integers(1, 4)), draw(PRICES)) for i in range(draw(st.integers(1, 3))))
    status = draw(st.sampled_from([OrderStatus.PAID, OrderStatus.PAID, OrderStatus.CANCELLED]))
    return OrderStatement("web", number, status, placed_at, placed_at, "CNY", lines)


@pytest.mark.django_db
def test_sums_add_up_for_whatever_is_booked(join: Any, noon: dt.datetime) -> None:
    """Real orders, edits and returns: the rows of every entry sum to its points, every step has words."""
    member, numbers, later = join("ann"), itertools.count(), noon + dt.timedelta(hours=1)

    @settings(max_examples=15, deadline=None, derandomize=True, database=None)
    @given(data=st.data())
    def live(data: st.DataObject) -> None:
        number = str(next(numbers))
        first = data.draw(orders(number, noon))
        order_paid.take_order(statement=replace(first, status=OrderStatus.PAID), reference=ANN, at=noon, actor="t")
        units = tuple((line.line_id, data.draw(st.integers(1, line.quantity))) for line in first.lines)
        refund = RefundStatement("web", number, "R", noon, units)
        order_refunded.take_refund(statement=refund, at=noon, actor="t")
        edited = replace(data.draw(orders(number, noon)), stated_at=later)
        order_paid.take_order(statement=edited, reference=ANN, at=later, actor="t")
        for row in points_queries.entries_of(member.id, f"order:web:{number}"):
            words = wording.explain(row, formats)
            assert sum(step.points for step in words.steps) == row.points
            assert len(words.sentences) == len(row.explanation)

    live()


RULES = st.lists(
    st.fixed_dictionaries(
        {
            "effect": st.sampled_from(["multiply", "per_unit", "fixed"]),
            "amount": st.sampled_from(["0", "1", "2", "3"]),
            "stacking": st.sampled_from(["add", "multiply", "largest"]),
            "priority": st.integers(1, 3),
            "caps": st.lists(
                st.fixed_dictionaries({"per": st.sampled_from(["deed", "day", "ever"]), "points": st.integers(1, 400)}),
                max_size=2,
            ),
            "when": st.sampled_from([[], [{"what": "category", "is": ["tea"]}], [{"what": "order_min", "is": ["90"]}]]),
        }
    ),
    max_size=4,
)
CAPS = st.lists(
    st.fixed_dictionaries({"per": st.sampled_from(["deed", "day"]), "points": st.integers(1, 600)}), max_size=2
)


@pytest.mark.django_db
def test_sums_add_up_with_rules_and_caps(join: Any, noon: dt.datetime) -> None:
    """Whatever rules and caps did: a line's rows sum to the line, the whole deed's to what the deed was awarded.

    So do the rows of an event, and of an order that a cap left with nothing and that has no entry at all.
    """
    member, numbers = join("ann"), itertools.count(2)

    @settings(max_examples=25, deadline=None, derandomize=True, database=None)
    @given(data=st.data())
    def live(data: st.DataObject) -> None:
        version = next(numbers)
        rules = [
            {**one, "code": f"{deed}{place}", "names": {"en": f"rule {place}"}, "deed": deed}
            for deed in ("order", "review")
            for place, one in enumerate(data.draw(RULES))
        ]
        publish(noon.date(), *rules, number=version, caps=data.draw(CAPS))
        first = data.draw(orders(str(version), noon))
        lines = tuple(replace(line, category=data.draw(st.sampled_from(["tea", "mugs"]))) for line in first.lines)
        order = replace(first, status=OrderStatus.PAID, lines=lines)
        order_paid.take_order(statement=order, reference=ANN, at=noon, actor="t")
        event = EventStatement("web", str(version), "review", noon, {})
        event_received.take_event(statement=event, reference=ANN, at=noon, actor="t")
        for key in (f"order:web:{version}", f"event:web:{version}"):
            entries = [row for row in points_queries.entries_of(member.id, key) if row.wallet == "points"]
            for row in entries:
                assert sum(step.points for step in wording.explain(row, formats).steps) == row.points
            why = points_queries.why_earned(member.id, key)
            if why:
                words = wording.explain_deed(why.unfired, why.desired, why.awarded, formats)
                assert sum(step.points for step in words.steps) == why.awarded == sum(row.points for row in entries)

    live()
