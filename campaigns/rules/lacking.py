"""What a plan still lacks before it can be started. Pure."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from campaigns.enums import CampaignKind, Every, Trigger
from campaigns.rules.buckets import BUCKETS
from campaigns.rules.plan import Plan, When
from campaigns.rules.timing import has_day_left


@dataclass(frozen=True, slots=True)
class Lack:
    """What keeps a plan from being started: in which step, and what; `facts` go into the sentence."""

    step: str
    code: str
    facts: tuple[tuple[str, Any], ...] = ()


def lacks(plan: Plan, kind: CampaignKind, today: dt.date) -> tuple[Lack, ...]:
    """Will name everything that is still to be done before a campaign of a kind can be started on a date."""
    if kind is CampaignKind.POINT_DAYS:
        return tuple(_lacks_of_point_days(plan, today))
    return (*_lacks_of_who(plan), *_lacks_of_words(plan), *_lacks_of_when(plan, kind, today))


def _lacks_of_point_days(plan: Plan, today: dt.date) -> list[Lack]:
    days = plan.point_days
    if days is None:
        return [Lack("when", "no_days")]
    found = []
    if days.starts_on is None or days.ends_on is None:
        found.append(Lack("when", "no_dates"))
    elif days.ends_on < today:
        found.append(Lack("when", "over", (("date", days.ends_on),)))
    if not (days.names and days.names.get("en")):
        found.append(Lack("message", "no_name"))
    return found


def _lacks_of_who(plan: Plan) -> list[Lack]:
    return [] if plan.tree is not None or plan.segment is not None else [Lack("who", "nobody")]


def _lacks_of_words(plan: Plan) -> list[Lack]:
    found = []
    if not plan.channels:
        found.append(Lack("message", "no_channel"))
    if not plan.variants:
        found.append(Lack("message", "no_words"))
    if len(plan.variants) > 1 and plan.experiment is None:
        found.append(Lack("message", "no_experiment"))
    return found


def _lacks_of_when(plan: Plan, kind: CampaignKind, today: dt.date) -> list[Lack]:
    when, found = plan.when, []
    if kind is CampaignKind.ONCE and when.on and when.on < today:
        found.append(Lack("when", "past", (("date", when.on),)))
    if kind is CampaignKind.RECURRING and (when.every is None or when.at is None):
        found.append(Lack("when", "no_rhythm"))
    if when.every is Every.WEEK and not when.weekdays:
        found.append(Lack("when", "no_weekday"))
    if when.every is Every.MONTH and not when.day:
        found.append(Lack("when", "no_day"))
    if kind is CampaignKind.TRIGGERED:
        found += _lacks_of_trigger(when)
    if when.ends_on and when.ends_on < today:
        found.append(Lack("when", "over", (("date", when.ends_on),)))
    if kind is CampaignKind.RECURRING and not found and not has_day_left(when, today):
        found.append(Lack("when", "no_day_left"))
    waits = len(plan.variants) > 1 and plan.experiment is not None and plan.experiment.test_share < BUCKETS
    if waits and kind is not CampaignKind.ONCE:
        found.append(Lack("message", "rest_only_once"))
    return found


def _lacks_of_trigger(when: When) -> list[Lack]:
    if when.trigger is None:
        return [Lack("when", "no_trigger")]
    if when.trigger is Trigger.EVENT and not when.event:
        return [Lack("when", "no_event")]
    if when.trigger in (Trigger.GONE_QUIET, Trigger.STREAK_BROKEN) and not when.days:
        return [Lack("when", "no_days_counted")]
    return []
