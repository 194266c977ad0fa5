"""Member days of a tier: on some days of the month, so many percent off. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from benefits.enums import Family
from benefits.rules import cells
from benefits.rules.cells import Field, KindRules, Shape

FIELDS = (
    Field("days", Shape.DAYS, needed=True),
    Field("percent", Shape.PERCENT, needed=True),
    Field("cap", Shape.CAP),
)


@dataclass(frozen=True, slots=True)
class Cell(cells.Cell):
    """What it is to one tier."""

    days: tuple[int, ...]
    percent: Decimal
    cap: Decimal | None = None

    def is_on(self, date: dt.date) -> bool:
        """Will say whether a date is one of them; a day that a month does not have is not made up."""
        return date.day in self.days


def read(stored: Mapping[str, Any]) -> Cell:
    """Will read a stored cell; raises BadTerms naming the field."""
    return Cell(**cells.read(stored, FIELDS))


RULES = KindRules(Family.OPEN, FIELDS, read)
