"""Campaigns' segments: a question about members as a tree, read from what was stored or typed, and checked. Pure."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any as Whatever
from typing import TypeAlias

from kit.enums import Extra, FieldKind, Operator
from kit.segments import COUNTED, MANY, WHOLE, SegmentField

DEPTH_MAX = 4
"""So many groups may stand inside one another, the outermost included."""
CONDITIONS_MAX = 40
VALUES_MAX = 50
LENGTH_MAX = 128
"""The longest text that may be compared, in characters."""
DAYS_MAX = 3650
TIMES_MAX = 1000
AMOUNT_MAX = Decimal(10) ** 12
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,13}", re.ASCII)
DECIMAL_NUMBER = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,6})?", re.ASCII)
NOT_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Condition:
    """One question: a field, how it is compared, and with what. Values are kept as canonical text."""

    field: str
    operator: Operator
    values: tuple[str, ...] = ()
    days: int | None = None
    times: int | None = None
    name: str = ""
    equals: str = ""


@dataclass(frozen=True, slots=True)
class All:
    """Everybody for whom all parts hold; without parts, everybody."""

    parts: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """Everybody for whom at least one part holds."""

    parts: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """Everybody for whom its part does not hold."""

    part: "Tree"


Tree: TypeAlias = All | Any | Not | Condition
Fields: TypeAlias = Mapping[str, SegmentField]
Path: TypeAlias = tuple[str | int, ...]

EVERYBODY = All()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a tree: a code that campaigns.wording.segments says, and its facts."""

    path: Path
    code: str
    facts: tuple[tuple[str, object], ...] = ()


