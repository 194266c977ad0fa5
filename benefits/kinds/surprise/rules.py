"""A surprise of a tier: a prize for those who are drawn. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from benefits.enums import Family, Occasion
from benefits.rules import cells
from benefits.rules.cells import Field, KindRules, Shape, Thing, ThingKind
from benefits.rules.coupons import BadTerms

FIELDS = (
    Field("winners", Shape.COUNT),
    Field("percent", Shape.PERCENT),
    Field("coupon", Shape.COUPON),
    Field("item", Shape.ITEM),
    Field("pool", Shape.POOL),
)


@dataclass(frozen=True, slots=True)
class Cell(cells.Cell):
    """What it is to one tier."""

    winners: int | None = None
    percent: Decimal | None = None
    coupon: str | None = None
    item: str | None = None
    pool: str | None = None

    def things(self) -> tuple[Thing, ...]:
        """Will return what a winner gets."""
        named = ((ThingKind.COUPON, self.coupon), (ThingKind.ITEM, self.item), (ThingKind.POOL, self.pool))
        return tuple(Thing(kind, code) for kind, code in named if code)

    def draws(self, members: int) -> int:
        """Will return how many win: so many, or a share rounded up, so that somebody does."""
        if self.percent is not None:
            return math.ceil(self.percent * members / 100)
        return min(self.winners or 0, members)


def read(stored: Mapping[str, Any]) -> Cell:
    """Will read a stored cell; raises BadTerms naming the field."""
    cell = Cell(**cells.read(stored, FIELDS))
    if not cell.things():
        raise BadTerms("coupon", "Choose what a winner gets: a coupon, a gift or a partner's code.")
    if (cell.winners is None) == (cell.percent is None):
        raise BadTerms("winners", "Say how many win: so many, or a share in percent.")
    return cell


RULES = KindRules(Family.ISSUED, FIELDS, read, (Occasion.MONTHLY, Occasion.QUARTERLY))
