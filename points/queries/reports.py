"""What reports ask of the whole ledger; each statement reads it at most once, and sees one moment."""

import datetime as dt
from dataclasses import dataclass

from kit import dates, sql
from points.rules.breakage import CohortFlow


@dataclass(frozen=True, slots=True)
class DateMoved:
    """What one business date moved in all members' points, by kind of entry; signed."""

    date: dt.date
    kind: str
    points: int


@dataclass(frozen=True, slots=True)
class Movement:
    """What all members held before a period, less what they owed, and what each of its dates moved."""

    opening: int
    moved: tuple[DateMoved, ...]


def movement(starts_on: dt.date, ends_on: dt.date, today: dt.date) -> Movement:
    """Will return what moved all members' points from starts_on to ends_on, inclusive. One query.

    What ended before `today` has expired on its date, whether a night has booked it or not.
    """
    rows = sql.fetch(
        "points", "movement", starts_on=starts_on, ends_on=ends_on, today=today, while_active=dates.WHILE_ACTIVE
    )
    opening = sum(int(points or 0) for date, _kind, points in rows if date is None)
    return Movement(opening, tuple(DateMoved(*row) for row in rows if row[0] is not None))


def cohort_flows(ends_on: dt.date) -> list[CohortFlow]:
    """Will return what each month did to the points that became active in one month, through a date. One query."""
    rows = sql.fetch("points", "cohort_flows", ends_on=ends_on, while_active=dates.WHILE_ACTIVE, never=dates.NEVER)
    return [CohortFlow(*row) for row in rows]
