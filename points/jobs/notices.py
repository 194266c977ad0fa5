"""Reminders at night: whose points end soon, as rows for messaging."""

import datetime as dt
from collections.abc import Iterator

from kit import jobs, sql
from kit.dates import WHILE_ACTIVE
from kit.jobs import Chunk, Night
from points import queries

STEP = "notice_expiries"
DAY = dt.timedelta(days=1)
LOTS_A_CHUNK = 20_000
DAYS_BACK_MAX = 366


def notice_expiries(night: Night, after: int) -> Iterator[Chunk]:
    """Will write who is to be reminded on the next date, and on the dates whose nights were missed, of what ends when.

    A row per member, last date and reminder, once: what is there stays. Only active members with something to spend;
    nothing whose last date is over by now. The amount is that of the night. No locks: it reads one moment.
    """
    due = reminders_due(night.date, jobs.last_done(STEP, night.date))
    if not due:
        return
    ends, days, dates = (list(column) for column in zip(*due, strict=True))
    asked = {"ends": ends, "while_active": WHILE_ACTIVE}
    for (upto,) in sql.fetch("points", "bounds_of_notices", **asked, after=after, lots=LOTS_A_CHUNK):
        chunk = {**asked, "above": after, "upto": upto, "days": days, "due": dates}
        [(notices, points)] = sql.fetch("points", "notice_expiries", **chunk)
        yield Chunk(upto, notices, {"notices": notices, "points": points})
        after = upto


def reminders_due(date: dt.date, last_done: dt.date | None) -> list[tuple[dt.date, int, dt.date]]:
    """Will return (last date, days before it, date to remind on) of what a night writes. One query.

    The night of a date writes what is due on the next one, so that it can be sent that morning. Where nights were
    missed since `last_done`, also what was due meanwhile, unless its last date is over.
    """
    policies = queries.policies()
    first = max(last_done or date - DAY, date - DAYS_BACK_MAX * DAY) + 2 * DAY
    dates = [first + number * DAY for number in range((date + DAY - first).days + 1)]
    return [
        (on + days * DAY, days, on) for on in dates for days in policies.on(on).reminder_days if on + days * DAY > date
    ]
