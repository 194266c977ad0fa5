"""Comparing variants, and what was done with what was left undone: tests, intervals and sample sizes. Pure.

Tests and formulas: Pearson's chi-squared test of k proportions; Holm (1979) for comparing the best with each other
one; the sample size of two proportions by Fleiss (1981) without continuity correction; the interval of a difference
by Newcombe (1998), method 10, from Wilson's score intervals; Welch's interval of a difference of means.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

ALPHA = 0.05
POWER = 0.8
EXPECTED_MIN = 5.0
"""Below so many expected conversions or others in a cell the chi-squared test is not to be relied on."""

ITERATIONS_MAX = 1_000
TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Arm:
    """What came of one variant: how many were addressed, and how many of them converted."""

    code: str
    n: int
    converted: int

    @property
    def rate(self) -> float:
        """The share that converted."""
        return self.converted / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """What the comparison says: the winner's code, or none, and every number it rests on.

    `why` is won, not_different (the omnibus test), not_best (some other is as good), or too_few. `needed` is the sample
    an arm would have needed to tell the best two apart.
    """

    winner: str
    why: str
    p: float
    against: tuple[tuple[str, float], ...]
    arms: tuple[Arm, ...]
    needed: int


def decide(arms: Sequence[Arm], alpha: float = ALPHA) -> Decision:
    """Will compare variants once: all at first, then the best with each other one by Holm.

    The best wins only if every comparison holds, so that the one with the second best holds at alpha itself.
    """
    ranked = sorted(arms, key=lambda arm: (-arm.rate, arm.code))
    needed = sample_size(ranked[1].rate, ranked[0].rate) if len(ranked) > 1 else 0
    if len(ranked) < 2 or not _enough(arms):
        return Decision("", "too_few", 1.0, (), tuple(arms), needed)
    p = omnibus(arms)
    if p >= alpha:
        return Decision("", "not_different", p, (), tuple(arms), needed)
    against = holm([(other.code, omnibus([ranked[0], other])) for other in ranked[1:]])
    won = all(value < alpha for _, value in against)
    return Decision(ranked[0].code if won else "", "won" if won else "not_best", p, against, tuple(arms), needed)


def _enough(arms: Sequence[Arm]) -> bool:
    """Whether every cell would hold enough if all variants were alike."""
    n, converted = sum(arm.n for arm in arms), sum(arm.converted for arm in arms)
    if not n:
        return False
    rate = converted / n
    return all(min(arm.n * rate, arm.n * (1 - rate)) >= EXPECTED_MIN for arm in arms)


def omnibus(arms: Sequence[Arm]) -> float:
    """Will return the p-value of Pearson's chi-squared test that all variants convert alike, k - 1 degrees."""
    n, converted = sum(arm.n for arm in arms), sum(arm.converted for arm in arms)
    if not n or converted in (0, n):
        return 1.0
    rate = converted / n
    statistic = sum((arm.converted - arm.n * rate) ** 2 / (arm.n * rate * (1 - rate)) for arm in arms if arm.n)
    return chi_squared_tail(statistic, len(arms) - 1)


def holm(found: Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Will adjust p-values by Holm's step-down, smallest first; none falls below one before it."""
    adjusted, highest = [], 0.0
    for place, (code, p) in enumerate(sorted(found, key=lambda one: (one[1], one[0]))):
        highest = max(highest, min(1.0, p * (len(found) - place)))
        adjusted.append((code, highest))
    return tuple(adjusted)


def chi_squared_tail(statistic: float, degrees: int) -> float:
    """Will return P(X >= statistic) of the chi-squared distribution: a regularised gamma function."""
    return 1.0 if statistic <= 0 else _gamma_tail(degrees / 2, statistic / 2)


def _gamma_tail(a: float, x: float) -> float:
    """Q(a, x): by its series below a + 1, by Lentz's continued fraction above."""
    scale = math.exp(-x + a * math.log(x) - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for k in range(1, ITERATIONS_MAX):
            term *= x / (a + k)
            total += term
            if abs(term) < abs(total) * 1e-16:
                break
        return 1 - scale * total
    b = x + 1 - a
    c, d = 1 / TINY, 1 / b
    fraction = d
    for k in range(1, ITERATIONS_MAX):
        step = -k * (k - a)
        b += 2
        d = 1 / _not_zero(step * d + b)
        c = _not_zero(b + step / c)
        fraction *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return scale * fraction


def _not_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY


def sample_size(low: float, high: float, alpha: float = ALPHA, power: float = POWER) -> int:
    """Will return how many members each variant needs to tell two rates apart; 0 where they are equal."""
    if low == high:
        return 0
    mean = (low + high) / 2
    z_alpha, z_power = NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(power)
    spread = z_alpha * math.sqrt(2 * mean * (1 - mean)) + z_power * math.sqrt(low * (1 - low) + high * (1 - high))
    return math.ceil(spread**2 / (high - low) ** 2)


def smallest_difference(n: int, rate: float, alpha: float = ALPHA, power: float = POWER) -> float:
    """Will return the least rise of a rate that so many members a variant would show; 1 - rate at most."""
    low, high = 0.0, 1 - rate
    if n < 1 or sample_size(rate, rate + high, alpha, power) > n:
        return high
    for _ in range(50):
        middle = (low + high) / 2
        if middle and sample_size(rate, rate + middle, alpha, power) <= n:
            high = middle
        else:
            low = middle
    return high


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the interval that holds it in 95 of 100 cases."""

    value: float
    low: float
    high: float


def wilson(converted: int, n: int, alpha: float = ALPHA) -> Interval:
    """Will return a share with Wilson's score interval."""
    if not n:
        return Interval(0.0, 0.0, 1.0)
    z, rate = NormalDist().inv_cdf(1 - alpha / 2), converted / n
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(rate, max(0.0, centre - half), min(1.0, centre + half))


def difference(treated: Arm, control: Arm, alpha: float = ALPHA) -> Interval:
    """Will return by how much more of the treated converted than of the control, with Newcombe's interval."""
    t, c = wilson(treated.converted, treated.n, alpha), wilson(control.converted, control.n, alpha)
    value = t.value - c.value
    below = math.hypot(t.value - t.low, c.high - c.value)
    above = math.hypot(t.high - t.value, c.value - c.low)
    return Interval(value, max(-1.0, value - below), min(1.0, value + above))


@dataclass(frozen=True, slots=True)
class Sums:
    """What members of one group spent: how many they are, the sum, and the sum of squares."""

    n: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """What one of them spent."""
        return self.total / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """The unbiased variance."""
        return max(0.0, self.squares - self.n * self.mean**2) / (self.n - 1) if self.n > 1 else 0.0


def extra_per_member(treated: Sums, control: Sums, alpha: float = ALPHA) -> Interval:
    """Will return how much more a treated member spent than one of the control, by Welch with a normal quantile.

    The groups are counted in hundreds at least where it is shown, so that the normal quantile serves.
    """
    value = treated.mean - control.mean
    error = math.sqrt(sum(group.variance / group.n for group in (treated, control) if group.n))
    half = NormalDist().inv_cdf(1 - alpha / 2) * error
    return Interval(value, value - half, value + half)


def incremental(treated: Arm, control: Arm) -> float:
    """Will return how many conversions there would not have been: the treated's, less what control foretells."""
    return treated.converted - treated.n * control.rate
