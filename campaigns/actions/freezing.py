"""Freezing: members become recipients of a launch, each in his group and variant, and their messages are put by."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from campaigns.models import Campaign, Run
from campaigns.queries.controls import control_in_force
from campaigns.rules import buckets
from campaigns.rules import plan as plans
from campaigns.rules.keys import run_key
from campaigns.rules.triggers import Happening
from kit import clock, sql
from members.enums import Purpose
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


def freeze(*, run: Run, campaign: Campaign, happenings: Iterable[Happening], at: dt.datetime, actor: str) -> Frozen:
    """Will make recipients of members who can be reached, in the caller's transaction, 20,000 a statement.

    Whoever is one for the same occasion already is left, so that a repeat changes nothing. Messages whose words or
    gifts are not decided yet wait.
    """
    plan = plans.plan_from(run.plan)
    versions = {variant.code: variant.version for variant in plan.variants}
    topic = messaging_queries.topic_of(next(iter(versions.values())) or 0)
    settings = _settings(run, campaign, plan, versions, topic, at)
    total = Frozen()
    messaging_jobs.create_wanted()
    for chunk in _chunks(happenings):
        total += _freeze_chunk(chunk, settings)
    if run.dispatch_id is None:
        raise ValueError("A launch without a dispatch has no messages.")
    messaging_jobs.enqueue_wanted(run.dispatch_id, Purpose.MARKETING, topic, at=at)
    return total


def _chunks(happenings: Iterable[Happening]) -> Iterator[list[Happening]]:
    left = iter(happenings)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


def _freeze_chunk(chunk: Sequence[Happening], settings: dict[str, object]) -> Frozen:
    [row] = sql.fetch(
        "campaigns",
        "freeze",
        members=[one.member_id for one in chunk],
        occasions=[one.occasion for one in chunk],
        bases=[one.at for one in chunk],
        **settings,
    )
    return Frozen(*row)


def _settings(
    run: Run, campaign: Campaign, plan: plans.Plan, versions: dict[str, int | None], topic: str, at: dt.datetime
) -> dict[str, object]:
    """Will return what freeze.sql asks beside the members."""
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
        "topic": topic,
        "gives": bool(plan.rewards),
        "day": when.on,
        "time": when.at,
        "in_member_zone": when.in_member_zone,
        "delay": when.delay_hours,
        "again_after": when.again_after_days,
        "zone": str(clock.programme_zone()),
    }
