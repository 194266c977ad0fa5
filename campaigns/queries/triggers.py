"""What has happened that sets triggered campaigns going: asked of what other rooms keep, not told by them."""

import calendar
import datetime as dt

from campaigns.actions.freezing import Happening
from campaigns.enums import Trigger
from campaigns.rules.plan import When
from kit import clock, sql

LATE = dt.timedelta(minutes=10)
"""A transaction that lasts so long is still seen when it ends: what it wrote bears the time at which it began."""
DAYS_BACK = 2
"""So many dates back are looked at again, because the night that finds out about one ends on the next."""
BY_DATE = frozenset(Trigger) - {Trigger.WELCOME, Trigger.UPGRADE, Trigger.EVENT}
LOOKED_AT_EVERY = dt.timedelta(hours=1)
"""What goes by dates is looked for so often; anything else every time."""


def happenings(run_id: int, when: When, since: dt.datetime, until: dt.datetime) -> list[Happening]:
    """Will return whom a trigger has reached between two instants and who is no recipient for it yet. One query."""
    if when.trigger is None:
        return []
    asked: dict[str, object] = {"run": run_id}
    if when.trigger in BY_DATE:
        asked |= {"zone": str(clock.programme_zone()), "dates": _dates(since, until)}
    else:
        asked |= {"since": since - LATE, "until": until}
    if when.trigger in (Trigger.BIRTHDAY, Trigger.ANNIVERSARY):
        days = [(date, name) for date in _dates(since, until) for name in _days_of(date)]
        asked |= {"dates": [date for date, _ in days], "days": [name for _, name in days]}
    if when.trigger is Trigger.GONE_QUIET:
        asked["days_quiet"] = when.days
    if when.trigger is Trigger.STREAK_BROKEN:
        asked["days_in_row"] = when.days
    if when.trigger is Trigger.EVENT:
        asked["event"] = when.event
    return [Happening(*row) for row in sql.fetch("campaigns", f"trigger_{when.trigger}", **asked)]


def is_time_to_look(when: When, since: dt.datetime, at: dt.datetime) -> bool:
    """Will say whether a trigger is to be looked for again."""
    return when.trigger not in BY_DATE or at - since >= LOOKED_AT_EVERY


def _dates(since: dt.datetime, until: dt.datetime) -> list[dt.date]:
    """The programme's dates up to an instant, from some before the other on; none before the campaign began to look."""
    first = clock.business_date(since) - dt.timedelta(days=DAYS_BACK)
    last = clock.business_date(until)
    return [first + dt.timedelta(days=days) for days in range((last - first).days + 1)]


def _days_of(date: dt.date) -> list[str]:
    """The days that count as a date: 28 February of a common year is 29 February too."""
    names = [f"{date:%m-%d}"]
    if names == ["02-28"] and not calendar.isleap(date.year):
        names.append("02-29")
    return names
