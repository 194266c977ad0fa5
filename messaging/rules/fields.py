"""The fields that a template may name: of which kind each is, whether it can be missing, and an example. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

LANGUAGES = ("en", "zh-hans", "zh-hant")
"""The languages in which members are written to; the first stands in for one that is unknown."""


class Kind(StrEnum):
    """What a field holds, which decides how it is written and what may be done to it."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    URL = "url"
    LIST = "list"


class Group(StrEnum):
    """Who knows a field's value: the member's records, what caused the message, or the sender at the last moment."""

    MEMBER = "member"
    MESSAGE = "message"
    SENDING = "sending"


@dataclass(frozen=True, slots=True)
class Field:
    """A field; `example` is one value, or one by language; `items` are the fields of each row of a list."""

    code: str
    kind: Kind
    example: Any
    can_be_missing: bool = False
    group: Group = Group.MEMBER
    items: tuple["Field", ...] = ()

    def example_in(self, language: str) -> Any:
        """Will return the example as a value in a language."""
        if self.kind is Kind.LIST:
            return [{item.code: item.example_in(language) for item in self.items}] * 2
        return by_language(self.example, language)


def _names(en: str, hans: str, hant: str) -> dict[str, str]:
    return {"en": en, "zh-hans": hans, "zh-hant": hant}


_GOLD = _names("Gold", "金卡", "金卡")
_SILVER = _names("Silver", "银卡", "銀卡")
_COUPON = _names("20% off, up to 50", "8折，最多减50", "8折，最多減50")
_DAY = dt.date(2027, 3, 31)


def _of_message(code: str, kind: Kind, example: Any) -> Field:
    return Field(code, kind, example, can_be_missing=True, group=Group.MESSAGE)


CATALOGUE: Mapping[str, Field] = {
    field.code: field
    for field in (
        Field("name", Kind.TEXT, _names("Lin Wei", "林薇", "林薇"), can_be_missing=True),
        Field("first_name", Kind.TEXT, _names("Wei", "林薇", "林薇"), can_be_missing=True),
        Field("number", Kind.TEXT, "M0001234"),
        Field("programme_name", Kind.TEXT, "Fernway Circle"),
        Field("joined_on", Kind.DATE, dt.date(2025, 11, 3), can_be_missing=True),
        Field("birthday_month", Kind.NUMBER, 5, can_be_missing=True),
        Field("tier", Kind.TEXT, _GOLD, can_be_missing=True),
        Field("tier_until", Kind.DATE, _DAY, can_be_missing=True),
        Field("next_tier", Kind.TEXT, _names("Diamond", "钻石卡", "鑽石卡"), can_be_missing=True),
        Field("to_next_tier", Kind.AMOUNT, Decimal(1360), can_be_missing=True),
        Field("points", Kind.NUMBER, 12480),
        Field("points_worth", Kind.AMOUNT, Decimal("124.80")),
        Field("points_expiring", Kind.NUMBER, 2000, can_be_missing=True),
        Field("points_expiring_on", Kind.DATE, _DAY, can_be_missing=True),
        Field("growth", Kind.NUMBER, 5420),
        Field("coupons_ready", Kind.NUMBER, 3),
        Field(
            "coupons",
            Kind.LIST,
            (),
            items=(Field("name", Kind.TEXT, _COUPON), Field("until", Kind.DATE, _DAY)),
        ),
        _of_message("from_tier", Kind.TEXT, _SILVER),
        _of_message("to_tier", Kind.TEXT, _GOLD),
        _of_message("valid_until", Kind.DATE, _DAY),
        _of_message("falls_on", Kind.DATE, dt.date(2027, 4, 30)),
        _of_message("days_before", Kind.NUMBER, 30),
        _of_message("more_spend", Kind.AMOUNT, Decimal(1360)),
        _of_message("more_orders", Kind.NUMBER, 4),
        _of_message("points_given", Kind.NUMBER, 120),
        _of_message("points_taken", Kind.NUMBER, 60),
        _of_message("points_spent", Kind.NUMBER, 1000),
        _of_message("points_ending", Kind.NUMBER, 2000),
        _of_message("ends_on", Kind.DATE, _DAY),
        _of_message("order_number", Kind.TEXT, "A-10045"),
        _of_message("order_amount", Kind.AMOUNT, Decimal("288.00")),
        _of_message("refund_amount", Kind.AMOUNT, Decimal("144.00")),
        _of_message("reward_name", Kind.TEXT, _names("10 off from 20", "满20减10", "滿20減10")),
        _of_message("coupon_name", Kind.TEXT, _COUPON),
        _of_message("coupon_code", Kind.TEXT, "7KQM-2XVF-9T"),
        _of_message("coupon_until", Kind.DATE, _DAY),
        _of_message("multiplier", Kind.NUMBER, 2),
        _of_message("starts_on", Kind.DATE, dt.date(2027, 3, 1)),
        _of_message("code", Kind.TEXT, "204519"),
        _of_message("minutes", Kind.NUMBER, 10),
        Field("unsubscribe_url", Kind.URL, "https://shop.example/unsubscribe/1f0c", group=Group.SENDING),
        Field("preferences_url", Kind.URL, "https://shop.example/messages/", group=Group.SENDING),
        Field("satisfaction_url", Kind.URL, "https://shop.example/satisfied/1f0c", group=Group.SENDING),
        Field("recommendation_url", Kind.URL, "https://shop.example/recommend/1f0c", group=Group.SENDING),
        Field("inbox_url", Kind.URL, "https://shop.example/inbox/", group=Group.SENDING),
        Field("open_url", Kind.URL, "https://shop.example/o/1f0c.gif", group=Group.SENDING),
    )
}
"""Every field there is, by its code, in the order in which the editor lists them."""

NUMBER_MAX = 10**15
"""Nothing that a programme counts comes near it; what does is no value."""
LINKS = "links"
"""The map of links that a compiled template follows: {{ links.l1 }}."""


def by_language(value: Any, language: str) -> Any:
    """Will return a text that is kept by language in one of them, or in the first it has; another value as it is."""
    if isinstance(value, Mapping):
        return value.get(language) or value.get(LANGUAGES[0]) or next(iter(value.values()), "")
    return value


def read_value(field: Field, value: Any, language: str) -> Any:
    """Will return a plain value, as rows keep it, as what a field of its kind holds; None for what it cannot be."""
    value = by_language(value, language)
    try:
        return READERS[field.kind](value) if value is not None and value != "" else None
    except (ValueError, ArithmeticError, TypeError):
        return None


def _date(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)[:10])


def _number(value: Any) -> int:
    number = int(value)
    if abs(number) >= NUMBER_MAX:
        raise ValueError
    return number


def _amount(value: Any) -> Decimal:
    amount = Decimal(str(value))
    if not amount.is_finite() or abs(amount) >= NUMBER_MAX:
        raise ValueError
    return amount if amount == int(amount) else amount.quantize(Decimal("0.001"))


READERS: Mapping[Kind, Any] = {
    Kind.TEXT: str,
    Kind.URL: str,
    Kind.NUMBER: _number,
    Kind.AMOUNT: _amount,
    Kind.DATE: _date,
    Kind.LIST: lambda rows: [dict(row) for row in rows],
}


def examples(language: str, codes: Iterable[str] = tuple(CATALOGUE)) -> dict[str, Any]:
    """Will return an example of each field in a language."""
    return {code: CATALOGUE[code].example_in(language) for code in codes}