class BadTree(Exception):
    """Something cannot be read as a question about members; `problems` has each with its place."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(", ".join(f"{_spelt(problem.path)}: {problem.code}" for problem in problems))


def _spelt(path: Path) -> str:
    return ".".join(map(str, path)) or "tree"


# ---- reading


def tree_from(stored: object, fields: Fields) -> Tree:
    """Will read what to_json wrote, or a person or a machine sent; raises BadTree with everything that is wrong."""
    reading = _Reading(fields, [])
    tree = reading.tree(stored, (), 1)
    conditions = sum(1 for _ in conditions_of(tree)) if tree is not None else 0
    if conditions > CONDITIONS_MAX:
        reading.problems.append(Problem((), "too_many", (("most", CONDITIONS_MAX),)))
    if tree is None or reading.problems:
        raise BadTree(tuple(reading.problems) or (Problem((), "no_tree"),))
    return tree


@dataclass(frozen=True, slots=True)
class _Reading:
    """A tree being read: the fields it may ask, and what was wrong so far."""

    fields: Fields
    problems: list[Problem]

    def refuse(self, path: Path, code: str, **facts: object) -> None:
        self.problems.append(Problem(path, code, tuple(facts.items())))

    def tree(self, stored: object, path: Path, depth: int) -> Tree | None:
        if not isinstance(stored, Mapping):
            self.refuse(path, "no_tree")
            return None
        if "field" in stored:
            return self.condition(stored, path)
        keys = set(stored)
        if len(keys) != 1 or not keys <= {"all", "any", "not"}:
            self.refuse(path, "no_tree")
            return None
        if depth > DEPTH_MAX:
            self.refuse(path, "too_deep", most=DEPTH_MAX)
            return None
        [(key, inside)] = stored.items()
        if key == "not":
            part = self.tree(inside, (*path, "not"), depth + 1)
            return Not(part) if part is not None else None
        return self.group(key, inside, (*path, key), depth)

    def group(self, key: str, inside: object, path: Path, depth: int) -> Tree | None:
        if not isinstance(inside, list | tuple):
            self.refuse(path, "no_tree")
            return None
        if len(inside) > CONDITIONS_MAX:
            self.refuse(path, "too_many", most=CONDITIONS_MAX)
            return None
        if not inside and (depth > 1 or key == "any"):
            self.refuse(path, "empty_group")
            return None
        parts = [self.tree(part, (*path, number), depth + 1) for number, part in enumerate(inside)]
        known = tuple(part for part in parts if part is not None)
        return All(known) if key == "all" else Any(known)

    def condition(self, stored: Mapping[Whatever, Whatever], path: Path) -> Condition | None:
        if unknown := set(stored) - {"field", "operator", "values", *Extra}:
            self.refuse(path, "unknown_key", keys=tuple(sorted(map(str, unknown)))[:5])
            return None
        code, name = stored["field"], stored.get("operator")
        field = self.fields.get(code) if isinstance(code, str) else None
        if field is None:
            self.refuse((*path, "field"), "unknown_field")
            return None
        operator = next((one for one in field.operators if one == name), None)
        if operator is None:
            self.refuse((*path, "operator"), "unknown_operator")
            return None
        condition = Condition(field.code, operator, self.values(field, operator, stored.get("values", ()), path))
        return self.extras(field, condition, stored, path)

    def values(self, field: SegmentField, operator: Operator, given: object, path: Path) -> tuple[str, ...]:
        path = (*path, "values")
        if not isinstance(given, list | tuple) or not all(isinstance(value, str | int) for value in given):
            self.refuse(path, "bad_value")
            return ()
        texts = tuple(dict.fromkeys(str(value).strip() for value in given if str(value).strip()))
        if not field.wants_value(operator):
            if texts:
                self.refuse(path, "no_value_wanted")
            return ()
        if not texts and field.needs_value:
            self.refuse(path, "value_missing")
        elif len(texts) > (VALUES_MAX if operator in MANY else 1):
            self.refuse(path, "too_many_values", most=VALUES_MAX if operator in MANY else 1)
            return ()
        read = tuple(_value(field.kind, text) for text in texts)
        if None in read:
            self.refuse(path, _fault_of(field.kind), most=DAYS_MAX)
        kept = tuple(value for value in read if value is not None)
        return tuple(sorted(kept)) if operator in MANY else kept

    def extras(
        self, field: SegmentField, condition: Condition, stored: Mapping[Whatever, Whatever], path: Path
    ) -> Condition:
        for extra in Extra:
            given = stored.get(extra.value)
            if given in (None, ""):
                continue
            if extra not in field.takes:
                self.refuse((*path, extra.value), "not_asked_here")
            else:
                condition = self.with_extra(condition, extra, given, (*path, extra.value))
        if Extra.NAME in field.takes and field.kind is FieldKind.TEXT and not condition.name:
            self.refuse((*path, "name"), "name_missing")
        if condition.equals and not condition.name:
            self.refuse((*path, "name"), "name_missing")
        return condition

    def with_extra(self, condition: Condition, extra: Extra, given: object, path: Path) -> Condition:
        match extra:
            case Extra.DAYS:
                return replace(condition, days=self.counted(given, DAYS_MAX, path))
            case Extra.TIMES:
                return replace(condition, times=self.counted(given, TIMES_MAX, path))
            case Extra.NAME:
                return replace(condition, name=self.text(given, path))
        return replace(condition, equals=self.text(given, path))

    def counted(self, given: object, most: int, path: Path) -> int | None:
        text = str(given).strip() if isinstance(given, str | int) and not isinstance(given, bool) else ""
        if WHOLE_NUMBER.fullmatch(text) and 1 <= int(text) <= most:
            return int(text)
        self.refuse(path, "bad_count", most=most)
        return None

    def text(self, given: object, path: Path) -> str:
        text = _text(given) if isinstance(given, str) else None
        if text is None:
            self.refuse(path, "bad_text", most=LENGTH_MAX)
        return text or ""


def _value(kind: FieldKind, text: str) -> str | None:
    """Will return a value in its one spelling, or None where it is none of the kind."""
    if kind is FieldKind.DATE:
        return _date(text)
    if kind in COUNTED:
        return _number(kind, text)
    return _text(text)


def _text(text: str) -> str | None:
    text = text.strip()
    return text if 0 < len(text) <= LENGTH_MAX and not NOT_TEXT.search(text) else None


def _date(text: str) -> str | None:
    try:
        date = dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return date.isoformat() if date and 1900 <= date.year <= 2200 else None


def _number(kind: FieldKind, text: str) -> str | None:
    if not (WHOLE_NUMBER if kind in WHOLE else DECIMAL_NUMBER).fullmatch(text):
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    least, most = BOUNDS.get(kind, (Decimal(0), AMOUNT_MAX))
    if not least <= number <= most:
        return None
    plain = f"{number.normalize():f}"
    return "0" if plain == "-0" else plain


BOUNDS = {
    FieldKind.AGO: (Decimal(0), Decimal(DAYS_MAX)),
    FieldKind.AHEAD: (Decimal(0), Decimal(DAYS_MAX)),
    FieldKind.PERCENT: (Decimal(0), Decimal(100)),
    FieldKind.SHARE: (Decimal("0.01"), Decimal(100)),
}


def _fault_of(kind: FieldKind) -> str:
    if kind is FieldKind.DATE:
        return "bad_date"
    if kind in (FieldKind.AGO, FieldKind.AHEAD):
        return "bad_days"
    if kind in (FieldKind.PERCENT, FieldKind.SHARE):
        return "bad_percent"
    if kind in WHOLE:
        return "bad_whole"
    return "bad_amount" if kind is FieldKind.MONEY else "bad_text"


# ---- writing and comparing


def to_json(tree: Tree) -> dict[str, Whatever]:
    """Will return a tree as it is stored; tree_from reads it."""
    match tree:
        case All(parts):
            return {"all": [to_json(part) for part in parts]}
        case Any(parts):
            return {"any": [to_json(part) for part in parts]}
        case Not(part):
            return {"not": to_json(part)}
    kept: dict[str, Whatever] = {"field": tree.field, "operator": tree.operator.value}
    if tree.values:
        kept["values"] = list(tree.values)
    return kept | {extra.value: getattr(tree, extra.value) for extra in Extra if getattr(tree, extra.value)}


def canonical(tree: Tree) -> Tree:
    """Will return the one form of all trees that say the same in another order or with idle groups."""
    match tree:
        case Condition():
            return tree
        case Not(part):
            inner = canonical(part)
            return inner.part if isinstance(inner, Not) else Not(inner)
    kind = type(tree)
    parts: dict[str, Tree] = {}
    for part in map(canonical, tree.parts):
        for one in part.parts if isinstance(part, kind) and isinstance(part, All | Any) else (part,):
            parts[_spelling(one)] = one
    ordered = tuple(parts[text] for text in sorted(parts))
    return ordered[0] if len(ordered) == 1 else kind(ordered)


def digest_of(tree: Tree) -> str:
    """Will return the SHA-256 of the canonical form: alike for trees that ask the same."""
    return hashlib.sha256(_spelling(canonical(tree)).encode()).hexdigest()


def _spelling(tree: Tree) -> str:
    return json.dumps(to_json(tree), sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def conditions_of(tree: Tree) -> Iterator[Condition]:
    """Will yield all conditions of a tree."""
    match tree:
        case Condition():
            yield tree
        case Not(part):
            yield from conditions_of(part)
        case _:
            for part in tree.parts:
                yield from conditions_of(part)


def fields_of(tree: Tree) -> frozenset[str]:
    """Will return the codes of the fields that a tree asks."""
    return frozenset(condition.field for condition in conditions_of(tree))


SEGMENT = "campaigns.segment"
"""The field that asks whether somebody is in another saved segment."""
LIST = "campaigns.list"
"""The field that asks whether somebody is on a list."""
NOBODY = Any()


def segments_in(tree: Tree) -> frozenset[int]:
    """Will return the ids of the saved segments that a tree asks, lists not among them."""
    return frozenset(number for c in conditions_of(tree) if c.field == SEGMENT and (number := id_of(c)))


def id_of(condition: Condition) -> int:
    """Will return the id of the segment or list that a condition asks; 0 where its value is none."""
    value = condition.values[0] if condition.values else ""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0


def named_anywhere(stored: object) -> frozenset[int]:
    """Will return the ids of segments and lists that are named anywhere in something stored, a campaign's plan."""
    found: set[int] = set()
    waiting = [stored]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += one.values()
            if one.get("field") in (SEGMENT, LIST) and isinstance(one.get("values"), list | tuple):
                found |= {int(value) for value in one["values"] if str(value).isdecimal() and len(str(value)) < 19}
        elif isinstance(one, list | tuple):
            waiting += one
    return frozenset(found)


def goes_round(segment_id: int, asks: Mapping[int, frozenset[int]]) -> bool:
    """Will say whether a segment asks itself, by way of others; `asks` has what each segment asks."""
    seen: set[int] = set()
    waiting = list(asks.get(segment_id, ()))
    while waiting:
        one = waiting.pop()
        if one == segment_id:
            return True
        if one not in seen:
            seen.add(one)
            waiting += asks.get(one, ())
    return False


def expanded(tree: Tree, trees: Mapping[int, Tree], within: frozenset[int] = frozenset()) -> Tree:
    """Will put what saved segments ask in the place of their names.

    One that is not among `trees`, or that stands within itself, is nobody.
    """
    match tree:
        case Condition():
            if tree.field != SEGMENT:
                return tree
            number = id_of(tree)
            inside = trees.get(number) if number not in within else None
            meant = NOBODY if inside is None else expanded(inside, trees, within | {number})
            return Not(meant) if tree.operator is Operator.NO else meant
        case Not(part):
            return Not(expanded(part, trees, within))
    return type(tree)(tuple(expanded(part, trees, within) for part in tree.parts))
