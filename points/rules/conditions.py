"""What an earning rule may ask of a deed, a member or a line, and what the answer was. Pure."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from kit import dates
from points.enums import ConditionKind

LINE_KINDS = frozenset({ConditionKind.CATEGORY, ConditionKind.BRAND, ConditionKind.SKU})
"""Conditions on a line; all others are on the deed as a whole."""

BIRTHDAY_WEEK_DAYS = 3
"""A birthday week is the birthday with so many days on either side of it."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One question; it holds where any of the values fits. `name` is the property that PROPERTY asks for."""

    kind: ConditionKind
    values: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class DeedFacts:
    """What conditions are asked of: an order or an event, and its member as he stood then.

    `tiers` are the codes of the tier held and of all below it; `segments` says of each segment that was asked, as
    conditions write it, whether he was in it just before; `number` counts the member's paid orders, this one included
    (0 for events); `amount` is what an order earns on.
    """

    on: dt.date
    time: dt.time = dt.time(12)
    channel: str = ""
    tier: str = ""
    tiers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    segments: Mapping[str, bool] = field(default_factory=dict)
    birthday: dt.date | None = None
    number: int = 0
    amount: Decimal = Decimal(0)
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineTraits:
    """What conditions are asked of a line."""

    sku: str = ""
    category: str = ""
    brand: str = ""


NO_TRAITS = LineTraits()

Reason = Mapping[str, Any]
"""Why a rule gave nothing: what was asked, what was wanted, and what was there instead."""


def failed(condition: Condition, facts: DeedFacts) -> Reason | None:
    """Will return why a condition on the deed does not hold, or None where it does."""
    holds, there = ASKED[condition.kind](condition, facts)
    return None if holds else _reason(condition, there)


def fits(conditions: Sequence[Condition], line: LineTraits) -> bool:
    """Will say whether a line meets all of the conditions on lines."""
    return all(_trait(condition.kind, line) in condition.values for condition in conditions)


def number_of(segment: str) -> str:
    """Will return the number of a segment, whichever question of it is meant."""
    return segment.partition("@")[0]


def none_fits(condition: Condition, lines: Sequence[LineTraits]) -> Reason:
    """Will return why no line meets a condition: what the lines have instead."""
    return _reason(condition, sorted({_trait(condition.kind, line) for line in lines} - {""}))


def birthday_in(birthday: dt.date, year: int) -> dt.date:
    """Will return the date on which a birthday is kept in a year; 29 February is 28 February in common years."""
    return dates.add_years(birthday, year - birthday.year)


def amount_of(facts: DeedFacts, name: str) -> Decimal | None:
    """Will return a number that an event states among its properties; None where it states none."""
    value = facts.properties.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 10**12 else None


def _reason(condition: Condition, there: object) -> Reason:
    reason: dict[str, Any] = {"what": condition.kind.value, "wanted": list(condition.values), "is": there}
    return {**reason, "name": condition.name} if condition.name else reason


def _trait(kind: ConditionKind, line: LineTraits) -> str:
    return {ConditionKind.SKU: line.sku, ConditionKind.CATEGORY: line.category, ConditionKind.BRAND: line.brand}[kind]


Answer = tuple[bool, object]
"""Whether a condition holds, and the fact that decided it."""


def _any_of(there: str, condition: Condition) -> Answer:
    return there in condition.values, there


def _tier_min(condition: Condition, facts: DeedFacts) -> Answer:
    return not set(condition.values).isdisjoint(facts.tiers), facts.tier


def _tag(condition: Condition, facts: DeedFacts) -> Answer:
    return not set(condition.values).isdisjoint(facts.tags), sorted(facts.tags)


def _segment(condition: Condition, facts: DeedFacts) -> Answer:
    return any(facts.segments.get(value, False) for value in condition.values), None


def _birthday(condition: Condition, facts: DeedFacts) -> Answer:
    if facts.birthday is None:
        return False, None
    if "month" in condition.values and facts.birthday.month == facts.on.month:
        return True, "month"
    near = BIRTHDAY_WEEK_DAYS if "week" in condition.values else 0
    years = (facts.on.year - 1, facts.on.year, facts.on.year + 1)
    holds = any(abs((birthday_in(facts.birthday, year) - facts.on).days) <= near for year in years)
    return holds and condition.values != ("month",), facts.birthday.strftime("%m-%d")


