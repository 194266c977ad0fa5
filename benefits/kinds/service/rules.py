"""A service of a tier: as often as asked or so often a period, with a booking where it takes one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benefits.enums import Family
from benefits.rules import cells
from benefits.rules.cells import Field, KindRules, Shape

FIELDS = (Field("times", Shape.LIMIT), Field("booking", Shape.FLAG, otherwise=False))


@dataclass(frozen=True, slots=True)
class Cell(cells.Cell):
    """What it is to one tier."""

    times: int | None = None
    booking: bool = False

    def quota(self) -> int | None:
        """Will return how often in a period; None is always."""
        return self.times

    def is_booked(self) -> bool:
        """Will say whether the member asks for a time and the staff answer."""
        return self.booking


def read(stored: Mapping[str, Any]) -> Cell:
    """Will read a stored cell; raises BadTerms naming the field."""
    return Cell(**cells.read(stored, FIELDS))


RULES = KindRules(Family.COUNTED, FIELDS, read)
