"""When a campaign's next launch is, and which days are point days. Pure."""

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from campaigns.enums import Every
from campaigns.rules.plan import PointDays, When
from kit import dates

MIDNIGHT = dt.time()


def first_start(when: When, at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Will return when a campaign that starts once does: at its date and time in a zone, or at once."""
    if when.on is None:
        return at
    return max(at, local(when.on, when.at or MIDNIGHT, zone))


def next_start(when: When, after: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """Will return the first launch of a recurring campaign later than an instant, None once it is over.

    Monthly on a day that a month lacks is the month's last day.
    """
    today = after.astimezone(zone).date()
    for date in _days(max(today, when.on or today)):
        if when.ends_on and date > when.ends_on:
            return None
        start = local(date, when.at or MIDNIGHT, zone)
        if start > after and _falls_on(when, date):
            return start
    return None


def next_time(time: dt.time, after: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Will return the first instant from one on at which clocks of a zone show a time; so does `sql/freeze.sql`."""
    here = after.astimezone(zone)
    return local(here.date() + dt.timedelta(days=here.time() > time), time, zone)


def has_day_left(when: When, today: dt.date) -> bool:
    """Will say whether a rhythm has a date from one on before it is over."""
    first = max(today, when.on or today)
    return any(_falls_on(when, date) for date in _days(first) if not when.ends_on or date <= when.ends_on)


def _days(first: dt.date) -> Iterator[dt.date]:
    return (first + dt.timedelta(days=days) for days in range(64))


def _falls_on(when: When, date: dt.date) -> bool:
    if when.every is Every.WEEK:
        return date.weekday() in when.weekdays
    if when.every is Every.MONTH:
        return is_day_of_month(date, when.day)
    return when.every is Every.DAY


def is_day_of_month(date: dt.date, day: int) -> bool:
    """Will say whether a date is a day of its month, its last one where the month has fewer."""
    return date.day == min(day, dates.last_of_month(date.year, date.month).day)


def local(date: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """Will return the instant of a local date and time; one that a zone change skips is moved on."""
    moment = dt.datetime.combine(date, time, zone)
    return moment.astimezone(dt.UTC)


def is_point_day(days: PointDays, date: dt.date) -> bool:
    """Will say whether orders of a date earn more."""
    if days.starts_on is None or days.ends_on is None or not days.starts_on <= date <= days.ends_on:
        return False
    if days.weekdays and date.weekday() not in days.weekdays:
        return False
    return not days.day or is_day_of_month(date, days.day)
