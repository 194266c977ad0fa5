"""What a tier gives around a birthday: a coupon, a gift, or both. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benefits.enums import Family, Occasion
from benefits.rules import cells
from benefits.rules.cells import Field, KindRules, Shape, Thing, ThingKind
from benefits.rules.coupons import BadTerms

FIELDS = (Field("coupon", Shape.COUPON), Field("item", Shape.ITEM))


@dataclass(frozen=True, slots=True)
class Cell(cells.Cell):
    """What it is to one tier."""

    coupon: str | None = None
    item: str | None = None

    def things(self) -> tuple[Thing, ...]:
        """Will return the coupon and the gift."""
        both = ((ThingKind.COUPON, self.coupon), (ThingKind.ITEM, self.item))
        return tuple(Thing(kind, code) for kind, code in both if code)


def read(stored: Mapping[str, Any]) -> Cell:
    """Will read a stored cell; raises BadTerms naming the field."""
    cell = Cell(**cells.read(stored, FIELDS))
    if not cell.things():
        raise BadTerms("coupon", "Choose a coupon, a gift, or both.")
    return cell


RULES = KindRules(Family.ISSUED, FIELDS, read, (Occasion.BIRTHDAY,))
