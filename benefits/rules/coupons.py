"""What a coupon is worth and when it is good: its terms read from what is stored, and why it is refused. Pure."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from benefits.enums import CouponKind, CouponState, ValidityKind

ANYTHING: tuple[str, ...] = ()
GROUP = "coupon"
"""The group of coupons that name none: one of a group is used at a time."""

DAYS_MAX = 3660
AMOUNT_MAX = Decimal(10) ** 12


class BadTerms(Exception):
    """Stored or typed terms cannot be read; `field` is where, the message says how to mend it."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which lines of a cart a coupon is for: those that any list names, but none that is left out; empty is all."""

    skus: tuple[str, ...] = ANYTHING
    categories: tuple[str, ...] = ANYTHING
    brands: tuple[str, ...] = ANYTHING
    not_skus: tuple[str, ...] = ANYTHING
    not_categories: tuple[str, ...] = ANYTHING
    not_brands: tuple[str, ...] = ANYTHING

    def has(self, sku: str, category: str, brand: str) -> bool:
        """Will say whether a line is in it."""
        if sku in self.not_skus or category in self.not_categories or brand in self.not_brands:
            return False
        named = self.skus or self.categories or self.brands
        return not named or sku in self.skus or category in self.categories or brand in self.brands


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a coupon is good; both dates are inclusive, in the programme's zone."""

    kind: ValidityKind
    days: int = 0
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None

    def dates_of(self, issued_on: dt.date) -> tuple[dt.date, dt.date | None]:
        """Will return the first and the last date of a coupon that is issued on a date; None is for ever.

        One of 7 days that is issued on the 1st is good through the 8th: seven whole days after the day itself.
        """
        if self.kind is ValidityKind.DAYS:
            return issued_on, issued_on + dt.timedelta(days=self.days)
        return max(issued_on, self.starts_on or issued_on), self.ends_on


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coupon gives and asks.

    `minimum` is of the lines in scope after their own discounts and members' prices, before shipping and points.
    `joins` are the groups that it may be used with (None: any); an exclusive one is used alone. `uses_total` and
    `budget` are for all coupons of the definition together.
    """

    kind: CouponKind
    validity: Validity
    amount: Decimal = Decimal(0)
    percent: Decimal = Decimal(0)
    cap: Decimal | None = None
    gift: str = ""
    minimum: Decimal = Decimal(0)
    scope: Scope = field(default_factory=Scope)
    weekdays: tuple[int, ...] = ()
    hours: tuple[dt.time, dt.time] | None = None
    tiers: tuple[str, ...] = ()
    first_order: bool = False
    uses_per_code: int | None = 1
    uses_per_member: int | None = None
    uses_total: int | None = None
    budget: Decimal | None = None
    group: str = GROUP
    exclusive: bool = False
    joins: tuple[str, ...] | None = None
    priority: int = 0


def terms_from(stored: Mapping[str, Any]) -> Terms:
    """Will read stored terms; raises BadTerms naming the field. A field that is not known is refused."""
    known = set(Terms.__slots__)
    if unknown := sorted(set(stored) - known):
        raise BadTerms(unknown[0], f"There is no such setting: {unknown[0]}.")
    kind = _kind(stored)
    terms = Terms(
        kind=kind,
        validity=_validity(stored.get("validity") or {}),
        amount=_amount(stored, "amount") or Decimal(0),
        percent=_amount(stored, "percent") or Decimal(0),
        cap=_amount(stored, "cap"),
        gift=str(stored.get("gift") or ""),
        minimum=_amount(stored, "minimum") or Decimal(0),
        scope=_scope(stored.get("scope") or {}),
        weekdays=_weekdays(stored.get("weekdays") or []),
        hours=_hours(stored.get("hours")),
        tiers=_words(stored.get("tiers") or [], "tiers"),
        first_order=bool(stored.get("first_order")),
        uses_per_code=_count(stored, "uses_per_code", 1),
        uses_per_member=_count(stored, "uses_per_member", None),
        uses_total=_count(stored, "uses_total", None),
        budget=_amount(stored, "budget"),
        group=str(stored.get("group") or GROUP),
        exclusive=bool(stored.get("exclusive")),
        joins=None if stored.get("joins") is None else _words(stored["joins"], "joins"),
        priority=int(stored.get("priority") or 0),
    )
    _check(terms)
    return terms


def stored(terms: Terms) -> dict[str, Any]:
    """Will write terms as they are stored, what nobody asked for left out; terms_from reads them back the same."""
    plain: dict[str, Any] = {
        "kind": terms.kind.value,
        "validity": _stored_validity(terms.validity),
        "scope": {name: list(words) for name in Scope.__slots__ if (words := getattr(terms.scope, name))},
        "hours": [f"{time:%H:%M}" for time in terms.hours] if terms.hours else None,
        "uses_per_code": terms.uses_per_code,
        "joins": None if terms.joins is None else list(terms.joins),
        "group": terms.group if terms.group != GROUP else "",
    }
    for name in ("amount", "percent", "cap", "minimum", "budget"):
        value = getattr(terms, name)
        plain[name] = f"{value:f}" if value is not None and (value or name == "budget") else ""
    for name in ("gift", "first_order", "uses_per_member", "uses_total", "exclusive", "priority"):
        plain[name] = getattr(terms, name)
    for name in ("weekdays", "tiers"):
        plain[name] = list(getattr(terms, name))
    kept = ("uses_per_code", "joins") if terms.joins is not None else ("uses_per_code",)
    return {name: value for name, value in plain.items() if value or name in kept}


def _stored_validity(validity: Validity) -> dict[str, Any]:
    if validity.kind is ValidityKind.DAYS:
        return {"kind": validity.kind.value, "days": validity.days}
    dates = {"starts_on": validity.starts_on, "ends_on": validity.ends_on}
    return {"kind": validity.kind.value, **{name: date.isoformat() for name, date in dates.items() if date}}


def most_off(terms: Terms) -> Decimal | None:
    """Will return the most that one coupon of these terms can take off in all its uses; None where nothing says."""
    each = terms.amount if terms.kind is CouponKind.AMOUNT else terms.cap
    return None if each is None or terms.uses_per_code is None else each * terms.uses_per_code


def digest_of(names: Mapping[str, str], terms: Mapping[str, Any]) -> str:
    """Will return what equal names and terms, and only they, have in common: 64 hex digits."""
    return hashlib.sha256(json.dumps([dict(names), dict(terms)], sort_keys=True).encode()).hexdigest()


def _check(terms: Terms) -> None:
    """Will raise BadTerms where settings do not go together."""
    if terms.kind is CouponKind.AMOUNT and terms.amount <= 0:
        raise BadTerms("amount", "State how much it takes off, for example 10.00.")
    if terms.kind is CouponKind.PERCENT and not 0 < terms.percent <= 100:
        raise BadTerms("percent", "State how many percent it takes off, from 1 to 100.")
    if terms.kind is CouponKind.GIFT and not terms.gift:
        raise BadTerms("gift", "Name the article that is the gift by its SKU.")
    if terms.kind is not CouponKind.AMOUNT and terms.amount:
        raise BadTerms("amount", "Only a coupon for an amount has one.")
    if terms.kind is not CouponKind.PERCENT and terms.percent:
        raise BadTerms("percent", "Only a coupon for a share of the goods has percent.")
    if terms.cap is not None and terms.cap <= 0:
        raise BadTerms("cap", "The most that it takes off is more than nought, or left empty.")
    if terms.kind is CouponKind.AMOUNT and terms.cap is not None:
        raise BadTerms("cap", "A coupon for an amount takes off no more than that: leave the most empty.")
    if terms.kind is not CouponKind.GIFT and terms.gift:
        raise BadTerms("gift", "Only a coupon for a gift names one.")
    if terms.hours is not None and terms.hours[0] == terms.hours[1]:
        raise BadTerms("hours", "State from when to when, for example 18:00 and 22:00.")


def _kind(stored: Mapping[str, Any]) -> CouponKind:
    try:
        return CouponKind(stored.get("kind", ""))
    except ValueError:
        raise BadTerms("kind", "Say what the coupon gives: an amount, percent, free shipping or a gift.") from None


def _validity(stored: Mapping[str, Any]) -> Validity:
    try:
        kind = ValidityKind(stored.get("kind", ""))
    except ValueError:
        raise BadTerms("validity", "Say how long it is good: so many days, or between two dates.") from None
    try:
        days = int(stored.get("days") or 0)
        starts = dt.date.fromisoformat(stored["starts_on"]) if stored.get("starts_on") else None
        ends = dt.date.fromisoformat(stored["ends_on"]) if stored.get("ends_on") else None
    except (TypeError, ValueError):
        raise BadTerms("validity", "Use whole days and dates such as 2026-12-31.") from None
    if kind is ValidityKind.DAYS and not 0 <= days <= DAYS_MAX:
        raise BadTerms("validity", f"Use from 0 to {DAYS_MAX} days.")
    if starts and ends and ends < starts:
        raise BadTerms("validity", "It ends before it starts.")
    return Validity(kind, days, starts, ends)


def _amount(stored: Mapping[str, Any], name: str) -> Decimal | None:
    value = stored.get(name)
    if value is None or value == "":
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise BadTerms(name, f"{value} is no number.") from None
    if not amount.is_finite() or not 0 <= amount < AMOUNT_MAX:
        raise BadTerms(name, "Use a number from 0 up to a million million.")
    return amount


def _count(stored: Mapping[str, Any], name: str, otherwise: int | None) -> int | None:
    if name not in stored:
        return otherwise
    value = stored[name]
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdecimal() or not 1 <= int(value) < 2**31:
        raise BadTerms(name, "Use a whole number from 1, or leave it empty for any number.")
    return int(value)


def _words(values: Iterable[Any], name: str) -> tuple[str, ...]:
    if isinstance(values, str | Mapping):
        raise BadTerms(name, "Use a list.")
    return tuple(dict.fromkeys(str(value) for value in values))


def _scope(stored: Mapping[str, Any]) -> Scope:
    if unknown := sorted(set(stored) - set(Scope.__slots__)):
        raise BadTerms("scope", f"Lines cannot be chosen by {unknown[0]}.")
    return Scope(**{name: _words(values or [], "scope") for name, values in stored.items()})


def _weekdays(stored: Sequence[Any]) -> tuple[int, ...]:
    try:
        days = tuple(sorted({int(day) for day in stored}))
    except (TypeError, ValueError):
        raise BadTerms("weekdays", "Weekdays are numbers from 1, Monday, to 7.") from None
    if any(not 1 <= day <= 7 for day in days):
        raise BadTerms("weekdays", "Weekdays are numbers from 1, Monday, to 7.")
    return days


def _hours(stored: Sequence[Any] | None) -> tuple[dt.time, dt.time] | None:
    if not stored:
        return None
    try:
        starts, ends = (dt.time.fromisoformat(str(value)) for value in stored)
    except ValueError:
        raise BadTerms("hours", "State from when to when, for example 18:00 and 22:00.") from None
    return starts, ends


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why something is not used: a stable code, and the facts that failed, which benefits.wording says."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one coupon when it is asked about: its own counts, and those of its definition.

    `is_mine` is False where it was issued to another member; left counts are what is neither used nor held, None is
    any number.
    """

    starts_at: dt.datetime
    ends_at: dt.datetime | None
    is_mine: bool = True
    is_void: bool = False
    used: int = 0
    held: int = 0
    uses_max: int | None = 1
    member_left: int | None = None
    total_left: int | None = None
    budget_left: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Bearer:
    """The member who would use it: his tier, when in the programme's zone, and whether he has ordered before."""

    at: dt.datetime
    tier: str = ""
    has_ordered: bool = False


