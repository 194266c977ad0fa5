"""The last date on which points can be used, from the date on which they become active. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kit import dates
from points.enums import ExpiryKind, Period

PERIOD_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF_YEAR: 6, Period.YEAR: 12}


@dataclass(frozen=True, slots=True)
class ExpiryTerms:
    """How long points last.

    `count` is days, months or further periods, as the kind says; with INACTIVITY months without a deed of the
    member's own. Counting begins when points become active, not when they are earned.
    """

    kind: ExpiryKind
    count: int = 0
    period: Period = Period.YEAR

    @property
    def idle_months(self) -> int:
        """After how many months without a deed of the member's own points end; 0 where they do not wait for one."""
        return self.count if self.kind is ExpiryKind.INACTIVITY else 0

    def expires_on(self, active_on: dt.date) -> dt.date:
        """Will return the last date, inclusive, on which a lot that becomes active on a date can be used.

        31 January and a month is the last of February. While a member stays active, lots of an INACTIVITY policy have
        no date of their own (kit.dates.WHILE_ACTIVE); the balance says until when.
        """
        match self.kind:
            case ExpiryKind.NEVER:
                return dates.NEVER
            case ExpiryKind.INACTIVITY:
                return dates.WHILE_ACTIVE
            case ExpiryKind.DAYS:
                return active_on + dt.timedelta(days=self.count)
            case ExpiryKind.MONTHS:
                return dates.add_months(active_on, self.count)
            case ExpiryKind.END_OF_MONTH:
                then = dates.add_months(active_on.replace(day=1), self.count)
                return dates.last_of_month(then.year, then.month)
            case ExpiryKind.END_OF_PERIOD:
                return _end_of_period(active_on, PERIOD_MONTHS[self.period], self.count)

    def idle_until(self, active_on: dt.date) -> dt.date | None:
        """Will return through which date a member who does something on a date keeps his points by it."""
        return dates.add_months(active_on, self.count) if self.kind is ExpiryKind.INACTIVITY else None


def _end_of_period(date: dt.date, months: int, further: int) -> dt.date:
    first_month = (date.month - 1) // months * months + 1
    last = dates.add_months(dt.date(date.year, first_month, 1), months * (further + 1) - 1)
    return dates.last_of_month(last.year, last.month)


def expiry_terms(terms: Mapping[str, Any]) -> ExpiryTerms:
    """Will read the stored terms of an expiry; raises KeyError and ValueError."""
    kind = ExpiryKind(terms["kind"])
    count = 0 if kind is ExpiryKind.NEVER else int(terms["count"])
    if count < 0 or (count == 0 and kind in (ExpiryKind.DAYS, ExpiryKind.MONTHS, ExpiryKind.INACTIVITY)):
        raise ValueError(f"an expiry of {count} {kind} lasts no time")
    return ExpiryTerms(kind, count, Period(terms.get("period", Period.YEAR)))
