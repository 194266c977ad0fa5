"""Events of a tier: a seat is asked for while there are any. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benefits.enums import Family
from benefits.rules import cells
from benefits.rules.cells import Field, KindRules, Shape

FIELDS = (Field("seats", Shape.LIMIT), Field("times", Shape.LIMIT))


@dataclass(frozen=True, slots=True)
class Cell(cells.Cell):
    """What it is to one tier."""

    seats: int | None = None
    times: int | None = None

    def quota(self) -> int | None:
        """Will return how many seats a member may have in a period; None is any number."""
        return self.times

    def places(self) -> int | None:
        """Will return how many seats there are for all together in a period."""
        return self.seats

    def is_booked(self) -> bool:
        """Will say yes: a seat is asked for."""
        return True


def read(stored: Mapping[str, Any]) -> Cell:
    """Will read a stored cell; raises BadTerms naming the field."""
    return Cell(**cells.read(stored, FIELDS))


RULES = KindRules(Family.COUNTED, FIELDS, read)
