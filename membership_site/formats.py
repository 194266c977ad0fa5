"""The site's formats: every number, amount and date people read, in their language (Babel, CLDR)."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from babel import dates, lists, numbers
from django.conf import settings
from django.utils.translation import get_language, pgettext

Number: TypeAlias = int | float | Decimal

LOCALES = {"en": "en_GB", "zh-hans": "zh_Hans_CN", "zh-hant": "zh_Hant_HK"}

# Babel raises KeyError for a skeleton that a locale lacks, so only these are allowed.
SKELETONS = frozenset({"yMMMd", "MMMd", "yMMM", "yMMMM", "E"})

MINUS = "\N{MINUS SIGN}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

# Within this many days of today a date is in no doubt without its year.
NEAR_DAYS = 330

# A message says a number in its text and in its HTML, and Babel reads the pattern of a locale anew each time.
WRITTEN_KEPT = 4096


def locale() -> str:
    """Will return the CLDR locale of the reader's language."""
    return LOCALES.get((get_language() or "").lower(), "en_GB")


# ---- numbers


def num(value: Number) -> str:
    """Will return a number with its thousands marked: 12,480."""
    return _decimal(value, locale())


def signed(value: Number) -> str:
    """Will return a number with its sign, plus included: +960, −2,000, 0."""
    return _sign(value) + numbers.format_decimal(_without_sign(value), locale=locale())


def compact(value: Number) -> str:
    """Will return a short number for key figures and axes: 1.3M, 128万."""
    text = numbers.format_compact_decimal(value, locale=locale(), fraction_digits=1)
    return _with_minus(text.replace(NO_BREAK_SPACE, " "))


def pct(share: Number, digits: int = 1) -> str:
    """Will return a share of one as a percentage: 0.465 is 46.5%."""
    return _with_minus(numbers.format_percent(share, locale=locale(), format=_percent_pattern(digits)))


def off(percent: Decimal) -> str:
    """Will return a share that is taken off as it is said: 15%; in Chinese by what is left of ten, 85折 or 9折."""
    if not locale().startswith("zh"):
        return f"{num(percent)}%"
    left = 100 - percent
    in_hundred = left > 10 and left % 10 and left == int(left)
    return f"{num(left if in_hundred else left / 10)}折"


def signed_pct(share: Number, digits: int = 1) -> str:
    """Will return a change as a percentage with its sign: +6.2%, −2.1%."""
    return _sign(share) + numbers.format_percent(_without_sign(share), locale=locale(), format=_percent_pattern(digits))


# ---- money, in the programme's currency whatever the language


def money(value: Number) -> str:
    """Will return an amount in full: CN¥1,280.00."""
    return _amount(value, settings.PROGRAMME_CURRENCY, locale(), has_cents=True)


def money0(value: Number) -> str:
    """Will return an amount without empty cents, for sentences about progress: CN¥1,360, but CN¥1,360.40."""
    if value != int(value):
        return money(value)
    return _amount(value, settings.PROGRAMME_CURRENCY, locale(), has_cents=False)


def compact_money(value: Number) -> str:
    """Will return a short amount for key figures and axes: CN¥1.28M, ¥128万."""
    digits = 2 if locale().startswith("en") else 0
    text = numbers.format_compact_currency(value, settings.PROGRAMME_CURRENCY, locale=locale(), fraction_digits=digits)
    return _with_minus(text.replace(NO_BREAK_SPACE, ""))


# ---- dates and times, in the programme's time zone


def cal(moment: dt.date | dt.datetime, skeleton: str = "yMMMd") -> str:
    """Will return a date by one of SKELETONS, or "Hm" for the time of day; raises ValueError for another."""
    moment = local(moment)
    if skeleton == "Hm":
        if not isinstance(moment, dt.datetime):
            raise ValueError("A date has no time of day")
        return dates.format_time(moment, "HH:mm", locale=locale())
    if skeleton not in SKELETONS:
        raise ValueError(f"{skeleton!r} is not one of {', '.join(sorted(SKELETONS))}")
    return dates.format_skeleton(skeleton, moment, locale=locale())


def near(moment: dt.date | dt.datetime, today: dt.date) -> str:
    """Will return a date, with its year only where there could be doubt: 5 Dec, or 31 Mar 2027."""
    date = business_date(moment)
    return cal(date, "MMMd" if abs((date - today).days) <= NEAR_DAYS else "yMMMd")


def ago(moment: dt.datetime, now: dt.datetime) -> str:
    """Will return how long it is from now in words: 3 weeks ago, in 2 days."""
    return dates.format_timedelta(moment - now, add_direction=True, locale=locale())


def local(moment: dt.date | dt.datetime) -> dt.date | dt.datetime:
    """Will return an instant as the programme's wall clock shows it; a date stays as it is."""
    if isinstance(moment, dt.datetime) and moment.tzinfo is not None:
        return moment.astimezone(ZoneInfo(settings.PROGRAMME_TIME_ZONE)).replace(tzinfo=None)
    return moment


def clock(moment: dt.datetime) -> str:
    """Will write the time of day of the programme's zone, on the 24-hour clock."""
    return f"{local(moment):%H:%M}"


def business_date(moment: dt.date | dt.datetime) -> dt.date:
    """Will return the local date of an instant in the programme's time zone; a date stays as it is."""
    moment = local(moment)
    return moment.date() if isinstance(moment, dt.datetime) else moment


# ---- words


def prose(sentences: Sequence[str]) -> str:
    """Will return sentences one after the other; in Chinese nothing stands between them."""
    return ("" if locale().startswith("zh") else " ").join(sentences)


def listing(words: Sequence[str], *, either: bool = False) -> str:
    """Will return words as a list: Silver, Gold and Diamond; with `either`, Silver, Gold or Diamond."""
    return lists.format_list(list(words), style="or" if either else "standard", locale=locale())


# ---- leaves


def facts(words: Sequence[str]) -> str:
    """Will put short facts behind one another: 5,420 counted; 1,360 to Gold."""
    return pgettext("between two facts", "; ").join(filter(None, words))


def _sign(value: Number) -> str:
    return "+" if value > 0 else MINUS if value < 0 else ""


def _without_sign(value: Number) -> Number:
    return -value if value < 0 else value


@lru_cache(maxsize=WRITTEN_KEPT, typed=True)
def _decimal(value: Number, locale_name: str) -> str:
    return _with_minus(numbers.format_decimal(value, locale=locale_name))


@lru_cache(maxsize=WRITTEN_KEPT, typed=True)
def _amount(value: Number, currency: str, locale_name: str, *, has_cents: bool) -> str:
    pattern = "¤#,##0.00" if has_cents else "¤#,##0"
    text = numbers.format_currency(value, currency, format=pattern, locale=locale_name, currency_digits=has_cents)
    return _with_minus(text.replace(NO_BREAK_SPACE, ""))


def _with_minus(text: str) -> str:
    return text.replace("-", MINUS)


def _percent_pattern(digits: int) -> str:
    return "#,##0." + "0" * digits + "%" if digits else "#,##0%"
