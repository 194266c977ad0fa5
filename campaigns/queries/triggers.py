"""What has happened that sets triggered campaigns going: asked of what other rooms keep, not told by them."""

import datetime as dt

from campaigns.enums import Trigger
from campaigns.rules.plan import When
from campaigns.rules.triggers import BY_DATE, Happening, dates_to_look_at, days_kept_on
from kit import clock, sql

LATE = dt.timedelta(minutes=10)
"""A transaction that lasts so long is still seen when it ends: what it wrote bears the time at which it began."""


def happenings(run_id: int, when: When, since: dt.datetime, until: dt.datetime) -> list[Happening]:
    """Will return whom a trigger has reached between two instants and who is no recipient for it yet. One query."""
    if when.trigger is None:
        return []
    asked: dict[str, object] = {"run": run_id}
    if when.trigger in BY_DATE:
        dates = dates_to_look_at(clock.business_date(since), clock.business_date(until))
        asked |= {"zone": str(clock.programme_zone()), "dates": dates}
        if when.trigger in (Trigger.BIRTHDAY, Trigger.ANNIVERSARY):
            days = [(date, name) for date in dates for name in days_kept_on(date)]
            asked |= {"dates": [date for date, _ in days], "days": [name for _, name in days]}
    else:
        asked |= {"since": since - LATE, "until": until}
    if when.trigger is Trigger.GONE_QUIET:
        asked["days_quiet"] = when.days
    if when.trigger is Trigger.STREAK_BROKEN:
        asked["days_in_row"] = when.days
    if when.trigger is Trigger.EVENT:
        asked["event"] = when.event
    return [Happening(*row) for row in sql.fetch("campaigns", f"trigger_{when.trigger}", **asked)]
