"""A gift of a tier: a thing that is sent. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benefits.enums import Family
from benefits.rules import cells
from benefits.rules.cells import ANY_OCCASION, Field, KindRules, Shape, Thing, ThingKind

FIELDS = (Field("item", Shape.ITEM, needed=True),)


@dataclass(frozen=True, slots=True)
class Cell(cells.Cell):
    """What it is to one tier."""

    item: str

    def things(self) -> tuple[Thing, ...]:
        """Will return the gift."""
        return (Thing(ThingKind.ITEM, self.item),)


def read(stored: Mapping[str, Any]) -> Cell:
    """Will read a stored cell; raises BadTerms naming the field."""
    return Cell(**cells.read(stored, FIELDS))


RULES = KindRules(Family.ISSUED, FIELDS, read, ANY_OCCASION)
