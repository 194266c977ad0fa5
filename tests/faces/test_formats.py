"""Formats: the same value in three languages."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation

from membership_site import formats

UTC = dt.UTC
LANGUAGES = ("en", "zh-hans", "zh-hant")


@pytest.fixture(autouse=True)
def _programme(settings: object) -> None:
    settings.PROGRAMME_CURRENCY = "HKD"
    settings.PROGRAMME_TIME_ZONE = "Asia/Shanghai"


def said(function: str, *args: object) -> list[str]:
    """Will return what a format says in English, Simplified and Traditional Chinese."""
    words = []
    for language in LANGUAGES:
        with translation.override(language):
            words.append(getattr(formats, function)(*args))
    return words


@pytest.mark.parametrize(
    ("function", "args", "words"),
    [
        ("num", (12480,), ["12,480"] * 3),
        ("num", (-5,), ["−5"] * 3),
        ("signed", (960,), ["+960"] * 3),
        ("signed", (-2000,), ["−2,000"] * 3),
        ("signed", (0,), ["0"] * 3),
        ("compact", (1_280_000,), ["1.3M", "128万", "1.3M"]),
        ("compact", (950,), ["950"] * 3),
        ("pct", (Decimal("0.465"),), ["46.5%"] * 3),
        ("pct", (0.05, 0), ["5%"] * 3),
        ("signed_pct", (-0.021,), ["−2.1%"] * 3),
        # Hong Kong writes short numbers in K and M, as CLDR has it
        ("money", (Decimal(1280),), ["HK$1,280.00"] * 3),
        ("money", (Decimal("-12.5"),), ["−HK$12.50"] * 3),
        ("money0", (Decimal("1360.00"),), ["HK$1,360"] * 3),
        ("money0", (Decimal("1360.40"),), ["HK$1,360.40"] * 3),
        ("cal", (dt.date(2027, 3, 31),), ["31 Mar 2027", "2027年3月31日", "2027年3月31日"]),
        ("cal", (dt.date(2026, 12, 5), "MMMd"), ["5 Dec", "12月5日", "12月5日"]),
        ("cal", (dt.date(2026, 11, 1), "yMMMM"), ["November 2026", "2026年11月", "2026年11月"]),
        ("near", (dt.date(2026, 12, 5), dt.date(2026, 11, 22)), ["5 Dec", "12月5日", "12月5日"]),
        ("near", (dt.date(2027, 12, 5), dt.date(2026, 11, 22)), ["5 Dec 2027", "2027年12月5日", "2027年12月5日"]),
        ("listing", (["A", "B", "C"],), ["A, B and C", "A、B和C", "A、B及C"]),
        ("prose", (["一。", "二。"],), ["一。 二。", "一。二。", "一。二。"]),
    ],
)
def test_a_value_reads_naturally(function: str, args: tuple[object, ...], words: list[str]) -> None:
    """What stands in the three columns is what a reader of that language writes."""
    assert said(function, *args) == words


def test_an_instant_is_shown_on_the_programmes_wall_clock() -> None:
    """16:31 in Greenwich is 00:31 on the next day in Shanghai."""
    at = dt.datetime(2026, 11, 10, 16, 31, tzinfo=UTC)
    assert said("cal", at, "yMMMd")[0] == "11 Nov 2026"
    assert said("cal", at, "Hm") == ["00:31"] * 3


def test_a_currency_without_cents_has_none(settings: object) -> None:
    """Yen have no decimals, whatever the pattern says."""
    settings.PROGRAMME_CURRENCY = "JPY"
    assert said("money", 1280)[0].endswith("1,280")


def test_an_unknown_skeleton_is_refused() -> None:
    """Babel would raise KeyError in one language and not in another."""
    with pytest.raises(ValueError, match="MMMdHm"):
        formats.cal(dt.date(2026, 1, 1), "MMMdHm")
