"""The period that the overview looks at: from when to when, compared with what, cut into which buckets."""

import datetime as dt
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kit import dates
from membership_site import formats

YEAR = 12
DAYS_MAX = 31
WEEKS_MAX = 26
LABELS_MAX = 8


@dataclass(frozen=True)
class Cut:
    """How a period is cut: what its table and its charts are headed with."""

    label: str | Promise
    points: str | Promise
    sales: str | Promise


DAYS = Cut(gettext_lazy("Day"), gettext_lazy("Points by day"), gettext_lazy("Sales from members by day"))
WEEKS = Cut(gettext_lazy("Week of"), gettext_lazy("Points by week"), gettext_lazy("Sales from members by week"))
MONTHS = Cut(gettext_lazy("Month"), gettext_lazy("Points by month"), gettext_lazy("Sales from members by month"))


@dataclass(frozen=True)
class Range:
    """One of the periods to choose from; months are calendar months, days are days."""

    code: str
    label: str | Promise
    before: str | Promise
    cut: Cut
    months: int = 0
    days: int = 0
    label_every: int = 1


RANGES = (
    Range("7d", gettext_lazy("7 days"), gettext_lazy("the 7 days before"), DAYS, days=7),
    Range("30d", gettext_lazy("30 days"), gettext_lazy("the 30 days before"), DAYS, days=30, label_every=5),
    Range("13w", gettext_lazy("13 weeks"), gettext_lazy("the 13 weeks before"), WEEKS, days=91, label_every=2),
    Range(
        "12m",
        gettext_lazy("12 months"),
        gettext_lazy("the same months a year before"),
        MONTHS,
        months=12,
        label_every=2,
    ),
)
DEFAULT = RANGES[2]


@dataclass(frozen=True)
class Period:
    """A range; all dates are inclusive. `months_back` is how far back it is compared, 0 for right before it."""

    range: Range
    starts_on: dt.date
    ends_on: dt.date
    before_starts_on: dt.date
    before_ends_on: dt.date
    buckets: tuple[tuple[dt.date, dt.date], ...]
    months_back: int = 0

    def bucket_of(self, date: dt.date) -> int:
        """Will return the number of the bucket a date falls in."""
        return next(index for index, (_first, last) in enumerate(self.buckets) if date <= last)

    def bucket_beside(self, date: dt.date) -> int:
        """Will return the number of the bucket that a date of the time before is compared in."""
        if self.months_back:
            beside = dates.add_months(date, self.months_back)
        else:
            beside = self.starts_on + (date - self.before_starts_on)
        return self.bucket_of(min(max(beside, self.starts_on), self.ends_on))


def read_range(text: str) -> Range:
    """Will return the range an address asks for, 13 weeks where it asks for none there is."""
    return next((known for known in RANGES if known.code == text), DEFAULT)


def period(chosen: Range, today: dt.date, *, beside_last_year: bool = False) -> Period:
    """Will return the range that ends today, cut into its buckets."""
    if chosen.months:
        first_of_this = today.replace(day=1)
        firsts = [dates.add_months(first_of_this, -back) for back in range(chosen.months - 1, -1, -1)]
        lasts = [dates.last_of_month(first.year, first.month) for first in firsts[:-1]] + [today]
        # The last month has only begun, so it is compared with as many days of its like a year ago.
        buckets = tuple(zip(firsts, lasts, strict=True))
        return _years_apart(Period(chosen, firsts[0], today, firsts[0], today, buckets), chosen.before)
    starts_on = today - dt.timedelta(days=chosen.days - 1)
    shown = _right_before(chosen, starts_on, today, _by_days(starts_on, today, 7 if chosen.cut is WEEKS else 1))
    return _years_apart(shown) if beside_last_year else shown


def own_period(starts_on: dt.date, ends_on: dt.date, *, beside_last_year: bool = False) -> Period:
    """Will return the period from one date through another, cut by its length into days, weeks or months."""
    days = (ends_on - starts_on).days + 1
    if days <= DAYS_MAX:
        cut, buckets = DAYS, _by_days(starts_on, ends_on, 1)
    elif days <= WEEKS_MAX * 7:
        cut, buckets = WEEKS, _by_days(starts_on, ends_on, 7)
    else:
        cut, buckets = MONTHS, _by_months(starts_on, ends_on)
    before = ngettext("the day before", "the %(n)s days before", days) % {"n": formats.num(days)}
    chosen = Range("", "", before, cut, days=days, label_every=-(-len(buckets) // LABELS_MAX))
    shown = _right_before(chosen, starts_on, ends_on, buckets)
    return _years_apart(shown) if beside_last_year else shown


def _right_before(
    chosen: Range, starts_on: dt.date, ends_on: dt.date, buckets: tuple[tuple[dt.date, dt.date], ...]
) -> Period:
    before_ends_on = starts_on - dt.timedelta(days=1)
    return Period(chosen, starts_on, ends_on, before_ends_on - (ends_on - starts_on), before_ends_on, buckets)


def _years_apart(shown: Period, words: str | Promise = "") -> Period:
    return replace(
        shown,
        range=replace(shown.range, before=words or _("the same days a year before")),
        before_starts_on=dates.add_months(shown.starts_on, -YEAR),
        before_ends_on=dates.add_months(shown.ends_on, -YEAR),
        months_back=YEAR,
    )


def _by_days(starts_on: dt.date, ends_on: dt.date, days: int) -> tuple[tuple[dt.date, dt.date], ...]:
    firsts = [starts_on + dt.timedelta(days=n) for n in range(0, (ends_on - starts_on).days + 1, days)]
    return tuple((first, min(first + dt.timedelta(days=days - 1), ends_on)) for first in firsts)


def _by_months(starts_on: dt.date, ends_on: dt.date) -> tuple[tuple[dt.date, dt.date], ...]:
    buckets, first = [], starts_on
    while first <= ends_on:
        last = dates.last_of_month(first.year, first.month)
        buckets.append((first, min(last, ends_on)))
        first = last + dt.timedelta(days=1)
    return tuple(buckets)