STATES = {
    "void": CouponState.VOID,
    "not_started": CouponState.COMING,
    "used": CouponState.USED,
    "lapsed": CouponState.LAPSED,
    "held": CouponState.HELD,
}
"""What a fault of a coupon itself says of its state."""


def fault_of(terms: Terms, standing: Standing, bearer: Bearer) -> Rejection | None:
    """Will return why a coupon cannot be used by a member now, whatever is in his cart; None where it can."""
    return _not_good(standing, bearer.at) or _not_for(terms, bearer) or _none_left(terms, standing)


def _not_good(standing: Standing, at: dt.datetime) -> Rejection | None:
    if not standing.is_mine:
        return Rejection("not_yours")
    if standing.is_void:
        return Rejection("void")
    if at < standing.starts_at:
        return Rejection("not_started", {"starts_at": standing.starts_at})
    if standing.uses_max is not None and standing.used >= standing.uses_max:
        return Rejection("used")
    if standing.ends_at is not None and at >= standing.ends_at:
        return Rejection("lapsed", {"ends_at": standing.ends_at})
    if standing.uses_max is not None and standing.used + standing.held >= standing.uses_max:
        return Rejection("held")
    return None


def state_of(standing: Standing, at: dt.datetime) -> CouponState:
    """Will return where a coupon itself stands at an instant, whoever would use it."""
    fault = _not_good(replace(standing, is_mine=True), at)
    return STATES[fault.code] if fault else CouponState.READY


