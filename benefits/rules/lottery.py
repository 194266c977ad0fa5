"""Benefits' draws: stated chances, a number from a seed, the prize that the number falls on. Pure.

Whoever has the seed of a draw and the odds that were in force can draw it again: the number is SHA-256 of the seed,
read as a whole number, modulo a million; the prizes lie side by side on the million, each as wide as its chance.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from benefits.enums import PrizeKind

WHOLE = 1_000_000
"""Chances are counted in millionths."""

REST = "rest"
"""The chance of the consolation prize: whatever the others leave."""

SEED_BYTES = 32


class BadPrizes(Exception):
    """The prizes of a draw cannot be read or do not go together; `place` says which, from 0, None for all together."""

    def __init__(self, code: str, message: str, place: int | None = None) -> None:
        self.code, self.place = code, place
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Prize:
    """Something that a draw may give: what, how likely in millionths, and how many there are (None: any number).

    `gives` is the code of a coupon, gift or pool; `points` how many, where it gives points. `key` stays the same when
    the prizes are edited, so that what is left of one is never taken for what is left of another.
    """

    key: str
    names: Mapping[str, str]
    kind: PrizeKind
    gives: str = ""
    points: int = 0
    chance: int = 0
    is_rest: bool = False
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """What came of a seed: the number, and the place of the prize that it fell on, None for nothing."""

    number: int
    place: int | None


@dataclass(frozen=True, slots=True)
class Odds:
    """The chances as they stand: of each prize in millionths, 0 where it is gone, and of nothing at all."""

    prizes: tuple[int, ...]
    nothing: int
    gone: frozenset[int] = field(default_factory=frozenset)


NO_ODDS = Odds((), WHOLE)
"""Those of what is no draw."""


def draw(prizes: Sequence[Prize], seed: bytes, gone: Collection[int] = ()) -> Draw:
    """Will draw from a seed; what falls on a prize that is gone falls to the consolation prize, else to nothing."""
    number = number_of(seed)
    place = _under(prizes, number)
    if place is None or place in gone:
        place = _rest(prizes, gone)
    return Draw(number, place)


def number_of(seed: bytes) -> int:
    """Will return the number that a seed stands for, from 0 to 999,999; all are alike to within 1 in 10^70."""
    return int.from_bytes(hashlib.sha256(seed).digest()) % WHOLE


def odds(prizes: Sequence[Prize], gone: Collection[int] = ()) -> Odds:
    """Will state the chances as they stand, those of prizes that are gone added to the consolation prize or nothing."""
    chances = [0 if prize.is_rest or place in gone else prize.chance for place, prize in enumerate(prizes)]
    left = WHOLE - sum(chances)
    rest = _rest(prizes, gone)
    if rest is not None:
        chances[rest], left = left, 0
    return Odds(tuple(chances), left, frozenset(gone))


def emptied(prizes: Sequence[Prize]) -> frozenset[int]:
    """Will return the places of prizes of which none is left by their own count."""
    return frozenset(place for place, prize in enumerate(prizes) if prize.left == 0)


def prizes_from(stored: Sequence[Mapping[str, Any]]) -> tuple[Prize, ...]:
    """Will read the prizes of a reward as its table keeps them; raises BadPrizes."""
    prizes = tuple(_prize(one, place) for place, one in enumerate(stored))
    if not prizes:
        raise BadPrizes("none", "A draw has a prize or more.")
    if len({prize.key for prize in prizes}) < len(prizes):
        raise BadPrizes("key", "Two prizes have the same key.")
    if sum(prize.is_rest for prize in prizes) > 1:
        raise BadPrizes("two_rests", "Only one prize takes the rest of the chances.")
    if sum(prize.chance for prize in prizes) > WHOLE:
        raise BadPrizes("too_likely", "The chances come to more than 100 %.")
    return prizes


def stored_prize(prize: Prize) -> dict[str, Any]:
    """Will return a prize as the table of rewards keeps it."""
    return {
        "key": prize.key,
        "names": dict(prize.names),
        "kind": prize.kind.value,
        "gives": prize.gives,
        "points": prize.points,
        "chance": REST if prize.is_rest else str(share(prize.chance)),
        "left": prize.left,
    }


def share(chance: int) -> Decimal:
    """Will return millionths as a share of one."""
    return (Decimal(chance) / WHOLE).normalize() if chance else Decimal(0)


def _under(prizes: Sequence[Prize], number: int) -> int | None:
    start = 0
    for place, prize in enumerate(prizes):
        start += prize.chance
        if number < start:
            return place
    return None


def _rest(prizes: Sequence[Prize], gone: Collection[int]) -> int | None:
    places = (place for place, prize in enumerate(prizes) if prize.is_rest and place not in gone)
    return next(places, None)


def _prize(stored: Mapping[str, Any], place: int) -> Prize:
    names = stored.get("names") or {}
    if not names.get("en"):
        raise BadPrizes("name", "Every prize has a name.", place)
    try:
        kind = PrizeKind(stored.get("kind", ""))
    except ValueError:
        raise BadPrizes("kind", "A prize is a coupon, a gift, a partner's code or points.", place) from None
    gives, points = str(stored.get("gives") or ""), _whole(stored.get("points") or 0, place)
    if (kind is PrizeKind.POINTS) != (points > 0) or (kind is PrizeKind.POINTS) == bool(gives):
        raise BadPrizes("gives", "Say what the prize is: which coupon, gift or pool, or how many points.", place)
    left = stored.get("left")
    return Prize(
        key=str(stored.get("key") or place),
        names=dict(names),
        kind=kind,
        gives=gives,
        points=points,
        chance=0 if stored.get("chance") == REST else _chance(stored.get("chance"), place),
        is_rest=stored.get("chance") == REST,
        left=None if left is None else _whole(left, place),
    )


def _chance(text: Any, place: int) -> int:
    try:
        millionths = Decimal(str(text)) * WHOLE
    except InvalidOperation:
        millionths = Decimal(0)
    if not millionths.is_finite() or not 0 < millionths <= WHOLE or millionths != int(millionths):
        raise BadPrizes("chance", "A chance is more than nought and at most one, with six decimals at most.", place)
    return int(millionths)


def _whole(value: Any, place: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadPrizes("number", "Use a whole number from 0.", place)
    return value
