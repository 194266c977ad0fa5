"""What of the points of a month is never used: cohorts, a chain-ladder forecast with an interval, and its back-test.

Pure. A cohort is all points whose lots became active in one month. Of it we follow what is *not redeemed*, month after
month; once its lots have ended, that is what expired: its breakage.
"""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kit import dates

COHORTS_MIN = 3
"""A step from one age to the next is known only when so many cohorts have taken it."""

INTERVAL = 0.90
NORMAL_QUANTILE = 1.6448536269514722
"""Of the standard normal distribution, so that INTERVAL lies within it on both sides together."""

BACK_MONTHS = 12
"""The back-test forecasts as it would have been done so many months ago."""


@dataclass(frozen=True, slots=True)
class CohortFlow:
    """What one month did to one cohort, in points; `last` is the latest date on which any of its lots ends.

    `cohort` and `month` are first dates of months. `earned` is what went into lots less what was taken back of it,
    `redeemed` is less what was restored.
    """

    cohort: dt.date
    month: dt.date
    earned: int
    redeemed: int
    expired: int
    last: dt.date


@dataclass(frozen=True, slots=True)
class Cohort:
    """A month's points as they stand at the end of the last month looked at.

    `unredeemed` and `used` have a figure for each age from 0, cumulated; an age is a calendar month after the cohort's.
    `life` is the age in which its last lots end, None where that depends on what members do; `moved` is the age of the
    last thing that happened to it.
    """

    month: dt.date
    earned: int
    redeemed: int
    expired: int
    unredeemed: tuple[int, ...]
    used: tuple[int, ...]
    life: int | None
    moved: int

    @property
    def age(self) -> int:
        """The months since its own."""
        return len(self.unredeemed) - 1

    @property
    def open(self) -> int:
        """What can still be used."""
        return self.earned - self.redeemed - self.expired

    @property
    def is_over(self) -> bool:
        """Nothing of it can be used any more, and nothing of it is to come."""
        return self.open == 0 and (self.life is None or self.life <= self.age)


@dataclass(frozen=True, slots=True)
class Step:
    """From one age to the next: which share stays unredeemed, how it scatters, over what, in how many cohorts."""

    factor: float
    variance: float
    weight: float
    cohorts: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will have expired of a cohort in the end, in points, and between which bounds it lies nine times in ten."""

    cohort: Cohort
    expired: int
    low: int
    high: int
    process: float
    estimation: float

    @property
    def to_expire(self) -> int:
        """What of the points that are open now will expire."""
        return self.expired - self.cohort.expired


@dataclass(frozen=True, slots=True)
class Total:
    """Several cohorts together: `share` of the open points will expire, between `low` and `high`; `open` in points."""

    open: int
    to_expire: int
    low: int
    high: int

    @property
    def share(self) -> float:
        """What of the open points will expire, as a share of one."""
        return self.to_expire / self.open

    @property
    def bounds(self) -> tuple[float, float]:
        """The interval, as shares of one."""
        return self.low / self.open, self.high / self.open


@dataclass(frozen=True, slots=True)
class Tried:
    """A forecast as it would have been made then, beside what happened."""

    forecast: Forecast
    happened: int

    @property
    def is_within(self) -> bool:
        """Whether what happened lies between the bounds."""
        return self.forecast.low <= self.happened <= self.forecast.high


@dataclass(frozen=True, slots=True)
class BackTest:
    """Last year's forecast of all cohorts that were open then and are over now."""

    made_on: dt.date
    tried: tuple[Tried, ...]

    @property
    def forecast(self) -> int:
        """What was forecast to expire of all of them, in points."""
        return sum(row.forecast.expired for row in self.tried)

    @property
    def happened(self) -> int:
        """What did expire of all of them, in points."""
        return sum(row.happened for row in self.tried)

    @property
    def error(self) -> float | None:
        """How far off it was, as a share of what happened; positive where too much was forecast."""
        return (self.forecast - self.happened) / self.happened if self.happened else None

    @property
    def within(self) -> int:
        """How many cohorts came out within their interval."""
        return sum(row.is_within for row in self.tried)


def months_between(first: dt.date, last: dt.date) -> int:
    """Will return how many calendar months lie between two dates."""
    return (last.year - first.year) * 12 + last.month - first.month


def cohorts_at(flows: Iterable[CohortFlow], ends: dt.date) -> tuple[Cohort, ...]:
    """Will put together the cohorts as they stood at the end of the month of `ends`, oldest first.

    Months later than that are left out, and so are cohorts of which nothing was earned.
    """
    by_cohort: dict[dt.date, list[CohortFlow]] = defaultdict(list)
    for flow in flows:
        if flow.month <= ends and flow.cohort <= ends:
            by_cohort[flow.cohort].append(flow)
    built = (_cohort(month, by_cohort[month], months_between(month, ends)) for month in sorted(by_cohort))
    return tuple(cohort for cohort in built if cohort.earned > 0)


def _cohort(month: dt.date, flows: Sequence[CohortFlow], age: int) -> Cohort:
    unredeemed, used = [0] * (age + 1), [0] * (age + 1)
    for flow in flows:
        for later in range(max(months_between(month, flow.month), 0), age + 1):
            unredeemed[later] += flow.earned - flow.redeemed
            used[later] += flow.redeemed
    last = max(flow.last for flow in flows)
    return Cohort(
        month=month,
        earned=sum(flow.earned for flow in flows),
        redeemed=used[-1],
        expired=sum(flow.expired for flow in flows),
        unredeemed=tuple(unredeemed),
        used=tuple(used),
        life=None if last == dates.WHILE_ACTIVE else months_between(month, last),
        moved=max(months_between(month, flow.month) for flow in flows),
    )


