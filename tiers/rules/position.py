"""Where a member stands, and the same place in another version of the ladder."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tiers.enums import HoldKind
from tiers.rules.ladder import LadderTerms, Rung, rank_in


@dataclass(frozen=True, slots=True)
class Next:
    """An upgrade that begins on a date, and the cause that reached it."""

    rung: Rung
    on: dt.date
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """A tier that was given and not reached, through its last date."""

    kind: HoldKind
    rung: Rung
    since: dt.date
    until: dt.date


@dataclass(frozen=True, slots=True)
class Grant:
    """What raised a member to his tier, and where he stood before: the rank, and through which date."""

    cause: str
    rank_before: int = 0
    until_before: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a member stands by what he earned; the lowest tier has no end. A `hold` stands above it.

    `highest` is the highest rank he ever held, `grant` what raised him: both are memory, not place.
    """

    rank: int
    since: dt.date
    until: dt.date | None = None
    grace: dt.date | None = None
    next: Next | None = None
    hold: Hold | None = None
    highest: int = field(default=0, compare=False)
    grant: Grant | None = field(default=None, compare=False)

    @property
    def peak(self) -> int:
        """The highest rank he ever earned, this one included."""
        return max(self.highest, self.rank)

    @property
    def due(self) -> dt.date | None:
        """The first date on whose night something has to be decided whatever he does, or None."""
        ends = self.hold.until if self.hold else self.grace or self.until
        starts = self.next.on - dt.timedelta(days=1) if self.next and not self.hold else None
        return min((date for date in (ends, starts) if date), default=None)


class Place(NamedTuple):
    """A position in another version of the ladder; `is_gone` where the tier is not there any more."""

    position: Position
    is_gone: bool


def place_in(terms: LadderTerms, position: Position, old: LadderTerms) -> Place:
    """Will say where a position of one version of the ladder is in another."""
    if terms is old or terms.version_id == old.version_id:
        return Place(position, False)
    rank, is_gone = rank_in(terms, old, position.rank)
    grant = position.grant
    return Place(
        replace(
            position,
            rank=rank,
            highest=rank_in(terms, old, position.peak)[0],
            grant=grant and replace(grant, rank_before=rank_in(terms, old, grant.rank_before)[0]),
        ),
        is_gone,
    )
