"""What points that are outstanding are worth, cut one way or the other so that the parts add up. Pure."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from kit import dates, money

Key = TypeVar("Key", bound=Hashable)

DEBT = "debt"
"""The source under which what members owe stands; its points are negative."""


@dataclass(frozen=True, slots=True)
class Part:
    """Points outstanding of one tier and source that lapse in one month.

    `lapses` is the first date of that month, dates.NEVER, dates.WHILE_ACTIVE, or None for debt, whose points are
    negative.
    """

    tier: str
    source: str
    lapses: dt.date | None
    is_pending: bool
    points: int


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of one kind: usable now, on hold, owed; `worth` is of all three."""

    available: int
    pending: int
    debt: int
    worth: Decimal

    @property
    def lots(self) -> int:
        """What can be used, now or later."""
        return self.available + self.pending

    @property
    def net(self) -> int:
        """What can be used less what is owed."""
        return self.lots - self.debt


def worth_of(points: int, points_per_unit: int, exponent: int) -> Decimal:
    """Will return what points come to in the currency, rounded half up to `exponent` decimals; 0 without a rate."""
    if not points_per_unit:
        return Decimal(0).scaleb(-exponent)
    unit = Decimal(1).scaleb(-exponent)
    return money.EXACT.divide(Decimal(points), points_per_unit).quantize(unit, rounding=ROUND_HALF_UP)


def cut(parts: Iterable[Part], by: Callable[[Part], Key], points_per_unit: int, exponent: int) -> dict[Key, Held]:
    """Will sum parts by a key; the worth of the rows adds up to that of the whole.

    The whole is rounded once and shared by largest remainder, what is held and what is owed each for itself.
    """
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
    for part in parts:
        place = 2 if part.source == DEBT else int(part.is_pending)
        sums[by(part)][place] += -part.points if place == 2 else part.points
    held = [available + pending for available, pending, _debt in sums.values()]
    owed = [debt for _available, _pending, debt in sums.values()]
    worths = _shared(held, points_per_unit, exponent)
    debts = _shared(owed, points_per_unit, exponent)
    return {
        key: Held(available, pending, owes, worth - debt)
        for (key, (available, pending, owes)), worth, debt in zip(sums.items(), worths, debts, strict=True)
    }


def _shared(points: list[int], points_per_unit: int, exponent: int) -> list[Decimal]:
    whole = worth_of(sum(points), points_per_unit, exponent)
    return money.share_money(whole, [Decimal(part) for part in points], exponent)


def total(parts: Iterable[Part], points_per_unit: int, exponent: int) -> Held:
    """Will sum all parts; nothing held where there are none."""
    whole = cut(parts, lambda _part: True, points_per_unit, exponent)
    return whole.get(True, Held(0, 0, 0, Decimal(0).scaleb(-exponent)))


def expected_redemption(points: int, breakage: float) -> int:
    """Will return what of outstanding points will be used: points x (1 - breakage), to the nearest whole one."""
    return round(points * (1 - breakage))


def lapse_order(lapses: dt.date | None) -> tuple[bool, dt.date]:
    """Will return what months of expiry are listed by: soonest first, then what has no date, debt at the end."""
    return (lapses is None, lapses or dates.NEVER)
