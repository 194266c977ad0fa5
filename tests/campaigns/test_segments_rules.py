"""Questions about members as trees: read, refused with the place of each fault, written, and compared by meaning."""

import datetime as dt
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import queries as campaigns_queries
from campaigns.rules import segments
from campaigns.rules.segments import (
    CONDITIONS_MAX,
    DEPTH_MAX,
    EVERYBODY,
    All,
    BadTree,
    Condition,
    Not,
    Tree,
    canonical,
    conditions_of,
    digest_of,
    expanded,
    fields_of,
    goes_round,
    named_anywhere,
    segments_in,
    to_json,
    tree_from,
)
from campaigns.rules.segments import Any as AnyOf
from kit.enums import Extra, FieldKind, Operator

FIELDS = campaigns_queries.segment_fields()
GOLD = {"field": "tiers.tier", "operator": "is", "values": ["gold"]}
QUIET = {"field": "orders.last", "operator": "at_least", "values": ["45"]}

VALUES = {
    FieldKind.NUMBER: st.integers(0, 10**9).map(str),
    FieldKind.MONEY: st.decimals(0, 10**6, places=2).map(str),
    FieldKind.PERCENT: st.integers(0, 100).map(str),
    FieldKind.SHARE: st.integers(1, 100).map(str),
    FieldKind.AGO: st.integers(0, 3000).map(str),
    FieldKind.AHEAD: st.integers(0, 3000).map(str),
    FieldKind.DATE: st.dates(min_value=dt.date(1950, 1, 1)).map(lambda d: d.isoformat()[:10]),
}
TEXT = st.text(st.characters(blacklist_categories=["Cc", "Cs"]), min_size=1, max_size=20).filter(lambda t: t.strip())


@st.composite
def conditions(draw: Any) -> dict[str, Any]:
    field = draw(st.sampled_from(sorted(FIELDS.values(), key=lambda f: f.code)))
    operator = draw(st.sampled_from(field.operators))
    stored: dict[str, Any] = {"field": field.code, "operator": operator.value}
    if field.wants_value(operator):
        many = operator in (Operator.ANY_OF, Operator.NONE_OF, Operator.ALL_OF)
        kind = VALUES.get(field.kind, TEXT)
        stored["values"] = draw(st.lists(kind, min_size=1, max_size=3 if many else 1, unique=True))
        if field.kind is FieldKind.DATE:
            stored["values"] = [v for v in stored["values"] if "1950" <= v[:4] <= "2200"] or ["2026-03-31"]
    if Extra.NAME in field.takes:
        stored["name"] = draw(TEXT)
    if Extra.DAYS in field.takes:
        stored["days"] = draw(st.integers(1, 3000))
    return stored


def trees(depth: int = DEPTH_MAX) -> st.SearchStrategy[dict[str, Any]]:
    if depth == 1:
        return conditions()
    inner = trees(depth - 1)
    parts = st.lists(inner, min_size=1, max_size=2)
    return st.one_of(
        conditions(),
        st.fixed_dictionaries({"all": parts}),
        st.fixed_dictionaries({"any": parts}),
        st.fixed_dictionaries({"not": inner}),
    )


@given(trees())
def test_what_is_written_is_read_alike(stored: dict[str, Any]) -> None:
    """A tree survives its storing; its canonical form is its own canonical form and asks the same fields."""
    tree = tree_from(stored, FIELDS)
    assert tree_from(json.loads(json.dumps(to_json(tree))), FIELDS) == tree
    once = canonical(tree)
    assert canonical(once) == once
    assert digest_of(once) == digest_of(tree)
    assert fields_of(once) == fields_of(tree)
    assert set(conditions_of(once)) == set(conditions_of(tree))


def test_order_and_idle_groups_make_no_other_question() -> None:
    one = tree_from({"all": [GOLD, QUIET]}, FIELDS)
    other = tree_from({"all": [{"all": [QUIET | {"values": [" 045 "]}]}, {"not": {"not": GOLD}}, GOLD]}, FIELDS)
    assert digest_of(one) == digest_of(other)
    assert digest_of(one) != digest_of(tree_from({"any": [GOLD, QUIET]}, FIELDS))
    assert digest_of(one) != digest_of(tree_from({"all": [GOLD, QUIET | {"values": ["46"]}]}, FIELDS))
    assert tree_from({"all": []}, FIELDS) == EVERYBODY


def nested(levels: int) -> dict[str, Any]:
    stored: dict[str, Any] = GOLD
    for _ in range(levels):
        stored = {"all": [stored]}
    return stored


