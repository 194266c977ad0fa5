"""What sets a campaign going for a member, and which dates are looked at for it. Pure."""

import calendar
import datetime as dt
from dataclasses import dataclass

from campaigns.enums import Trigger

DAYS_BACK = 2
"""So many dates back are looked at again, because the night that finds out about one ends on the next."""
BY_DATE = frozenset(Trigger) - {Trigger.WELCOME, Trigger.UPGRADE, Trigger.EVENT}
LOOKED_AT_EVERY = dt.timedelta(hours=1)
"""What goes by dates is looked for so often; anything else every time."""


@dataclass(frozen=True, slots=True)
class Happening:
    """That something sets a campaign going for a member: because of what, and the instant it counts from."""

    member_id: int
    occasion: str
    at: dt.datetime


def is_time_to_look(trigger: Trigger | None, since: dt.datetime, at: dt.datetime) -> bool:
    """Will say whether a trigger is to be looked for again."""
    return trigger not in BY_DATE or at - since >= LOOKED_AT_EVERY


def dates_to_look_at(since: dt.date, until: dt.date) -> list[dt.date]:
    """Will return the dates up to one, from some before the other on."""
    first = since - dt.timedelta(days=DAYS_BACK)
    return [first + dt.timedelta(days=days) for days in range((until - first).days + 1)]


def days_kept_on(date: dt.date) -> list[str]:
    """Will return the days MM-DD that are kept on a date: 28 February of a common year is 29 February too."""
    names = [f"{date:%m-%d}"]
    if names == ["02-28"] and not calendar.isleap(date.year):
        names.append("02-29")
    return names
