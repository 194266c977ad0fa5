"""The api's kinds of fields: ids, texts, amounts, instants, dates - strict, and saying how to mend what is wrong."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

from django.conf import settings
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from kit import clock
from kit.money import exponent_of
from members.rules import BadIdentity, email_identity, phone_identity
from orders import rules as orders_rules

INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
AMOUNT = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)
INTEGER_MAX = 2**31 - 1
EARLIEST_BIRTHDAY = dt.date(1900, 1, 1)


def wrong(code: str, sentence: str) -> PydanticCustomError:
    """Will make the error of a field; the sentence says how to mend it."""
    return PydanticCustomError(code, "{sentence}", {"sentence": sentence})


def stated_wrongly(error: orders_rules.BadStatement) -> PydanticCustomError:
    """Will make the error of a field from what the rules of orders say of it."""
    return wrong(error.code, str(error))


# ---- texts


def _no_controls(text: str) -> str:
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise wrong("characters", "Leave out control characters such as line breaks and tabs.")
    return text


def _tidied(text: str) -> str:
    """A line break in a product's name is no reason to refuse an order."""
    return " ".join("".join(" " if unicodedata.category(char) == "Cc" else char for char in text).split())


def _storable(text: str) -> str:
    if "\x00" in text:
        raise wrong("characters", "It has a character that cannot be stored.")
    return text


def _source(text: str) -> str:
    if "/" in text or text != text.strip():
        raise wrong("format", "A source has no slash in it and no space at its ends.")
    return _no_controls(text)


def _none_is_empty(value: Any) -> Any:
    return "" if value is None else value


ID_MAX = orders_rules.ID_LENGTH_MAX
TIDIED = (BeforeValidator(_none_is_empty), AfterValidator(_tidied))

Id: TypeAlias = Annotated[
    str,
    Field(min_length=1, max_length=ID_MAX, description="An id of yours: any characters but control characters."),
    AfterValidator(_no_controls),
]
Source: TypeAlias = Annotated[
    str,
    Field(
        min_length=1, max_length=40, description="Which of your systems: web, pos, amazon. Ids are unique within one."
    ),
    AfterValidator(_source),
]
Word: TypeAlias = Annotated[str, Field(max_length=ID_MAX), *TIDIED]
Name: TypeAlias = Annotated[str, Field(max_length=orders_rules.TEXT_LENGTH_MAX), *TIDIED]
PersonName: TypeAlias = Annotated[str, Field(max_length=120), *TIDIED]
EventType: TypeAlias = Annotated[
    str,
    Field(
        min_length=1,
        max_length=60,
        description="review, share, check_in, profile_completed, survey, referral, or a type of your own.",
    ),
    AfterValidator(_no_controls),
]
Sentence: TypeAlias = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_storable)]
Whole: TypeAlias = Annotated[int, Field(strict=True, ge=0, le=INTEGER_MAX)]
Quantity: TypeAlias = Annotated[int, Field(strict=True, ge=1, le=orders_rules.QUANTITY_MAX, description="Whole units.")]


def _email(text: str) -> str:
    return _identity(lambda: email_identity(text).value)


def _phone(text: str) -> str:
    return _identity(lambda: phone_identity(text).value)


def _identity(make: Callable[[], str]) -> str:
    try:
        return make()
    except BadIdentity as error:
        raise wrong("identity", str(error)) from error


Email: TypeAlias = Annotated[str, Field(max_length=254), AfterValidator(_no_controls), AfterValidator(_email)]
Phone: TypeAlias = Annotated[
    str,
    Field(max_length=40, description="With its country: +8613800138000."),
    AfterValidator(_no_controls),
    AfterValidator(_phone),
]


def _external(text: str) -> str:
    text = text.strip()
    if not text:
        raise wrong("missing", "An external id has at least one character.")
    if not text.isprintable():
        raise wrong("characters", "An external id has printable characters only.")
    return text


ExternalId: TypeAlias = Annotated[
    str,
    Field(min_length=1, max_length=ID_MAX, description="The id the member has in your system."),
    AfterValidator(_external),
]
MemberNumber: TypeAlias = Annotated[
    str,
    Field(min_length=1, max_length=20, description="The number on the member's card."),
    AfterValidator(_tidied),
    AfterValidator(str.upper),
]


# ---- amounts


