"""What stands in a cell of the matrix: its fields, how they are read, and whether one is less than another. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from benefits.enums import Family, Occasion
from benefits.rules.coupons import BadTerms
from benefits.rules.coupons import Terms as CouponTerms
from points.enums import Verdict

WHOLE_MAX = 1_000_000
COUPONS_MAX = 20
"""So many coupons of one kind at once."""


class Shape(StrEnum):
    """How a field of a cell is read, typed and compared."""

    COUNT = "count"
    """A whole number from 1; more is more."""
    COPIES = "copies"
    """How many coupons of one kind are given at once; more is more."""
    LIMIT = "limit"
    """A whole number from 1, or none for any number; more is more."""
    HOURS = "hours"
    DAYS = "days"
    """Days of the month."""
    PERCENT = "percent"
    CAP = "cap"
    """The most that is taken off; none for any amount."""
    FLAG = "flag"
    COUPON = "coupon"
    COUPONS = "coupons"
    """Several coupons, with how many of each: {code: count}."""
    ITEM = "item"
    POOL = "pool"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind's cells; one that is not needed is `otherwise` where it is left empty."""

    name: str
    shape: Shape
    needed: bool = False
    otherwise: Any = None


class ThingKind(StrEnum):
    """What a member is given."""

    COUPON = "coupon"
    ITEM = "item"
    POOL = "pool"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that is given: so many of a coupon, a gift, or a partner's code."""

    kind: ThingKind
    code: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """What a benefit is to one tier. A kind's own cell answers those of these questions that it is about."""

    def things(self) -> tuple[Thing, ...]:
        """Will return what is given on the benefit's occasion."""
        return ()

    def quota(self) -> int | None:
        """Will return how often it can be used in a period; None is always."""
        return None

    def places(self) -> int | None:
        """Will return how many places there are for all members together; None is any number."""
        return None

    def is_booked(self) -> bool:
        """Will say whether a member asks for it and the staff answer."""
        return False

    def draws(self, members: int) -> int:
        """Will return how many of so many members win; nought where nothing is drawn."""
        return 0


CELL = Cell()


@dataclass(frozen=True)
class KindRules:
    """What the matrix knows of a kind: its family, its cells' fields, when it can be issued, and how cells are read."""

    family: Family
    fields: tuple[Field, ...]
    read: Callable[[Mapping[str, Any]], Cell]
    occasions: tuple[Occasion, ...] = ()


ANY_OCCASION = tuple(Occasion)


