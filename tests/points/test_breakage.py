"""Breakage: cohorts, the chain ladder and its interval, by tables and on random histories; no database."""

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import dates
from points.rules import breakage
from points.rules.breakage import CohortFlow, back_test, cohorts_at, forecasts_of, rate_of_completed, total_of
from tests.kit.examples import FEW

FIRST = dt.date(2024, 1, 1)
LIFE = 12


def month(number: int) -> dt.date:
    """The first date of a month, counted from January 2024."""
    return dates.add_months(FIRST, number)


def end(number: int) -> dt.date:
    """Its last date."""
    return month(number + 1) - dt.timedelta(days=1)


def life_of(cohort: int, earned: int, shares: list[float], *, life: int = LIFE) -> list[CohortFlow]:
    """The flows of a cohort of which each month uses a share of what is left, until the rest expires."""
    left, flows = earned, [CohortFlow(month(cohort), month(cohort), earned, 0, 0, end(cohort + life))]
    for age in range(life + 1):
        used = int(left * shares[age % len(shares)])
        left -= used
        flows.append(CohortFlow(month(cohort), month(cohort + age), 0, used, 0, end(cohort + life)))
    flows.append(CohortFlow(month(cohort), month(cohort + life), 0, 0, left, end(cohort + life)))
    return flows


def history(cohorts: int, earned: int = 100_000, share: float = 0.05) -> list[CohortFlow]:
    """A process that never changes."""
    return [flow for number in range(cohorts) for flow in life_of(number, earned, [share])]


def test_a_cohort_is_followed_month_by_month() -> None:
    """Earned 100; 20 used at once, 30 two months later of which 10 come back; 10 taken back by a return."""
    flows = [
        CohortFlow(month(0), month(0), 100, 20, 0, end(3)),
        CohortFlow(month(0), month(1), -10, 0, 0, end(3)),
        CohortFlow(month(0), month(2), 0, 20, 0, end(3)),
        CohortFlow(month(0), month(3), 0, 0, 50, end(3)),
    ]
    [open_one] = cohorts_at(flows, end(2))
    assert (open_one.earned, open_one.redeemed, open_one.expired, open_one.open) == (90, 40, 0, 50)
    assert open_one.unredeemed == (80, 70, 50) and open_one.used == (20, 20, 40)
    assert (open_one.age, open_one.life, open_one.is_over) == (2, 3, False)
    [over] = cohorts_at(flows, end(3))
    assert (over.expired, over.open, over.is_over) == (50, 0, True)


def test_what_is_used_up_is_not_over_while_its_lots_could_be_filled_again() -> None:
    """A redemption may still be restored; only the end of the lots closes a cohort."""
    flows = [CohortFlow(month(0), month(0), 100, 100, 0, end(12))]
    assert not cohorts_at(flows, end(5))[0].is_over and cohorts_at(flows, end(12))[0].is_over
    assert cohorts_at([CohortFlow(month(0), month(0), 9, 9, 0, dates.WHILE_ACTIVE)], end(5))[0].is_over


def test_too_little_history_is_said_to_be_too_little() -> None:
    """No rate from two cohorts, no forecast before three went the whole way; then both."""
    flows = history(20)
    two = cohorts_at(flows, end(LIFE + 1))
    assert sum(cohort.is_over for cohort in two) == 2
    assert rate_of_completed(two) is None and not forecasts_of(two) and total_of([]) is None
    three = cohorts_at(flows, end(LIFE + 2))
    assert rate_of_completed(three) == pytest.approx(0.95 ** (LIFE + 1), abs=1e-3)
    assert len(forecasts_of(three)) == LIFE
    assert back_test(flows, end(LIFE + 2)) is None and cohorts_at([], end(3)) == ()


def test_a_longer_life_is_not_judged_by_shorter_ones() -> None:
    """A cohort of two years has no forecast while only one-year cohorts have ended."""
    flows = history(16) + life_of(16, 1000, [0.01], life=24)
    forecasts = forecasts_of(cohorts_at(flows, end(17)))
    assert month(15) in forecasts and month(16) not in forecasts