def _not_for(terms: Terms, bearer: Bearer) -> Rejection | None:
    if terms.tiers and bearer.tier not in terms.tiers:
        return Rejection("tier", {"tiers": terms.tiers, "is": bearer.tier})
    if terms.first_order and bearer.has_ordered:
        return Rejection("not_first_order")
    if terms.weekdays and bearer.at.isoweekday() not in terms.weekdays:
        return Rejection("weekday", {"weekdays": terms.weekdays, "is": bearer.at.isoweekday()})
    if terms.hours and not _within(bearer.at.time(), *terms.hours):
        return Rejection("hour", {"starts": f"{terms.hours[0]:%H:%M}", "ends": f"{terms.hours[1]:%H:%M}"})
    return None


def _none_left(terms: Terms, standing: Standing) -> Rejection | None:
    if standing.member_left is not None and standing.member_left <= 0:
        return Rejection("member_limit", {"uses": terms.uses_per_member})
    if standing.total_left is not None and standing.total_left <= 0:
        return Rejection("total_limit", {"uses": terms.uses_total})
    if standing.budget_left is not None and standing.budget_left <= 0:
        return Rejection("budget", {})
    return None


def _within(time: dt.time, starts: dt.time, ends: dt.time) -> bool:
    """Half-open, and over midnight where it ends before it starts."""
    return starts <= time < ends if starts <= ends else time >= starts or time < ends
