"""Kit's shape of what must always hold: claims that are proved together, and a sentence for whatever breaks one."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proof:
    """Claims that one look proves, and how: a generator of a sentence per violation, which repairs nothing."""

    claims: tuple[str, ...]
    violations: Callable[[], Iterator[str]]


@dataclass(frozen=True, slots=True)
class DayProof:
    """The same for what was booked on one business date."""

    claims: tuple[str, ...]
    violations: Callable[[dt.date], Iterator[str]]