def rate_of_completed(cohorts: Iterable[Cohort]) -> float | None:
    """Will return what expired of what was earned in all cohorts that are over, or None where fewer than three are."""
    over = [cohort for cohort in cohorts if cohort.is_over]
    earned = sum(cohort.earned for cohort in over)
    return sum(cohort.expired for cohort in over) / earned if len(over) >= COHORTS_MIN else None


def steps_of(cohorts: Sequence[Cohort]) -> list[Step]:
    """Will estimate the development of the points not redeemed, one step from each age to the next.

    Chain ladder, with the variance of T. Mack, "Distribution-free calculation of the standard error of chain ladder
    reserve estimates", ASTIN Bulletin 23 (1993): with N(i,k) what is not redeemed of cohort i at age k,

        factor f(k)    = sum of N(i,k+1) / sum of N(i,k)
        variance s2(k) = sum of N(i,k) (N(i,k+1) / N(i,k) - f(k))^2 / (cohorts - 1)

    over the cohorts that have reached age k + 1 and whose lots had not ended before it. It follows what is left, not
    what is used, so that a cohort of which nothing was used yet is no special case and no forecast leaves 0 to 100 %.
    """
    steps = []
    for k in range(max((cohort.age for cohort in cohorts), default=0)):
        pairs = [
            (cohort.unredeemed[k], cohort.unredeemed[k + 1])
            for cohort in cohorts
            if cohort.age > k and (cohort.life is None or cohort.life > k) and cohort.unredeemed[k] > 0
        ]
        before = sum(pair[0] for pair in pairs)
        factor = sum(pair[1] for pair in pairs) / before if before else 1.0
        scatter = sum(first * (second / first - factor) ** 2 for first, second in pairs)
        steps.append(Step(factor, scatter / (len(pairs) - 1) if len(pairs) > 1 else 0.0, float(before), len(pairs)))
    return steps


def forecast_of(cohort: Cohort, cohorts: Sequence[Cohort], steps: Sequence[Step]) -> Forecast | None:
    """Will forecast what of an open cohort expires in the end, or None where too few cohorts went that way before.

    The error is Mack's, step by step: process' = process f^2 + N s2, estimation' = estimation f^2 + N^2 s2 / weight.
    The interval is normal, cut where it would leave what is possible.
    """
    life = cohort.life if cohort.life is not None else _usual_life(cohorts)
    ahead = steps[cohort.age : life] if life is not None and cohort.open else []
    if not ahead or len(ahead) < (life or 0) - cohort.age or any(step.cohorts < COHORTS_MIN for step in ahead):
        return None
    left, process, estimation = float(cohort.unredeemed[-1]), 0.0, 0.0
    for step in ahead:
        process = process * step.factor**2 + left * step.variance
        estimation = estimation * step.factor**2 + left**2 * step.variance / step.weight
        left *= step.factor
    spread = NORMAL_QUANTILE * math.sqrt(process + estimation)
    expired = _within(round(left), cohort)
    return Forecast(
        cohort=cohort,
        expired=expired,
        low=_within(math.floor(min(left - spread, expired)), cohort),
        high=_within(math.ceil(max(left + spread, expired)), cohort),
        process=process,
        estimation=estimation,
    )


def _usual_life(cohorts: Sequence[Cohort]) -> int | None:
    """Will return how long cohorts without an end of their own took until nothing was left, the longest of them."""
    return max((cohort.moved for cohort in cohorts if cohort.is_over and cohort.life is None), default=None)


def _within(points: int, cohort: Cohort) -> int:
    """Will keep a figure between what has expired already and that plus all that is open."""
    return min(max(points, cohort.expired), cohort.expired + cohort.open)


def forecasts_of(cohorts: Sequence[Cohort]) -> dict[dt.date, Forecast]:
    """Will forecast every open cohort for which it can be done, by its month."""
    steps = steps_of(cohorts)
    made = (forecast_of(cohort, cohorts, steps) for cohort in cohorts)
    return {forecast.cohort.month: forecast for forecast in made if forecast}


def total_of(forecasts: Iterable[Forecast]) -> Total | None:
    """Will add up forecasts, or None where there is none.

    Chance in each cohort adds up as independent; errors of the shared factors as if all went the same way, which is
    the most they can.
    """
    rows = list(forecasts)
    if not rows:
        return None
    open_points, to_expire = (sum(values) for values in zip(*((r.cohort.open, r.to_expire) for r in rows), strict=True))
    estimation = sum(math.sqrt(row.estimation) for row in rows)
    spread = NORMAL_QUANTILE * math.sqrt(sum(row.process for row in rows) + estimation**2)
    return Total(
        open=open_points,
        to_expire=to_expire,
        low=max(math.floor(to_expire - spread), 0),
        high=min(math.ceil(to_expire + spread), open_points),
    )


def back_test(flows: Iterable[CohortFlow], ends: dt.date, months: int = BACK_MONTHS) -> BackTest | None:
    """Will make the forecast that would have been made some months before `ends` and set it beside what happened.

    Only of cohorts that were open then and are over now; None where there is none with a forecast.
    """
    known = list(flows)
    made_on = dates.add_months(ends.replace(day=1), 1 - months) - dt.timedelta(days=1)
    now = {cohort.month: cohort for cohort in cohorts_at(known, ends)}
    then = forecasts_of(cohorts_at(known, made_on))
    tried = tuple(
        Tried(forecast, now[month].expired) for month, forecast in then.items() if month in now and now[month].is_over
    )
    return BackTest(made_on, tried) if tried else None
