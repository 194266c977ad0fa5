"""Kit's idea of formats: how rooms that put things into words ask for numbers, amounts and dates as people read them.

Rooms may not know the site, so a wording function takes a Formats; `membership_site.formats` is one, handed in whole.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings


class Formats(Protocol):
    """Numbers, amounts and dates in the reader's language."""

    def num(self, value: int | Decimal, /) -> str:
        """Will return a number with its thousands marked: 12,480."""

    def money(self, value: int | Decimal, /) -> str:
        """Will return an amount in full: CN¥1,280.00."""

    def money0(self, value: int | Decimal, /) -> str:
        """Will return an amount without empty cents: CN¥1,360."""

    def off(self, percent: Decimal, /) -> str:
        """Will return a share that is taken off as it is said: 15%, in Chinese 85折."""

    def pct(self, share: float | Decimal, /) -> str:
        """Will return a share of one as a percentage with one decimal: 46.5%."""

    def cal(self, moment: dt.date, skeleton: str = "yMMMd", /) -> str:
        """Will return a date with its year: 31 Mar 2027; by MMMd without it."""

    def clock(self, moment: dt.datetime, /) -> str:
        """Will write the time of day of the programme's zone."""

    def listing(self, words: Sequence[str], /, *, either: bool = False) -> str:
        """Will return words as a list: Silver, Gold and Diamond; with `either`, Silver, Gold or Diamond."""


@cache
def in_use() -> Formats:
    """Will return the formats of the site (settings.FORMATS), for words that are written where nobody hands them in."""
    return cast("Formats", import_module(settings.FORMATS))
