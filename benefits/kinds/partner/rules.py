"""What a partner gives to a tier: a code of a pool. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benefits.enums import Family
from benefits.rules import cells
from benefits.rules.cells import ANY_OCCASION, Field, KindRules, Shape, Thing, ThingKind

FIELDS = (Field("pool", Shape.POOL, needed=True),)


@dataclass(frozen=True, slots=True)
class Cell(cells.Cell):
    """What it is to one tier."""

    pool: str

    def things(self) -> tuple[Thing, ...]:
        """Will return a code of the pool."""
        return (Thing(ThingKind.POOL, self.pool),)


def read(stored: Mapping[str, Any]) -> Cell:
    """Will read a stored cell; raises BadTerms naming the field."""
    return Cell(**cells.read(stored, FIELDS))


RULES = KindRules(Family.ISSUED, FIELDS, read, ANY_OCCASION)
