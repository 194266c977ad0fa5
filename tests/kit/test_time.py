"""Dates and instants: month ends, leap days, and days of 23 or 25 hours in whatever zone the programme has."""

import calendar
import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import clock, dates
from tests.kit.examples import MANY

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Pacific/Apia", "Australia/Lord_Howe")
some_dates = st.dates(dt.date(1990, 1, 1), dt.date(2080, 12, 31))
instants = st.datetimes(dt.datetime(1990, 1, 3), dt.datetime(2037, 12, 29), timezones=st.just(dt.UTC))
MICROSECOND = dt.timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("date", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-03-31", 1, "2026-04-30"),
        ("2026-02-28", 1, "2026-03-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-31", 12, "2027-01-31"),
        ("2026-03-10", 0, "2026-03-10"),
        ("2026-03-31", -1, "2026-02-28"),
    ],
)
def test_adding_months_keeps_the_day_or_the_end_of_the_month(date, months, then):
    assert dates.add_months(dt.date.fromisoformat(date), months) == dt.date.fromisoformat(then)


@pytest.mark.parametrize(
    ("date", "years", "then"),
    [
        ("2028-02-29", 1, "2029-02-28"),
        ("2028-02-29", 4, "2032-02-29"),
        ("2027-02-28", 1, "2028-02-28"),
        ("2026-03-03", 1, "2027-03-03"),
    ],
)
def test_the_leap_day_is_28_february_in_common_years(date, years, then):
    assert dates.add_years(dt.date.fromisoformat(date), years) == dt.date.fromisoformat(then)


@MANY
@given(date=some_dates, months=st.integers(0, 60))
def test_months_are_added_by_the_calendar(date, months):
    then = dates.add_months(date, months)
    assert (then.year * 12 + then.month) - (date.year * 12 + date.month) == months
    assert then.day == min(date.day, calendar.monthrange(then.year, then.month)[1])
    assert dates.last_of_month(then.year, then.month) + dt.timedelta(days=1) == dates.add_months(then.replace(day=1), 1)


@MANY
@given(at=instants, name=st.sampled_from(ZONES))
def test_every_instant_belongs_to_one_day_and_days_leave_no_gap(at, name):
    zone = zoneinfo.ZoneInfo(name)
    date = at.astimezone(zone).date()
    start, end = dates.day_start(date, zone), dates.day_end(date, zone)
    assert start <= at <= end
    assert (start - MICROSECOND).astimezone(zone).date() < date < (end + MICROSECOND).astimezone(zone).date()
    assert start.utcoffset() == end.utcoffset() == dt.timedelta(0)


@pytest.mark.parametrize(
    ("zone", "at", "date", "hours"),
    [
        ("Asia/Shanghai", "2026-03-02T15:59:59.999999+00:00", "2026-03-02", 24),
        ("Asia/Shanghai", "2026-03-02T16:00:00+00:00", "2026-03-03", 24),
        ("Europe/Berlin", "2026-03-29T21:59:59+00:00", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25T22:59:59+00:00", "2026-10-25", 25),
        ("America/Sao_Paulo", "2018-11-04T03:00:00+00:00", "2018-11-04", 23),
    ],
)
def test_the_business_date_is_the_programmes_own(settings, zone, at, date, hours):
    settings.PROGRAMME_TIME_ZONE = zone
    instant, expected = dt.datetime.fromisoformat(at), dt.date.fromisoformat(date)
    assert clock.business_date(instant) == expected
    assert clock.business_date(clock.day_start(expected)) == clock.business_date(clock.day_end(expected)) == expected
    assert clock.day_end(expected) - clock.day_start(expected) == dt.timedelta(hours=hours) - MICROSECOND
    assert clock.last_finished_date(instant) == expected - dt.timedelta(days=1)
