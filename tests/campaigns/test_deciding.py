"""Variants are compared once, at the horizon; whoever waited for it gets the winner, or what the plan says without."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from campaigns import actions as campaigns_actions
from campaigns.enums import CampaignState
from campaigns.models import Recipient, Run
from kit.models import AuditRow
from messaging.enums import MessageState
from messaging.models import Message, MessageEvent
from points import queries as points_queries
from tests.campaigns.cast import launched, messages, reachable, recipients, sent, turn, words
from tests.conftest import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("module_programme")]

HORIZON = NOON + dt.timedelta(hours=24)


@pytest.fixture(scope="module")
def members(module_programme: None) -> list[int]:
    """Eighty members who can be written to."""
    return [reachable(f"m{number}").id for number in range(80)]


def trial(fallback: str = "first", **more: Any) -> Run:
    """A launch that tests two variants on four fifths of its audience, by clicks within a day."""
    two = [{"code": "A", "template": words("A").id}, {"code": "B", "template": words("B").id}]
    return launched(
        variants=two,
        experiment={"metric": "clicked", "horizon_hours": 24, "test_share": 8000, "fallback": fallback},
        **more,
    )


def click(run: Run, variant: str, share: float, kind: str = "clicked", at: dt.datetime = NOON) -> None:
    """A share of a variant's recipients clicked."""
    sent(run, NOON)
    found = sorted(member for member, one in recipients(run).items() if one.variant == variant)
    by_member = messages(run)
    for member in found[: round(len(found) * share)]:
        MessageEvent.objects.create(message=by_member[member], kind=kind, key=f"{kind}:1", at=at)


def test_the_better_variant_goes_to_everybody_who_waited(members: list[int]) -> None:
    run = trial()
    waiting = {member for member, one in recipients(run).items() if not one.variant}
    click(run, "A", 0.3)
    click(run, "B", 0.9)
    turn(run.campaign, HORIZON - dt.timedelta(seconds=1))
    assert Run.objects.get(id=run.id).decided_at is None
    turn(run.campaign, HORIZON)
    run = Run.objects.get(id=run.id)
    assert (run.decision["winner"], run.decision["why"], run.decided_at) == ("B", "won", HORIZON), run.decision
    version = run.plan["variants"][1]["version"]
    after = messages(run)
    assert {after[member].template_version_id for member in waiting} == {version}
    assert {(after[member].state, after[member].due_at) for member in waiting} == {(MessageState.QUEUED, HORIZON)}
    assert {one.variant for one in Recipient.objects.filter(member__in=waiting)} == {"B"}


def test_it_is_decided_once(members: list[int]) -> None:
    run = trial()
    click(run, "B", 0.9)
    first = campaigns_actions.decide(run_id=run.id, at=HORIZON, actor="test")
    click(run, "A", 1.0)
    assert campaigns_actions.decide(run_id=run.id, at=HORIZON + dt.timedelta(days=1), actor="test") == first
    assert AuditRow.objects.filter(deed="campaign.decide").count() == 1
    with pytest.raises(IntegrityError, match="is frozen"), transaction.atomic():
        Run.objects.filter(id=run.id).update(decision={"winner": "A"})


@pytest.mark.parametrize(("fallback", "variants"), [("first", {"A"}), ("split", {"A", "B"}), ("stop", {""})])
def test_without_a_winner_the_plan_says_what_happens(members: list[int], fallback: str, variants: set[str]) -> None:
    run = trial(fallback)
    waiting = {member for member, one in recipients(run).items() if not one.variant}
    click(run, "A", 0.5)
    click(run, "B", 0.5)
    turn(run.campaign, HORIZON)
    assert Run.objects.get(id=run.id).decision["winner"] == ""
    assert {one.variant for one in Recipient.objects.filter(member__in=waiting)} == variants
    states = {one.state for member, one in messages(run).items() if member in waiting}
    assert states == {MessageState.SKIPPED if fallback == "stop" else MessageState.QUEUED}
    why = {(one.reason, one.detail) for member, one in messages(run).items() if member in waiting}
    assert why == {("not_eligible", "no variant won") if fallback == "stop" else ("", "")}
    refused = set(Recipient.objects.filter(member__in=waiting).values_list("reward_refusal", flat=True))
    assert refused == {"stopped" if fallback == "stop" else "nothing_promised"}


def test_clicks_of_machines_and_after_the_horizon_do_not_count(members: list[int]) -> None:
    run = trial()
    click(run, "B", 0.9, kind="machine_clicked")
    click(run, "B", 0.8, at=HORIZON)
    decision = campaigns_actions.decide(run_id=run.id, at=HORIZON, actor="test")
    assert (decision["winner"], decision["why"]) == ("", "too_few")


def test_the_rest_waits_for_its_gift_too(members: list[int]) -> None:
    run = trial(rewards=[{"kind": "points", "points": 10, "most": 10_000}])
    click(run, "B", 0.9)
    waiting = {member for member, one in recipients(run).items() if not one.variant}
    assert not any(points_queries.get_balance(member, NOON).available for member in waiting)
    turn(run.campaign, HORIZON)
    turn(run.campaign, HORIZON)
    assert {points_queries.get_balance(member, HORIZON).available for member in waiting} == {10}
    assert {one.state for m, one in messages(run).items() if m in waiting} == {MessageState.QUEUED}


def test_a_campaign_that_waits_for_its_decision_does_not_end(members: list[int]) -> None:
    run = trial()
    sent(run, NOON)
    Message.objects.filter(dispatch_id=run.dispatch_id, state="waiting").update(state="skipped", reason="cancelled")
    assert turn(run.campaign, NOON + dt.timedelta(hours=1)).state == CampaignState.RUNNING
    assert turn(run.campaign, HORIZON).state == CampaignState.FINISHED


def test_a_decision_is_kept_with_its_numbers(members: list[int]) -> None:
    run = trial()
    with pytest.raises(IntegrityError, match="campaigns_run_decided_with_numbers"), transaction.atomic():
        Run.objects.filter(id=run.id).update(decided_at=NOON)