def test_points_without_an_end_of_their_own_are_measured_by_those_that_were_used_up_or_lapsed() -> None:
    """Lots that last while members are active: as long as the longest of the cohorts that are over."""
    flows = [
        CohortFlow(flow.cohort, flow.month, flow.earned, flow.redeemed, flow.expired, dates.WHILE_ACTIVE)
        for number in range(9)
        for flow in life_of(number, 10_000, [0.1], life=4)
    ]
    cohorts = cohorts_at(flows, end(8))
    assert cohorts[0].life is None and cohorts[0].is_over and cohorts[0].moved == 4
    forecasts = forecasts_of(cohorts)
    assert sorted(forecasts) == [month(5), month(6), month(7), month(8)]
    assert all(forecast.expired == pytest.approx(10_000 * 0.9**5, abs=5) for forecast in forecasts.values())
    assert not forecasts_of(cohorts_at(flows, end(2)))


def test_a_constant_process_is_forecast_without_error() -> None:
    """Each month the same: nothing scatters, the interval is the point, last year's forecast came true."""
    flows = history(40)
    cohorts = cohorts_at(flows, end(39))
    for forecast in forecasts_of(cohorts).values():
        assert forecast.expired == pytest.approx(100_000 * 0.95 ** (LIFE + 1), rel=1e-3)
        assert forecast.high - forecast.low <= 40
    tested = back_test(flows, end(39))
    assert tested and tested.made_on == end(27) and len(tested.tried) == LIFE
    assert tested.error is not None and abs(tested.error) < 1e-3
    total = total_of(forecasts_of(cohorts).values())
    assert total and total.low <= total.to_expire <= total.high


def test_a_change_of_habits_shows_as_an_error() -> None:
    """Members who begin to use twice as much leave less to expire than was forecast, and it is said so."""
    flows = [flow for n in range(30) for flow in life_of(n, 50_000, [0.05 if n < 15 else 0.10])]
    tested = back_test(flows, end(40))
    assert tested and tested.error is not None and tested.error > 0.3
    assert tested.within < len(tested.tried)


def test_the_interval_covers_about_as_often_as_it_says() -> None:
    """Random habits, many lives: nine of ten within, give or take, which is what the page claims."""
    rng, within, tried = random.Random(7), 0, 0
    for _life in range(40):
        flows = [f for n in range(36) for f in life_of(n, 40_000, [rng.uniform(0.02, 0.12) for _age in range(13)])]
        tested = back_test(flows, end(35))
        assert tested
        within, tried = within + tested.within, tried + len(tested.tried)
    assert 0.80 <= within / tried <= 0.98


@FEW
@given(
    earned=st.lists(st.integers(0, 10_000), min_size=1, max_size=30),
    shares=st.lists(st.floats(0, 0.5), min_size=13, max_size=13),
    ends=st.integers(0, 50),
)
def test_whatever_the_history_the_figures_hold_together(earned: list[int], shares: list[float], ends: int) -> None:
    """Shares sum, intervals contain the point, nothing leaves what is possible."""
    flows = [flow for number, points in enumerate(earned) for flow in life_of(number, points, shares[number % 3 :])]
    cohorts = cohorts_at(flows, end(ends))
    for cohort in cohorts:
        assert cohort.redeemed + cohort.expired + cohort.open == cohort.earned
        assert cohort.unredeemed[-1] == cohort.earned - cohort.redeemed == cohort.open + cohort.expired
        assert cohort.is_over == ((cohort.life or 0) <= cohort.age)
    forecasts = forecasts_of(cohorts)
    for forecast in forecasts.values():
        assert forecast.low <= forecast.expired <= forecast.high
        assert forecast.cohort.expired <= forecast.low and forecast.high <= forecast.cohort.unredeemed[-1]
        assert 0 <= forecast.to_expire <= forecast.cohort.open
    if total := total_of(forecasts.values()):
        low, high = total.bounds
        assert 0 <= low <= total.share <= high <= 1
        assert total.open == sum(forecast.cohort.open for forecast in forecasts.values())
    rate = rate_of_completed(cohorts)
    assert rate is None or 0 <= rate <= 1
    if tested := back_test(flows, end(ends)):
        assert tested.made_on < end(ends) and 0 <= tested.within <= len(tested.tried)


def test_months_are_counted_by_the_calendar() -> None:
    """From the last of one month to the first of the next is one."""
    assert breakage.months_between(dt.date(2026, 1, 31), dt.date(2026, 2, 1)) == 1
    assert breakage.months_between(dt.date(2025, 12, 31), dt.date(2026, 12, 1)) == 12
