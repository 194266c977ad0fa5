"""Kit's Kaplan-Meier estimator: how long things last, where some of them last still. Pure, so that rules may use it."""

from collections.abc import Iterable
from dataclasses import dataclass

TINY = 1e-9
"""A share is reached when it is met but for what floating point loses."""


@dataclass(frozen=True, slots=True)
class Survival:
    """The share that lasts longer than so many days: steps of (days, share), falling; followed up to `days_max`."""

    steps: tuple[tuple[int, float], ...]
    days_max: int

    def share_at(self, days: int) -> float | None:
        """Will return the share that lasts longer than so many days; None beyond what was followed."""
        if days > self.days_max:
            return None
        return next((share for when, share in reversed(self.steps) if when <= days), 1.0)

    def quantile(self, ended: float) -> int | None:
        """Will return the first number of days by which a share of all has ended; None where it never came to it."""
        return next((days for days, share in self.steps if share <= 1 - ended + TINY), None)


def kaplan_meier(observed: Iterable[tuple[int, int, int]]) -> Survival:
    """Will estimate survival from rows of (days, how many ended then, how many were last seen lasting then).

    S(t) is the product of 1 - ended / (ended and lasting still just before) over all days up to t; those last seen on
    a day counted as there on it (Kaplan and Meier, J. Am. Stat. Assoc. 53, 1958).
    """
    ended: dict[int, int] = {}
    gone: dict[int, int] = {}
    for days, over, running in observed:
        ended[days] = ended.get(days, 0) + over
        gone[days] = gone.get(days, 0) + over + running
    there, share, steps = sum(gone.values()), 1.0, []
    for days in sorted(gone):
        if ended[days]:
            share *= 1 - ended[days] / there
            steps.append((days, share))
        there -= gone[days]
    return Survival(tuple(steps), max(gone, default=0))
