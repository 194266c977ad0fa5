"""A trial of a tier: a product to try, asked for by the member and sent once the staff agree. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benefits.enums import Family
from benefits.rules import cells
from benefits.rules.cells import Field, KindRules, Shape, Thing, ThingKind

FIELDS = (Field("item", Shape.ITEM, needed=True), Field("times", Shape.LIMIT, otherwise=1), Field("seats", Shape.LIMIT))


@dataclass(frozen=True, slots=True)
class Cell(cells.Cell):
    """What it is to one tier."""

    item: str
    times: int | None = 1
    seats: int | None = None

    def things(self) -> tuple[Thing, ...]:
        """Will return the product, which is sent when the staff agree."""
        return (Thing(ThingKind.ITEM, self.item),)

    def quota(self) -> int | None:
        """Will return how many a member may try in a period."""
        return self.times

    def places(self) -> int | None:
        """Will return how many there are for all together in a period."""
        return self.seats

    def is_booked(self) -> bool:
        """Will say yes: it is asked for."""
        return True


def read(stored: Mapping[str, Any]) -> Cell:
    """Will read a stored cell; raises BadTerms naming the field."""
    return Cell(**cells.read(stored, FIELDS))


RULES = KindRules(Family.ISSUED, FIELDS, read)