def amount_of(value: Any) -> Decimal:
    """Will read an amount of the programme's currency from text or a JSON number, exactly; never through a float."""
    if isinstance(value, str):
        if not AMOUNT.fullmatch(value):
            raise wrong("amount", "Write an amount such as 120.50, as text or as a number.")
        value = Decimal(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value) if abs(value) < 10**30 else Decimal("Infinity")
    elif not isinstance(value, Decimal):
        raise wrong("type", "Write an amount such as 120.50, as text or as a number.")
    try:
        orders_rules.check_amount(value, "It", exponent_of(settings.PROGRAMME_CURRENCY))
    except orders_rules.BadStatement as error:
        raise stated_wrongly(error) from error
    amount: Decimal = value
    return amount


def money_text(amount: Decimal) -> str:
    """Will write an amount with as many decimals as the programme's currency has: 120.50."""
    return str(amount.quantize(Decimal(1).scaleb(-exponent_of(settings.PROGRAMME_CURRENCY))))


AMOUNT_SCHEMA = {
    "anyOf": [{"type": "string", "pattern": r"^\d{1,12}(\.\d+)?$"}, {"type": "number", "minimum": 0}],
    "description": "An amount of the programme's currency, as text (kept exactly) or as a number.",
    "examples": ["120.50"],
}
Amount: TypeAlias = Annotated[Decimal, BeforeValidator(amount_of), WithJsonSchema(AMOUNT_SCHEMA)]


# ---- time


def instant_of(value: Any) -> dt.datetime:
    """Will read an RFC 3339 instant that lies between 1990 and a day from now."""
    text = value if isinstance(value, str) else ""
    if not INSTANT.fullmatch(text):
        raise wrong("instant", "Write an instant with its offset, such as 2026-03-03T12:00:00+08:00.")
    try:
        at = dt.datetime.fromisoformat(text.upper())
        at.astimezone(dt.UTC)
        orders_rules.check_instant(at, "It", clock.now())
    except orders_rules.BadStatement as error:
        raise stated_wrongly(error) from error
    except (ValueError, OverflowError) as error:
        raise wrong("instant", f"{text} is no date or time of day that exists.") from error
    return at


def as_of(text: str) -> dt.datetime:
    """Will read an instant, or a date as the last instant of that business date."""
    if not DATE.fullmatch(text):
        # A plus in an address that was not encoded arrives as a space.
        return instant_of(text[:-6] + "+" + text[-5:] if text[-6:-5] == " " else text)
    date = date_of(text)
    if not orders_rules.EARLIEST.date() <= date <= clock.business_date(clock.now()) + orders_rules.FUTURE_MAX:
        raise wrong("instant", "Ask for a date from 1990 to today.")
    return clock.day_end(date)


def date_of(value: Any) -> dt.date:
    """Will read a date that exists, written 2026-03-03."""
    if not isinstance(value, str) or not DATE.fullmatch(value):
        raise wrong("date", "Write a date such as 2026-03-03.")
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise wrong("date", f"{value} is no date that exists.") from error


def _birthday(value: Any) -> dt.date:
    date = date_of(value)
    if not EARLIEST_BIRTHDAY <= date <= clock.business_date(clock.now()):
        raise wrong("date", "A birthday lies between 1900 and today.")
    return date


def _rfc3339(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


Instant: TypeAlias = Annotated[
    dt.datetime, BeforeValidator(instant_of), WithJsonSchema({"type": "string", "format": "date-time"})
]
Birthday: TypeAlias = Annotated[
    dt.date, BeforeValidator(_birthday), WithJsonSchema({"type": "string", "format": "date"})
]
AnsweredInstant: TypeAlias = Annotated[
    dt.datetime, PlainSerializer(_rfc3339), WithJsonSchema({"type": "string", "format": "date-time"})
]


# ---- properties of an event


def properties_of(value: Any) -> Any:
    """Will turn exact numbers in an event's properties into what JSON keeps; a number out of reach is refused."""
    if isinstance(value, dict):
        return {name: properties_of(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [properties_of(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**63:
        raise wrong("range", "A number in it is out of reach; send it as text.")
    if isinstance(value, Decimal):
        number = float(value)
        if number in (float("inf"), float("-inf")):
            raise wrong("range", "A number in it is out of reach; send it as text.")
        return number
    return value


Properties: TypeAlias = Annotated[
    dict[str, Any],
    BeforeValidator(properties_of),
    Field(max_length=100, description='Whatever you like to keep; {"photo": true} makes a review one with a photo.'),
]