def _time(condition: Condition, facts: DeedFacts) -> Answer:
    starts, ends = (dt.time.fromisoformat(value) for value in condition.values)
    inside = starts <= facts.time < ends if starts <= ends else facts.time >= starts or facts.time < ends
    return inside, facts.time.strftime("%H:%M")


def _every_nth(condition: Condition, facts: DeedFacts) -> Answer:
    return bool(facts.number) and facts.number % int(condition.values[0]) == 0, facts.number


def _order_min(condition: Condition, facts: DeedFacts) -> Answer:
    return facts.amount >= Decimal(condition.values[0]), str(facts.amount)


def _property(condition: Condition, facts: DeedFacts) -> Answer:
    value = facts.properties.get(condition.name)
    text = str(value).lower() if isinstance(value, bool) else str(value) if value is not None else ""
    return _any_of(text, condition)


ASKED: Mapping[ConditionKind, Callable[[Condition, DeedFacts], Answer]] = {
    ConditionKind.TIER_MIN: _tier_min,
    ConditionKind.TIER: lambda condition, facts: _any_of(facts.tier, condition),
    ConditionKind.TAG: _tag,
    ConditionKind.SEGMENT: _segment,
    ConditionKind.BIRTHDAY: _birthday,
    ConditionKind.CHANNEL: lambda condition, facts: _any_of(facts.channel, condition),
    ConditionKind.WEEKDAY: lambda condition, facts: _any_of(str(facts.on.isoweekday()), condition),
    ConditionKind.DAY_OF_MONTH: lambda condition, facts: _any_of(str(facts.on.day), condition),
    ConditionKind.MONTH: lambda condition, facts: _any_of(str(facts.on.month), condition),
    ConditionKind.TIME: _time,
    ConditionKind.ORDER_NUMBER: lambda condition, facts: _any_of(str(facts.number), condition),
    ConditionKind.EVERY_NTH_ORDER: _every_nth,
    ConditionKind.ORDER_MIN: _order_min,
    ConditionKind.PROPERTY: _property,
}


def condition_from_terms(terms: Mapping[str, Any]) -> Condition:
    """Will read the stored terms of a condition; raises KeyError and ValueError."""
    kind = ConditionKind(terms["what"])
    values = tuple(str(value) for value in terms["is"])
    if not values:
        raise ValueError(f"{kind} asks for nothing")
    if kind is ConditionKind.PROPERTY and not terms.get("name"):
        raise ValueError("a condition on a property names none")
    _check_values(kind, values)
    return Condition(kind, values, terms.get("name", ""))


def _check_values(kind: ConditionKind, values: tuple[str, ...]) -> None:
    if kind is ConditionKind.TIME:
        if len(values) != 2:
            raise ValueError("a time window has a start and an end")
        for value in values:
            dt.time.fromisoformat(value)
    elif kind is ConditionKind.SEGMENT:
        if len(values) != 1 or not SEGMENT.fullmatch(values[0]):
            raise ValueError(f"{values} does not name one segment")
    elif kind is ConditionKind.ORDER_MIN:
        if not Decimal(values[0]).is_finite():
            raise ValueError(f"{values[0]} is no amount")
    elif kind in WHOLE_NUMBERS:
        low, high = WHOLE_NUMBERS[kind]
        for value in values:
            if not low <= int(value) <= high:
                raise ValueError(f"{kind} {value} is not from {low} to {high}")
    elif kind is ConditionKind.BIRTHDAY and not set(values) <= {"day", "week", "month"}:
        raise ValueError(f"a birthday's {values} is not day, week or month")


SEGMENT = re.compile(r"[1-9][0-9]{0,17}(@[1-9][0-9]{0,17})?", re.ASCII)
"""A segment as campaigns write it: its number, and after @ which question of it is meant."""
WHOLE_NUMBERS = {
    ConditionKind.WEEKDAY: (1, 7),
    ConditionKind.DAY_OF_MONTH: (1, 31),
    ConditionKind.MONTH: (1, 12),
    ConditionKind.ORDER_NUMBER: (1, 1_000_000),
    ConditionKind.EVERY_NTH_ORDER: (1, 1_000_000),
}
