"""Messaging's rules of quiet hours: until when a message is held, in the member's zone. Pure."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

ROUNDS_MAX = 4
"""Windows that meet each other: more than two never do, but a zone may change between them."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours by the clock on the wall, over midnight where they end before they start; equal: none."""

    starts: dt.time
    ends: dt.time


def quiet_until(quiet: Quiet, at: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """Will return the first instant after quiet hours that `at` lies in, or None where it lies in none.

    Where clocks go back over an hour it is quiet from the first time they show the start to the last time they show
    the end; where they skip one, what would begin or end within it does so when it is over.
    """
    until = at
    for _ in range(ROUNDS_MAX):
        later = next((end for start, end in _windows(quiet, until, zone) if start <= until < end), None)
        if later is None:
            break
        until = later
    return until if until > at else None


def _windows(quiet: Quiet, at: dt.datetime, zone: ZoneInfo) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    if quiet.starts == quiet.ends:
        return
    today = at.astimezone(zone).date()
    for date in (today - dt.timedelta(days=1), today, today + dt.timedelta(days=1)):
        ends_on = date if quiet.starts < quiet.ends else date + dt.timedelta(days=1)
        yield instant_of(date, quiet.starts, zone, fold=0), instant_of(ends_on, quiet.ends, zone, fold=1)


def instant_of(date: dt.date, time: dt.time, zone: ZoneInfo, *, fold: int) -> dt.datetime:
    """Will return when a clock on the wall shows a time: the first (fold 0) or last (1) of two, or a gap's end."""
    wall = dt.datetime.combine(date, time).replace(fold=fold)
    found = wall.replace(tzinfo=zone).astimezone(dt.UTC)
    if found.astimezone(zone).replace(tzinfo=None, fold=0) == wall.replace(fold=0):
        return found
    low = wall.replace(tzinfo=zone, fold=1).astimezone(dt.UTC)
    high = wall.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)
    before = low.astimezone(zone).utcoffset()
    while high - low > dt.timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle <= low:
            break
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)
