"""Caps: how many points a rule, or all of a policy, may still give. They truncate, they never reject. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from points.enums import CapPer

ALL = "*"
"""The code under which a policy's own caps are counted, over all that is earned."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many points per deed, per member and day, month or membership, or altogether (a budget)."""

    per: CapPer
    points: int

    def starts_on(self, on: dt.date) -> dt.date:
        """Will return the first date that a member's cap counts together with a date; the last one is that date's."""
        match self.per:
            case CapPer.DAY:
                return on
            case CapPer.MONTH:
                return on.replace(day=1)
            case _:
                return dt.date.min

    def ends_on(self, on: dt.date) -> dt.date:
        """Will return the last date that a member's cap counts together with a date."""
        match self.per:
            case CapPer.DAY:
                return on
            case CapPer.MONTH:
                return (on.replace(day=1) + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
            case _:
                return dt.date.max


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one cap before a deed; `cap` says of what."""

    cap: Cap
    points: int


Allowances = Mapping[str, tuple[Left, ...]]
"""What is left of each rule's caps (by code; ALL for the policy's own). A rule without an entry has no cap."""


def tightest(left: tuple[Left, ...]) -> Left | None:
    """Will return the cap that leaves the least, the first of equals; None where there is none."""
    return min(left, key=lambda one: one.points, default=None)


def cap_from_terms(terms: Mapping[str, Any]) -> Cap:
    """Will read the stored terms of a cap; raises KeyError and ValueError."""
    cap = Cap(CapPer(terms["per"]), int(terms["points"]))
    if cap.points < 1:
        raise ValueError(f"a cap of {cap.points} points")
    return cap