BAD: list[tuple[object, str, tuple[str | int, ...]]] = [
    (None, "no_tree", ()),
    ([GOLD], "no_tree", ()),
    ("SELECT 1", "no_tree", ()),
    ({}, "no_tree", ()),
    ({"all": [GOLD], "any": [GOLD]}, "no_tree", ()),
    ({"all": GOLD}, "no_tree", ("all",)),
    ({"or": [GOLD]}, "no_tree", ()),
    ({"any": []}, "empty_group", ("any",)),
    ({"all": [{"all": []}]}, "empty_group", ("all", 0, "all")),
    (nested(DEPTH_MAX + 1), "too_deep", ("all", 0, "all", 0, "all", 0, "all", 0)),
    ({"all": [GOLD] * (CONDITIONS_MAX + 1)}, "too_many", ("all",)),
    ({"all": [{"any": [GOLD] * 30}, {"any": [GOLD] * 30}]}, "too_many", ()),
    ({"field": "members.id); DROP TABLE", "operator": "is"}, "unknown_field", ("field",)),
    ({"field": ["tiers.tier"], "operator": "is"}, "unknown_field", ("field",)),
    (GOLD | {"operator": "contains"}, "unknown_operator", ("operator",)),
    (GOLD | {"operator": {}}, "unknown_operator", ("operator",)),
    (GOLD | {"sql": "1=1"}, "unknown_key", ()),
    (GOLD | {"values": []}, "value_missing", ("values",)),
    (GOLD | {"values": "gold"}, "bad_value", ("values",)),
    (GOLD | {"values": [None]}, "bad_value", ("values",)),
    (GOLD | {"values": ["gold", "silver"]}, "too_many_values", ("values",)),
    (GOLD | {"values": ["go\x00ld"]}, "bad_text", ("values",)),
    (GOLD | {"values": ["x" * 129]}, "bad_text", ("values",)),
    (GOLD | {"values": ["\ud800"]}, "bad_text", ("values",)),
    (GOLD | {"operator": "any_of", "values": [str(n) for n in range(51)]}, "too_many_values", ("values",)),
    (QUIET | {"values": ["4.5"]}, "bad_days", ("values",)),
    (QUIET | {"values": ["-1"]}, "bad_days", ("values",)),
    (QUIET | {"values": [10**400]}, "bad_days", ("values",)),
    (QUIET | {"values": ["٤٥"]}, "bad_days", ("values",)),
    (QUIET | {"values": ["1e3"]}, "bad_days", ("values",)),
    (QUIET | {"operator": "known"}, "no_value_wanted", ("values",)),
    (QUIET | {"days": 30}, "not_asked_here", ("days",)),
    ({"field": "orders.spend", "operator": "at_least", "values": ["NaN"]}, "bad_amount", ("values",)),
    ({"field": "orders.spend", "operator": "at_least", "values": ["9" * 40]}, "bad_amount", ("values",)),
    ({"field": "orders.spend", "operator": "at_least", "values": [5], "days": 0}, "bad_count", ("days",)),
    ({"field": "orders.spend", "operator": "at_least", "values": [5], "days": True}, "bad_count", ("days",)),
    ({"field": "orders.spend", "operator": "at_least", "values": [5], "days": 10**30}, "bad_count", ("days",)),
    ({"field": "members.joined_on", "operator": "from", "values": ["2026-02-30"]}, "bad_date", ("values",)),
    ({"field": "members.joined_on", "operator": "from", "values": ["0001-01-01"]}, "bad_date", ("values",)),
    ({"field": "members.attribute", "operator": "is", "values": ["x"]}, "name_missing", ("name",)),
    ({"field": "members.attribute", "operator": "is", "values": ["x"], "name": 5}, "bad_text", ("name",)),
    ({"field": "campaigns.share", "operator": "within", "values": ["101"]}, "bad_percent", ("values",)),
    ({"field": "orders.event", "operator": "did", "values": ["x"], "equals": "y"}, "name_missing", ("name",)),
]


@pytest.mark.parametrize(("stored", "code", "path"), BAD)
def test_a_bad_tree_is_refused_with_its_place(stored: object, code: str, path: tuple[str | int, ...]) -> None:
    with pytest.raises(BadTree) as refused:
        tree_from(stored, FIELDS)
    assert (code, path) in [(problem.code, problem.path) for problem in refused.value.problems], str(refused.value)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(BadTree) as refused:
        tree_from({"all": [GOLD | {"values": []}, {"any": [QUIET | {"values": ["x"]}, {"field": "no"}]}]}, FIELDS)
    assert [problem.path for problem in refused.value.problems] == [
        ("all", 0, "values"),
        ("all", 1, "any", 0, "values"),
        ("all", 1, "any", 1, "field"),
    ]


KEYS = st.sampled_from(["all", "any", "not", "field", "operator", "values", "days", "x"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)


@given(st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)))
def test_anything_is_read_or_refused(stored: object) -> None:
    """Whatever is sent, nothing but BadTree comes of it."""
    try:
        tree_from(stored, FIELDS)
    except BadTree as error:
        assert error.problems


def test_a_hostile_tree_is_refused_quickly() -> None:
    wide: dict[str, Any] = {"all": [GOLD] * 100_000}
    deep: Any = GOLD
    for _ in range(900):
        deep = {"not": deep}
    started = time.perf_counter()
    for stored in (wide, deep):
        with pytest.raises(BadTree):
            tree_from(stored, FIELDS)
    assert time.perf_counter() - started < 1


def segment(number: int, operator: Operator = Operator.YES) -> Condition:
    return Condition(segments.SEGMENT, operator, (str(number),))


def test_saved_segments_are_put_in_their_places() -> None:
    gold = Condition("tiers.tier", Operator.IS, ("gold",))
    trees: dict[int, Tree] = {1: gold, 2: All((segment(1), segment(3))), 3: segment(2)}
    assert expanded(segment(1), trees) == gold
    assert expanded(Not(segment(1, Operator.NO)), trees) == Not(Not(gold))
    assert expanded(segment(9), trees) == AnyOf()
    assert expanded(segment(2), trees) == All((gold, AnyOf())), "one that asks itself is nobody"
    assert segments_in(trees[2]) == {1, 3}
    assert segments_in(Condition(segments.SEGMENT, Operator.YES, ("²",))) == frozenset()
    asks = {number: segments_in(tree) for number, tree in trees.items()}
    assert [goes_round(number, asks) for number in (1, 2, 3)] == [False, True, True]
    plan = {"who": {"all": [to_json(segment(7))]}, "else": [{"field": segments.LIST, "values": ["8", "x"]}]}
    assert named_anywhere(plan) == {7, 8}
