"""A coupon of a tier: so many of one at a time. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benefits.enums import Family
from benefits.rules import cells
from benefits.rules.cells import ANY_OCCASION, Field, KindRules, Shape, Thing, ThingKind

FIELDS = (Field("coupon", Shape.COUPON, needed=True), Field("count", Shape.COPIES, otherwise=1))


@dataclass(frozen=True, slots=True)
class Cell(cells.Cell):
    """What it is to one tier."""

    coupon: str
    count: int = 1

    def things(self) -> tuple[Thing, ...]:
        """Will return the coupon, so many times."""
        return (Thing(ThingKind.COUPON, self.coupon, self.count),)


def read(stored: Mapping[str, Any]) -> Cell:
    """Will read a stored cell; raises BadTerms naming the field."""
    return Cell(**cells.read(stored, FIELDS))


RULES = KindRules(Family.ISSUED, FIELDS, read, ANY_OCCASION)
