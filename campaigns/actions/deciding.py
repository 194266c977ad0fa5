"""Deciding: variants are compared once, at the horizon, and whoever waited for it is sent the winner."""

import datetime as dt
import json
from dataclasses import asdict
from typing import Any

from django.db import transaction

from campaigns.enums import Fallback
from campaigns.models import Run
from campaigns.queries.results import arms_of
from campaigns.rules import buckets, experiments
from campaigns.rules import plan as plans
from campaigns.rules.keys import recipient_key
from kit import audit, sql
from messaging.enums import Reason

STOPPED = "no variant won"


@transaction.atomic
def decide(*, run_id: int, at: dt.datetime, actor: str) -> dict[str, Any]:
    """Will compare a launch's variants, keep what was found, and deal the winner to whoever waited for it.

    Once: a second call, and one at the same time, gives the first one's answer. Locks the launch.
    """
    run = Run.objects.select_for_update().get(id=run_id)
    if run.decided_at is not None:
        return dict(run.decision)
    plan = plans.plan_from(run.plan)
    if plan.experiment is None:
        raise ValueError("A launch without variants has nothing to decide.")
    decision = experiments.decide(arms_of(run_id, plan.experiment))
    kept = json.loads(json.dumps(asdict(decision)))
    run.decided_at, run.decision = at, {**kept, "fallback": plan.experiment.fallback.value}
    run.save(update_fields=["decided_at", "decision"])
    subject = f"campaign:{run.campaign_id}"
    becomes = {"winner": decision.winner, "why": decision.why, "p": decision.p}
    audit.record(at=at, actor=actor, deed="campaign.decide", subject=subject, becomes=becomes)
    _deal_rest(run, plan, plan.experiment.fallback, decision.winner, at)
    return dict(run.decision)


def _deal_rest(run: Run, plan: plans.Plan, fallback: Fallback, winner: str, at: dt.datetime) -> None:
    if not winner and fallback is Fallback.STOP:
        _stop(run)
        return
    codes = [variant.code for variant in plan.variants]
    chosen = [winner] if winner else codes[:1] if fallback is Fallback.FIRST else codes
    sql.execute(
        "campaigns",
        "deal_rest",
        run=run.id,
        dispatch=run.dispatch_id,
        source_key=recipient_key(run.campaign_id, run.occasion, ""),
        codes=chosen,
        ends=list(buckets.bounds(buckets.even_shares(len(chosen)))),
        salt=buckets.variant_salt(run.campaign_id) + ":rest",
        versions=json.dumps({variant.code: variant.version for variant in plan.variants}),
        gives=bool(plan.rewards),
        at=at,
    )


def _stop(run: Run) -> None:
    """Will leave out whoever waited; the rows stay, so that it is known who was left out and why."""
    sql.execute(
        "campaigns",
        "stop_rest",
        run=run.id,
        dispatch=run.dispatch_id,
        source_key=recipient_key(run.campaign_id, run.occasion, ""),
        reason=Reason.NOT_ELIGIBLE.value,
        detail=STOPPED,
    )
