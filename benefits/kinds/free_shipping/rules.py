"""Free shipping of a tier: so often a period, or always. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benefits.enums import Family
from benefits.rules import cells
from benefits.rules.cells import Field, KindRules, Shape

FIELDS = (Field("times", Shape.LIMIT),)


@dataclass(frozen=True, slots=True)
class Cell(cells.Cell):
    """What it is to one tier."""

    times: int | None = None

    def quota(self) -> int | None:
        """Will return how often in a period; None is always."""
        return self.times


def read(stored: Mapping[str, Any]) -> Cell:
    """Will read a stored cell; raises BadTerms naming the field."""
    return Cell(**cells.read(stored, FIELDS))


RULES = KindRules(Family.COUNTED, FIELDS, read)
