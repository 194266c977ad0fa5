"""Advancing: what a minute brings a campaign - its launch, gifts, decision, end - however often it is asked."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_noop

from benefits import actions as benefits_actions
from campaigns.actions.deciding import decide
from campaigns.actions.freezing import freeze
from campaigns.actions.launching import EARLIEST, launch, pause
from campaigns.actions.planning import locked
from campaigns.actions.rewarding import give_rewards
from campaigns.enums import CampaignKind, CampaignState, Group, RewardKind, RunState
from campaigns.models import Campaign, Recipient, Run
from campaigns.queries.audience import tree_asked
from campaigns.queries.triggers import happenings
from campaigns.querysets import members_of
from campaigns.rules import plan as plans
from campaigns.rules import timing
from campaigns.rules.triggers import is_time_to_look
from kit import clock
from messaging import queries as messaging_queries

GIFTS_A_MINUTE = 50
"""So many chunks of gifts are given before others have their turn."""
EXHAUSTED = {
    RewardKind.POINTS: gettext_noop("The budget of points is used up. Raise it to go on, or cancel the campaign."),
    RewardKind.COUPON: gettext_noop("The budget of coupons is used up. Raise it to go on, or cancel the campaign."),
    RewardKind.TIER: gettext_noop("The budget of tiers is used up. Raise it to go on, or cancel the campaign."),
    RewardKind.TAG: gettext_noop("The budget of tags is used up. Raise it to go on, or cancel the campaign."),
}
NOT_ISSUED = gettext_noop("The coupon is not issued any more. Take it back into use to go on, or cancel the campaign.")


@dataclass(frozen=True, slots=True)
class Advanced:
    """What a turn did; `is_more` where another one is wanted at once."""

    launched: int = 0
    entered: int = 0
    given: int = 0
    decided: int = 0
    finished: bool = False
    is_more: bool = False


def advance(*, campaign_id: int, at: dt.datetime, actor: str) -> Advanced:
    """Will do for a campaign whatever is due by now: one transaction for each launch, chunk of gifts, decision and end.

    A killed turn is taken up by the next one. To be called by one at a time for each campaign (kit.locks.alone).
    """
    if Campaign.objects.filter(id=campaign_id, kind=CampaignKind.POINT_DAYS).exists():
        return Advanced(finished=_turn_days(campaign_id, at))
    launched, entered = _begin(campaign_id, at, actor)
    given, is_more = _give(campaign_id, at, actor)
    decided = _decide(campaign_id, at, actor)
    finished = _end(campaign_id, at, actor)
    return Advanced(launched, entered, given, decided, finished, is_more)


@transaction.atomic
def _begin(campaign_id: int, at: dt.datetime, actor: str) -> tuple[int, int]:
    """Will launch what is due, and let those enter for whom something has happened."""
    campaign = locked(campaign_id)
    if campaign.state not in (CampaignState.SCHEDULED, CampaignState.RUNNING):
        return 0, 0
    over = campaign.ends_at is not None and at >= campaign.ends_at
    launched = 0 if over else _launch_due(campaign, at, actor)
    entered = 0
    if campaign.kind == CampaignKind.TRIGGERED and not over:
        entered = _let_enter(campaign, at, actor)
    if launched and campaign.state == CampaignState.SCHEDULED:
        campaign.state = CampaignState.RUNNING
    campaign.next_at = at + dt.timedelta(minutes=1)
    campaign.save(update_fields=["state", "next_at"])
    return launched, entered


@transaction.atomic
def _turn_days(campaign_id: int, at: dt.datetime) -> bool:
    """Will say of point days that they have begun, or are over; orders ask for the days themselves."""
    campaign = locked(campaign_id)
    if campaign.state not in (CampaignState.SCHEDULED, CampaignState.RUNNING):
        return False
    over = campaign.ends_at is not None and at >= campaign.ends_at
    campaign.state = CampaignState.FINISHED if over else CampaignState.RUNNING
    campaign.next_at = None if over else campaign.ends_at
    campaign.save(update_fields=["state", "next_at"])
    return over


def _launch_due(campaign: Campaign, at: dt.datetime, actor: str) -> int:
    occasion = _occasion(campaign, at)
    if occasion is None or Run.objects.filter(campaign=campaign, occasion=occasion).exists():
        return 0
    launch(campaign=campaign, occasion=occasion, at=at, actor=actor)
    return 1


def _occasion(campaign: Campaign, at: dt.datetime) -> str | None:
    """Will name the launch that is due by now, None where none is: of those missed only the latest."""
    if campaign.starts_at is None or at < campaign.starts_at:
        return None
    if campaign.kind == CampaignKind.ONCE:
        return ""
    if campaign.kind == CampaignKind.TRIGGERED:
        return "open"
    when = plans.plan_from(campaign.plan).when
    zone = EARLIEST if when.in_member_zone else clock.programme_zone()
    start = campaign.starts_at
    while (following := timing.next_start(when, start, zone)) and following <= at:
        start = following
    return start.astimezone(zone).date().isoformat()


def _let_enter(campaign: Campaign, at: dt.datetime, actor: str) -> int:
    run = Run.objects.filter(campaign=campaign, occasion="open", state=RunState.RUNNING).first()
    if run is None or run.looked_upto is None:
        return 0
    plan = plans.plan_from(run.plan)
    if not is_time_to_look(plan.when.trigger, run.looked_upto, at) and run.looked_upto != run.launched_at:
        return 0
    begun = clock.day_start(clock.business_date(run.launched_at))
    found = [one for one in happenings(run.id, plan.when, run.looked_upto, at) if one.at >= begun]
    asked = set(
        members_of(tree_asked(plan), at).filter(id__in=[one.member_id for one in found]).values_list("id", flat=True)
    )
    entered = [one for one in found if one.member_id in asked]
    frozen = freeze(run=run, campaign=campaign, happenings=entered, at=at, actor=actor) if entered else None
    run.looked_upto = at
    run.save(update_fields=["looked_upto"])
    return frozen.members if frozen else 0


def _open_runs(campaign_id: int) -> list[Run]:
    running = Run.objects.filter(campaign_id=campaign_id, state=RunState.RUNNING, finished_at=None)
    return list(running.select_related("campaign").order_by("id"))


def _give(campaign_id: int, at: dt.datetime, actor: str) -> tuple[int, bool]:
    """Will give what is due, some chunks of it; what cannot be given any more pauses the campaign."""
    given = 0
    for run in _open_runs(campaign_id):
        if not plans.plan_from(run.plan).rewards:
            continue
        for _ in range(GIFTS_A_MINUTE):
            try:
                gave = give_rewards(run_id=run.id, at=at, actor=actor)
            except (benefits_actions.NotIssued, benefits_actions.UnknownCoupon):
                pause(campaign_id=campaign_id, reason=NOT_ISSUED, at=at, actor=actor)
                return given, False
            given += gave.given
            if gave.exhausted:
                pause(campaign_id=campaign_id, reason=EXHAUSTED[gave.exhausted], at=at, actor=actor)
                return given, False
            if gave.is_through:
                break
        else:
            return given, True
    return given, False


def _decide(campaign_id: int, at: dt.datetime, actor: str) -> int:
    due_now = [run for run in _open_runs(campaign_id) if run.horizon_at and run.horizon_at <= at and not run.decided_at]
    for run in due_now:
        decide(run_id=run.id, at=at, actor=actor)
    return len(due_now)


@transaction.atomic
def _end(campaign_id: int, at: dt.datetime, actor: str) -> bool:
    """Will end launches of which nothing is left, and the campaign with its last one."""
    campaign = locked(campaign_id)
    over = campaign.ends_at is not None and at >= campaign.ends_at
    for run in _open_runs(campaign_id):
        if _is_done(run, over):
            run.state, run.finished_at = RunState.FINISHED, at
            run.save(update_fields=["state", "finished_at"])
    if campaign.state != CampaignState.RUNNING and not over:
        return False
    left = campaign.runs.filter(finished_at=None).exists()
    if left or not (over or (campaign.kind == CampaignKind.ONCE and campaign.runs.exists())):
        return False
    campaign.state, campaign.next_at = CampaignState.FINISHED, None
    campaign.save(update_fields=["state", "next_at"])
    return True


def _is_done(run: Run, over: bool) -> bool:
    if run.campaign.kind == CampaignKind.TRIGGERED and not over:
        return False
    if run.horizon_at is not None and run.decided_at is None:
        return False
    ungiven = Recipient.objects.filter(run_id=run.id, group=Group.TREATED, rewarded_at=None, reward_refusal="")
    if not over and plans.plan_from(run.plan).rewards and ungiven.exclude(variant="").exists():
        return False
    return run.dispatch_id is None or not messaging_queries.is_under_way(run.dispatch_id)
