"""Members are told what happened to them: one function a happening, each message once for its cause.

What is brought in from elsewhere, and a history that is lived again, is told to nobody: see `quietly`.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings

from benefits import queries as benefits_queries
from benefits.actions import Redeemed
from kit import clock, jobs
from kit.jobs import Chunk, Night
from kit.keys import source_key
from members import queries as members_queries
from members.enums import Purpose
from messaging import actions as messaging_actions
from messaging import jobs as messaging_jobs
from messaging.enums import Channel
from messaging.queries.templates import published_version
from tiers import queries as tiers_queries

KEY_MAX = 200
DAY = dt.timedelta(days=1)
NIGHT = "night"
MORNING = dt.timedelta(hours=9)
"""What a night found is told in the morning, not in the night."""
DAYS_BACK_MAX = 7
"""After a longer stand-still, what is older than this is no news any more."""

_IS_QUIET: ContextVar[bool] = ContextVar("told_is_quiet", default=False)


@contextmanager
def quietly(*, when: bool = True) -> Iterator[None]:
    """Will tell nobody of what happens inside, where `when` says so: of what is brought in, and of what is old."""
    token = _IS_QUIET.set(_IS_QUIET.get() or when)
    try:
        yield
    finally:
        _IS_QUIET.reset(token)


def is_old(happened_at: dt.datetime, at: dt.datetime) -> bool:
    """Will say whether something happened so long before an instant that it is no news."""
    return at - happened_at > DAYS_BACK_MAX * DAY


# ---- what happens by day


def joined(*, member_id: int, at: dt.datetime, actor: str) -> None:
    """Will welcome a new member, once in a membership."""
    _tell("welcome", member_id, "welcome", {}, at, actor)


def tier_decided(*, member_id: int, cause: str, at: dt.datetime, actor: str) -> None:
    """Will tell a member that something of a cause raised or lowered his tier, if it did. One query where not."""
    if _IS_QUIET.get():
        return
    for change in tiers_queries.changes_of(member_id, cause):
        raised = change.from_tier is not None and change.to_tier.rank > change.from_tier.rank
        values = {
            "from_tier": change.from_tier.names if change.from_tier else None,
            "to_tier": change.to_tier.names,
            "valid_until": change.until_date.isoformat() if change.until_date else None,
        }
        key = source_key("tier", tiers_queries.MAIN, change.seq)
        _tell("tier_changed" if raised else "tier_fallen", member_id, key, values, at, actor)


def order_earned(*, member_id: int, key: str, order_id: str, points: int, at: dt.datetime, actor: str) -> None:
    """Will send the receipt of the points of an order, if it brought any and receipts are sent."""
    if points > 0 and settings.ORDER_RECEIPTS:
        values = {"order_number": order_id, "points_given": points}
        _tell("order_receipt", member_id, f"receipt:{key}", values, at, actor)


def order_returned(
    *, member_id: int, key: str, occasion: str, order_id: str, points: int, at: dt.datetime, actor: str
) -> None:
    """Will send the receipt of the points that a return took back, if it took any and receipts are sent."""
    if points > 0 and settings.ORDER_RECEIPTS:
        values = {"order_number": order_id, "points_taken": points}
        _tell("refund_receipt", member_id, f"receipt:{key}:{occasion}", values, at, actor)


def redeemed(*, done: Redeemed, at: dt.datetime, actor: str) -> None:
    """Will send the receipt of a reward, once for its redemption."""
    if done.is_new:
        names = benefits_queries.names_of_rewards([done.reward]).get(done.reward) or {"en": done.reward}
        values = {"reward_name": dict(names), "points_spent": done.points}
        _tell("redemption_receipt", done.member_id, f"redeemed:{done.id}", values, at, actor)


# ---- what nights find


def tell_tier_changes(night: Night, after: int) -> Iterator[Chunk]:
    """Will tell members what the nights since the last telling made of their tiers."""
    since = _since("tell_tier_changes", night.date)
    told = {"since": since, "until": night.date, **_morning(night)}
    yield from _once(after, lambda: messaging_jobs.tell_tier_changes(**told))


def tell_falls(night: Night, after: int) -> Iterator[Chunk]:
    """Will tell members which tiers are about to end, of the warnings due in the morning and of dates missed."""
    since, until = _since("tell_falls", night.date) + DAY, night.date + DAY
    dates = [since + number * DAY for number in range((until - since).days + 1)]
    yield from _once(after, lambda: messaging_jobs.tell_falls(dates=dates, **_morning(night)))


def tell_lapsing_points(night: Night, after: int) -> Iterator[Chunk]:
    """Will tell members which points are about to end, of the reminders due in the morning and of dates missed."""
    since = _since("tell_lapsing_points", night.date) + DAY
    told = {"since": since, "until": night.date + DAY, **_morning(night)}
    yield from _once(after, lambda: messaging_jobs.tell_lapsing_points(**told))


# ---- leaves


def _since(step: str, date: dt.date) -> dt.date:
    """Will return the first date whose night has not been told of."""
    last = jobs.last_done(step, date)
    return max(last + DAY, date - DAYS_BACK_MAX * DAY) if last else date


def _morning(night: Night) -> dict[str, Any]:
    return {"due_at": _morning_after(night.date), "at": clock.day_end(night.date)}


def _morning_after(date: dt.date) -> dt.datetime:
    return clock.day_start(date + DAY) + MORNING


def _once(after: int, deed: Any) -> Iterator[Chunk]:
    if after < jobs.EVERYBODY:
        told = deed()
        yield Chunk(jobs.EVERYBODY, told, {"told": told})


def _tell(code: str, member_id: int, key: str, values: Mapping[str, object], at: dt.datetime, actor: str) -> None:
    """Will put a service message into the outbox for the inbox, and as an e-mail for who has an address.

    Nothing where the shop has archived its template, or never had one.
    """
    if _IS_QUIET.get() or (version := published_version(code)) is None:
        return
    with_email = members_queries.with_email([member_id])
    for channel in messaging_jobs.channels_of(version):
        if channel != Channel.EMAIL or member_id in with_email:
            messaging_actions.enqueue(
                member_id=member_id,
                channel=Channel(channel),
                source_key=_short(key),
                purpose=Purpose.SERVICE,
                template_version_id=version.version_id,
                values={name: value for name, value in values.items() if value is not None},
                due_at=_morning_after(clock.business_date(at)) if actor == NIGHT else None,
                at=at,
                actor=actor,
            )


def _short(key: str) -> str:
    """Will return a source key as it is, or by its hash where it would be too long."""
    return key if len(key) <= KEY_MAX else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"
