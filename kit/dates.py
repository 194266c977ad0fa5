"""Kit's calendar arithmetic: pure, so that rules may use it; the zone and the instant are handed in."""

import calendar
import datetime as dt
import zoneinfo
from functools import lru_cache

NEVER = dt.date(9999, 12, 31)
"""The expiry date of what never expires; a real date keeps comparisons and keys simple."""

WHILE_ACTIVE = dt.date(9999, 12, 30)
"""The expiry date of what expires only when its owner does nothing for too long; until when is told elsewhere."""

ALWAYS = dt.date(1970, 1, 1)
"""The activation date of what was never pending."""


@lru_cache(maxsize=8192)
def last_of_month(year: int, month: int) -> dt.date:
    """Will return the last date of a month."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


@lru_cache(maxsize=8192)
def add_months(date: dt.date, months: int) -> dt.date:
    """Will return the same day `months` later, or the last day of that month where it has no such day."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    last = last_of_month(year, month + 1)
    return last if date.day > last.day else last.replace(day=date.day)


def add_years(date: dt.date, years: int) -> dt.date:
    """Will return the same date `years` later; 29 February becomes 28 February in common years."""
    return add_months(date, 12 * years)


@lru_cache(maxsize=8192)
def day_start(date: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Will return the first instant of a date in a zone, in UTC."""
    return dt.datetime.combine(date, dt.time.min, tzinfo=zone).astimezone(dt.UTC)


def day_end(date: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Will return the last instant (to the microsecond) of a date in a zone, in UTC."""
    return day_start(date + dt.timedelta(days=1), zone) - dt.timedelta(microseconds=1)
