"""The check-in week: what each day in a row gives, which are done, and whether today's is still to come."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit import clock
from membership_site import formats
from membership_site.flows import event_received
from orders import queries as orders_queries
from points import queries as points_queries

TYPE = "check_in"


@dataclass(frozen=True)
class Day:
    """A day of the streak; `state` is done, today (still to come) or next."""

    date: dt.date
    points: int
    state: str
    is_today: bool


@dataclass(frozen=True)
class CheckIn:
    """The block on the overview; `points` is what today's check-in gives by itself."""

    days: tuple[Day, ...]
    is_done: bool
    points: int
    words: str
    rule: str


def check_in(member_id: int, at: dt.datetime) -> CheckIn | None:
    """Will assemble the block at an instant; None where the programme has no check-in. Two queries."""
    today = clock.business_date(at)
    terms = points_queries.policy_on(today).events.get(TYPE)
    if terms is None:
        return None
    since = today - dt.timedelta(days=event_received.STREAK_DAYS_READ)
    came = set(orders_queries.event_dates(member_id, TYPE, since))
    before = 0
    while today - dt.timedelta(days=before + 1) in came:
        before += 1
    is_done, streak = today in came, terms.streak or (terms.points,)
    place = before % len(streak)
    return CheckIn(
        days=_days(streak, place, today, is_done),
        is_done=is_done,
        points=streak[place],
        words=_words(before + is_done),
        rule=_rule(streak),
    )


def _days(streak: tuple[int, ...], place: int, today: dt.date, is_done: bool) -> tuple[Day, ...]:
    days = []
    for number, points in enumerate(streak):
        state = "done" if number < place or (number == place and is_done) else "today" if number == place else "next"
        days.append(Day(today + dt.timedelta(days=number - place), points, state, is_today=number == place))
    return tuple(days)


def _words(days: int) -> str:
    if not days:
        return _("Check in today to begin a new row of days.")
    text = ngettext("%(n)s day in a row so far.", "%(n)s days in a row so far.", days)
    return text % {"n": formats.num(days)}


def _rule(streak: tuple[int, ...]) -> str:
    """Will say the rule of the row: what it gives, that it begins again, and what a missed day does."""
    if len(streak) == 1:
        return _("Once a day.")
    words = {"days": formats.num(len(streak)), "points": formats.listing([formats.num(points) for points in streak])}
    return (
        _(
            "Once a day: %(points)s points on %(days)s days in a row, and then again from the first. A missed day "
            "begins a new row; nothing is taken away."
        )
        % words
    )
