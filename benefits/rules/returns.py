"""What comes back of a discount with the units of an order that come back. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from kit.money import part_of


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back of one taking by now: by line, altogether, and what that adds to what had come back before."""

    lines: Mapping[str, Decimal] = field(default_factory=dict)
    total: Decimal = Decimal(0)
    added: Decimal = Decimal(0)


def returned_share(
    lines: Mapping[str, Decimal],
    shipping: Decimal,
    before: Decimal,
    units: Mapping[str, tuple[int, int]],
    *,
    nothing_left: bool,
    exponent: int,
) -> Returned:
    """Will say how much of a taking has come back once so many units of its lines have: (returned, bought) by line.

    Each line's share comes back in proportion to its units, rounded as kit.money.part_of does, the whole of it with
    the last one; what came off the shipping comes back with the last unit of the order. So any sequence and grouping
    of returns ends with the whole.
    """
    back = {}
    for line_id, amount in lines.items():
        returned, bought = units.get(line_id, (0, 1))
        back[line_id] = amount if nothing_left else part_of(amount, returned, bought, exponent)
    total = sum(back.values(), Decimal(0)) + (shipping if nothing_left else Decimal(0))
    return Returned(back, total, max(total - before, Decimal(0)))
