"""Freezing: members become recipients of a launch, each in his group and variant, and their messages are put by."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import connection
from django.db.models import DateTimeField, QuerySet, TextField, Value

from campaigns.enums import CampaignKind
from campaigns.models import Campaign, Run
from campaigns.queries.controls import control_in_force
from campaigns.rules import buckets
from campaigns.rules import plan as plans
from campaigns.rules.keys import run_key
from campaigns.rules.triggers import Happening
from kit import clock, sql
from members.enums import Purpose
from members.models import Member
from messaging import actions as messaging_actions
from messaging import jobs as messaging_jobs
from messaging import queries as messaging_queries

CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Frozen:
    """How many became recipients, and of what group."""

    members: int = 0
    treated: int = 0
    control: int = 0
    global_control: int = 0

    def __add__(self, more: "Frozen") -> "Frozen":
        return Frozen(
            self.members + more.members,
            self.treated + more.treated,
            self.control + more.control,
            self.global_control + more.global_control,
        )


def freeze_audience(*, run: Run, campaign: Campaign, members: QuerySet[Member], at: dt.datetime, actor: str) -> Frozen:
    """Will make recipients of those of a set of members who can be reached, in one statement.

    In the caller's transaction. The set is asked by the database itself, and holds active members only. Whoever is a
    recipient of the launch already is left, so that a repeat changes nothing. Messages whose words or gifts are not
    decided yet wait.
    """
    asked = members.order_by().values_list("pk", "time_zone", Value("", TextField()), Value(at, DateTimeField()))
    return _freeze(run, campaign, sql.question(asked, "asked"), at, actor)


def freeze(*, run: Run, campaign: Campaign, happenings: Iterable[Happening], at: dt.datetime, actor: str) -> Frozen:
    """Will make recipients of those who can be reached of members to whom something happened, 20,000 a statement.

    In the caller's transaction. Whoever is one for the same occasion already is left, so that a repeat changes nothing.
    Messages whose words or gifts are not decided yet wait.
    """
    total = Frozen()
    for chunk in _chunks(happenings):
        entering = sql.part(
            "campaigns",
            "entering",
            members=[one.member_id for one in chunk],
            occasions=[one.occasion for one in chunk],
            bases=[one.at for one in chunk],
        )
        total += _freeze(run, campaign, entering, at, actor)
    return total


def _chunks(happenings: Iterable[Happening]) -> Iterator[list[Happening]]:
    left = iter(happenings)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


def _freeze(run: Run, campaign: Campaign, asked: sql.Part, at: dt.datetime, actor: str) -> Frozen:
    """Will freeze whom a part asks for, with memory enough to join addresses and consents as sets."""
    if run.dispatch_id is None:
        raise ValueError("A launch without a dispatch has no messages.")
    plan = plans.plan_from(run.plan)
    versions = {variant.code: variant.version for variant in plan.variants}
    topic = messaging_queries.topic_of(next(iter(versions.values())) or 0)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SET LOCAL jit = off")
    [row] = sql.fetch(
        "campaigns",
        "freeze",
        asked=asked,
        enqueue=messaging_jobs.enqueueing(run.dispatch_id, Purpose.MARKETING, topic, at=at),
        **_settings(run, campaign, plan, versions, at),
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem TO DEFAULT")
        cursor.execute("SET LOCAL jit TO DEFAULT")
    frozen = Frozen(*row)
    if frozen.treated:
        messaging_actions.carry_on(dispatch_id=run.dispatch_id, at=at, actor=actor)
    return frozen


def _day_of(run: Run, campaign: Campaign, when: plans.When) -> dt.date | None:
    """The date on which a launch is due: one that recurs is named by it; nobody's clock is asked for another one."""
    return dt.date.fromisoformat(run.occasion) if campaign.kind == CampaignKind.RECURRING else when.on


def _settings(
    run: Run, campaign: Campaign, plan: plans.Plan, versions: dict[str, int | None], at: dt.datetime
) -> dict[str, object]:
    """Will return what freeze.sql asks beside its parts and what these ask."""
    when, control = plan.when, control_in_force(at)
    tested = plan.experiment.test_share if plan.experiment else buckets.BUCKETS
    return {
        "run": run.id,
        "campaign": campaign.id,
        "source_key": f"{run_key(campaign.id, run.occasion)}:",
        "control_salt": buckets.control_salt(campaign.id),
        "control_share": plan.control_share,
        "variant_salt": buckets.variant_salt(campaign.id),
        "variants": list(versions),
        "ends": list(buckets.bounds(buckets.even_shares(len(versions), tested))),
        "versions": json.dumps(versions),
        "global_salt": control.salt if control else "",
        "global_share": control.share if control else 0,
        "channels": list(plan.channels),
        "gives": bool(plan.rewards),
        "day": _day_of(run, campaign, when),
        "time": when.at,
        "in_member_zone": when.in_member_zone,
        "delay": when.delay_hours,
        "again_after": when.again_after_days,
        "zone": str(clock.programme_zone()),
    }
