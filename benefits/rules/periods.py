"""The periods of benefits: of the calendar, of a birthday, of a day of joining; each has a key. Pure."""

import datetime as dt
from dataclasses import dataclass

from benefits.enums import Occasion, Per
from kit import dates

DAY = dt.timedelta(days=1)
WINDOW_DAYS_MAX = 180
"""So many days before and after a birthday together, so that the windows of two years never meet."""


@dataclass(frozen=True, slots=True)
class Period:
    """A period by its key, with its first and its last date, both inclusive; without a last one it does not end."""

    key: str
    starts_on: dt.date
    ends_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """How many days before and after its day something that comes round every year is given and is good."""

    before: int = 0
    after: int = 0


CALENDAR = {Occasion.MONTHLY: Per.MONTH, Occasion.QUARTERLY: Per.QUARTER}
YEARLY = (Occasion.BIRTHDAY, Occasion.ANNIVERSARY)


def period_of(per: Per, date: dt.date) -> Period:
    """Will return the part of the calendar that a date lies in: 2026-11, 2026Q4, 2026, or the whole membership."""
    if per is Per.EVER:
        return Period("ever", dates.ALWAYS)
    if per is Per.YEAR:
        return Period(f"{date:%Y}", dt.date(date.year, 1, 1), dt.date(date.year, 12, 31))
    if per is Per.MONTH:
        return Period(f"{date:%Y-%m}", date.replace(day=1), dates.last_of_month(date.year, date.month))
    quarter = (date.month + 2) // 3
    first = dt.date(date.year, 3 * quarter - 2, 1)
    return Period(f"{date.year}Q{quarter}", first, dates.last_of_month(date.year, 3 * quarter))


def day_in(born_on: dt.date, year: int) -> dt.date:
    """Will return the day on which a date comes round in a year; 29 February is 28 February in common years."""
    if (born_on.month, born_on.day) == (2, 29):
        return dates.last_of_month(year, 2)
    return dt.date(year, born_on.month, born_on.day)


def yearly_period(occasion: Occasion, first: dt.date, window: Window, on: dt.date) -> Period | None:
    """Will return the period of a birthday or anniversary that a date lies in, by the year of the day itself, or None.

    `first` is the day of birth or of joining; the day itself is the first time it has come round.
    """
    for year in (on.year - 1, on.year, on.year + 1):
        day = day_in(first, year)
        if day > first and day - window.before * DAY <= on <= day + window.after * DAY:
            return celebrated(occasion, day, window)
    return None


def celebrated(occasion: Occasion, day: dt.date, window: Window) -> Period:
    """Will return the period around a day that came round: birthday:2026, once however often the birthday changes."""
    return Period(f"{occasion}:{day.year}", day - window.before * DAY, day + window.after * DAY)


def days_due(window: Window, on: dt.date) -> dict[str, dt.date]:
    """Will return {month and day as MMDD: the day this year} of the birthdays whose window a date lies in.

    On a 28 February of a common year those of the 29th are among them.
    """
    found = {}
    for number in range(-window.after, window.before + 1):
        day = on + number * DAY
        found[f"{day:%m%d}"] = day
        if (day.month, day.day) == (2, 28) and dates.last_of_month(day.year, 2) == day:
            found["0229"] = day
    return found


def upgrade_period(tier: str, seq: int, on: dt.date) -> Period:
    """Will return the period of what an upgrade gives: once for each decision that raised a member."""
    return Period(f"{Occasion.UPGRADE}:{tier}:{seq}", on)
