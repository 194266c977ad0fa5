"""A pack of coupons of a tier: several at a time. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benefits.enums import Family
from benefits.rules import cells
from benefits.rules.cells import ANY_OCCASION, Field, KindRules, Shape, Thing, ThingKind

FIELDS = (Field("coupons", Shape.COUPONS, needed=True),)


@dataclass(frozen=True, slots=True)
class Cell(cells.Cell):
    """What it is to one tier."""

    coupons: tuple[tuple[str, int], ...]

    def things(self) -> tuple[Thing, ...]:
        """Will return each coupon, so many times."""
        return tuple(Thing(ThingKind.COUPON, code, count) for code, count in self.coupons)


def read(stored: Mapping[str, Any]) -> Cell:
    """Will read a stored cell; raises BadTerms naming the field."""
    return Cell(**cells.read(stored, FIELDS))


RULES = KindRules(Family.ISSUED, FIELDS, read, ANY_OCCASION)
