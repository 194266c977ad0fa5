"""Kit's clock: the one place that asks what time it is, and which business date an instant belongs to."""

import datetime as dt
import zoneinfo
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from kit import dates


def now() -> dt.datetime:
    """Will return the present instant; only doors, commands and tasks call it and hand it down."""
    return timezone.now()


@lru_cache(maxsize=4)
def _zone(name: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(name)


def programme_zone() -> zoneinfo.ZoneInfo:
    """Will return the one time zone in which the programme counts its days."""
    return _zone(settings.PROGRAMME_TIME_ZONE)


def business_date(at: dt.datetime) -> dt.date:
    """Will return the local date of the programme's zone that an aware instant belongs to."""
    return at.astimezone(programme_zone()).date()


def day_start(date: dt.date) -> dt.datetime:
    """Will return the first instant of a business date."""
    return dates.day_start(date, programme_zone())


def day_end(date: dt.date) -> dt.datetime:
    """Will return the last instant of a business date, at which its night is booked."""
    return dates.day_end(date, programme_zone())


def last_finished_date(at: dt.datetime) -> dt.date:
    """Will return the latest business date that is wholly over at an instant: the date a night may close."""
    return business_date(at) - dt.timedelta(days=1)
