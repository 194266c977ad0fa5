"""The period that the overview looks at: from when to when, compared with what, cut into which buckets."""

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit import dates


@dataclass(frozen=True)
class Range:
    """One of the periods to choose from; months are calendar months, days are days."""

    code: str
    label: str | Promise
    before: str | Promise
    bucket_label: str | Promise
    title: str | Promise
    months: int = 0
    days: int = 0
    bucket_days: int = 1
    label_every: int = 1


RANGES = (
    Range("7d", _("7 days"), _("the 7 days before"), _("Day"), _("Points by day"), days=7),
    Range("30d", _("30 days"), _("the 30 days before"), _("Day"), _("Points by day"), days=30, label_every=5),
    Range(
        "13w",
        _("13 weeks"),
        _("the 13 weeks before"),
        _("Week of"),
        _("Points by week"),
        days=91,
        bucket_days=7,
        label_every=2,
    ),
    Range(
        "12m",
        _("12 months"),
        _("the same months a year before"),
        _("Month"),
        _("Points by month"),
        months=12,
        label_every=2,
    ),
)
DEFAULT = RANGES[2]


@dataclass(frozen=True)
class Period:
    """A range that ends today; all dates are inclusive."""

    range: Range
    starts_on: dt.date
    ends_on: dt.date
    before_starts_on: dt.date
    before_ends_on: dt.date
    buckets: tuple[tuple[dt.date, dt.date], ...]

    def bucket_of(self, date: dt.date) -> int:
        """Will return the number of the bucket a date falls in."""
        return next(index for index, (_first, last) in enumerate(self.buckets) if date <= last)


def read_range(text: str) -> Range:
    """Will return the range an address asks for, 13 weeks where it asks for none there is."""
    return next((known for known in RANGES if known.code == text), DEFAULT)


def period(chosen: Range, today: dt.date) -> Period:
    """Will return the range that ends today, cut into its buckets."""
    if chosen.months:
        first_of_this = today.replace(day=1)
        firsts = [dates.add_months(first_of_this, -back) for back in range(chosen.months - 1, -1, -1)]
        lasts = [dates.last_of_month(first.year, first.month) for first in firsts[:-1]] + [today]
        # The last month has only begun, so it is compared with as many days of its like a year ago.
        before_starts_on, before_ends_on = (dates.add_months(date, -chosen.months) for date in (firsts[0], today))
        buckets = tuple(zip(firsts, lasts, strict=True))
        return Period(chosen, firsts[0], today, before_starts_on, before_ends_on, buckets)
    starts_on = today - dt.timedelta(days=chosen.days - 1)
    firsts = [starts_on + dt.timedelta(days=days) for days in range(0, chosen.days, chosen.bucket_days)]
    length = dt.timedelta(days=chosen.bucket_days - 1)
    return Period(
        chosen,
        starts_on,
        today,
        starts_on - dt.timedelta(days=chosen.days),
        starts_on - dt.timedelta(days=1),
        tuple((first, first + length) for first in firsts),
    )