def read(stored: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    """Will read a cell's fields; raises BadTerms naming the field. A field that is not known is refused."""
    if not isinstance(stored, Mapping):
        raise BadTerms("cell", "A cell is a group of settings.")
    if unknown := sorted(set(stored) - {one.name for one in fields}):
        raise BadTerms(unknown[0], f"There is no such setting: {unknown[0]}.")
    found = {}
    for one in fields:
        value = stored.get(one.name)
        if value is None or value in ("", [], {}):
            if one.needed:
                raise BadTerms(one.name, "This is needed.")
            found[one.name] = one.otherwise
        else:
            found[one.name] = READERS[one.shape](one.name, value)
    return found


def _whole(name: str, value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= WHOLE_MAX:
        raise BadTerms(name, "Use a whole number from 1, for example 3.")
    return int(text)


def _copies(name: str, value: Any) -> int:
    count = _whole(name, value)
    if count > COUPONS_MAX:
        raise BadTerms(name, f"Use a whole number from 1 to {COUPONS_MAX}.")
    return count


def _amount(name: str, value: Any) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise BadTerms(name, "Use a number, for example 12.50.") from None
    if not amount.is_finite() or not 0 < amount < Decimal(10) ** 12:
        raise BadTerms(name, "Use a number that is more than nought.")
    return amount


def _percent(name: str, value: Any) -> Decimal:
    percent = _amount(name, value)
    if percent > 100:
        raise BadTerms(name, "Use percent from 1 to 100.")
    return percent


def _days(name: str, value: Any) -> tuple[int, ...]:
    given = value.replace(",", " ").split() if isinstance(value, str) else value
    try:
        days = tuple(sorted({int(day) for day in given}))
    except (TypeError, ValueError):
        days = ()
    if not days or not all(1 <= day <= 31 for day in days):
        raise BadTerms(name, "Use days of the month from 1 to 31, for example 8, 18.")
    return days


def _code(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 60:
        raise BadTerms(name, "Choose one from the list.")
    return value


def _coupons(name: str, value: Any) -> tuple[tuple[str, int], ...]:
    if not isinstance(value, Mapping):
        raise BadTerms(name, "Name each coupon with how many of it are given.")
    return tuple((_code(name, code), _copies(name, count)) for code, count in sorted(value.items()))


def _flag(name: str, value: Any) -> bool:
    return bool(value)


READERS: Mapping[Shape, Callable[[str, Any], Any]] = {
    Shape.COUNT: _whole,
    Shape.COPIES: _copies,
    Shape.LIMIT: _whole,
    Shape.HOURS: _whole,
    Shape.DAYS: _days,
    Shape.PERCENT: _percent,
    Shape.CAP: _amount,
    Shape.FLAG: _flag,
    Shape.COUPON: _code,
    Shape.COUPONS: _coupons,
    Shape.ITEM: _code,
    Shape.POOL: _code,
}


# ---- more and less


@dataclass(frozen=True, slots=True)
class Known:
    """What cells may name: coupons with the terms in force, gifts and pools with what one is worth."""

    coupons: Mapping[str, CouponTerms] = field(default_factory=dict)
    items: Mapping[str, Decimal] = field(default_factory=dict)
    pools: Mapping[str, Decimal] = field(default_factory=dict)

    def has(self, thing: Thing) -> bool:
        """Will say whether there is such a thing to give."""
        there: Mapping[ThingKind, Mapping[str, Any]] = {
            ThingKind.COUPON: self.coupons,
            ThingKind.ITEM: self.items,
            ThingKind.POOL: self.pools,
        }
        return thing.code in there[thing.kind]


NOTHING_KNOWN = Known()


def judge(fields: Sequence[Field], was: Cell, becomes: Cell, known: Known = NOTHING_KNOWN) -> Verdict:
    """Will say whether a cell gives more than another of its kind, less, or the same; in doubt, less."""
    return together(
        _judge_field(one, getattr(was, one.name), getattr(becomes, one.name), known)
        for one in fields
        if getattr(was, one.name) != getattr(becomes, one.name)
    )


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Will say what several changes are together: a loss in one is a loss."""
    found = set(verdicts)
    if Verdict.WORSE in found:
        return Verdict.WORSE
    return Verdict.BETTER if Verdict.BETTER in found else Verdict.SAME


def more(was: Any, becomes: Any) -> Verdict:
    """Will judge two numbers of which more is more; None is without limit."""
    if was == becomes:
        return Verdict.SAME
    return Verdict.BETTER if becomes is None or (was is not None and becomes > was) else Verdict.WORSE


def _judge_field(one: Field, was: Any, becomes: Any, known: Known) -> Verdict:
    if one.shape in (Shape.COUNT, Shape.COPIES, Shape.LIMIT, Shape.HOURS, Shape.PERCENT, Shape.CAP):
        return more(was, becomes)
    if one.shape is Shape.DAYS:
        return Verdict.BETTER if set(was or ()) < set(becomes or ()) else Verdict.WORSE
    if one.shape is Shape.FLAG:
        return Verdict.SAME  # how it is asked for, not how much there is of it
    if one.shape is Shape.COUPONS:
        return _judge_coupons(dict(was or ()), dict(becomes or ()))
    if was is None or becomes is None:
        return Verdict.BETTER if was is None else Verdict.WORSE
    if one.shape is Shape.COUPON:
        there = known.coupons.get(was), known.coupons.get(becomes)
        return _no_less(*there) if there[0] and there[1] else Verdict.WORSE
    worth = known.items if one.shape is Shape.ITEM else known.pools
    return _more_worth(worth.get(was), worth.get(becomes))


def _more_worth(was: Decimal | None, becomes: Decimal | None) -> Verdict:
    return Verdict.WORSE if was is None or becomes is None or becomes < was else Verdict.BETTER


def _judge_coupons(was: Mapping[str, int], becomes: Mapping[str, int]) -> Verdict:
    codes = {*was, *becomes}
    return together(more(was.get(code, 0), becomes.get(code, 0)) for code in codes)


def _no_less(was: CouponTerms | None, becomes: CouponTerms | None) -> Verdict:
    """Another coupon is no loss where it takes off as much, of as much, from as little; else it counts as one."""
    if was is None or becomes is None or (was.kind, was.scope) != (becomes.kind, becomes.scope):
        return Verdict.WORSE
    return together(
        (
            more(was.amount, becomes.amount),
            more(was.percent, becomes.percent),
            more(was.cap, becomes.cap),
            more(-was.minimum, -becomes.minimum),
            more(was.validity.days, becomes.validity.days),
        )
    )
