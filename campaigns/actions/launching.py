"""Launching: an approved campaign is started, paused, resumed, cancelled, and ended when all is done."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import transaction

from campaigns.actions.freezing import Frozen, freeze_audience
from campaigns.actions.planning import locked
from campaigns.actions.reviewing import approved_digest
from campaigns.enums import CampaignKind, CampaignState, RunState
from campaigns.models import Budget, Campaign, Run
from campaigns.queries.audience import tree_asked
from campaigns.queries.plans import digest_now, question_of
from campaigns.querysets import members_of
from campaigns.rules import plan as plans
from campaigns.rules import timing
from kit import audit, clock
from members.segment_fields import active
from messaging import actions as messaging_actions

EARLIEST = ZoneInfo("Etc/GMT-14")
"""Where a local time comes first: who is addressed in his own zone is found before that."""
LATEST = ZoneInfo("Etc/GMT+12")
"""Where it comes last."""
UNDER_WAY = (CampaignState.SCHEDULED, CampaignState.RUNNING, CampaignState.PAUSED)


class NotApproved(Exception):
    """Nobody has agreed to the campaign as it is now; nothing was started."""

    def __init__(self) -> None:
        super().__init__("A second person has to agree to it as it is now. Nothing was started.")


class NotUnderWay(Exception):
    """The campaign is not under way, so that there is nothing to pause, resume or cancel; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("It is not under way. Nothing was changed.")


class NoDayLeft(Exception):
    """The campaign would be over before it begins; nothing was started."""

    def __init__(self) -> None:
        super().__init__("No day is left on which it would go out. Nothing was started. Choose other dates.")


class WordsNotReady(Exception):
    """A variant's words were not published; nothing was started."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"The words of variant {code} are not complete. Nothing was started.")


@transaction.atomic
def start(*, campaign_id: int, at: dt.datetime, actor: str) -> Campaign:
    """Will let an approved campaign go: at its time, or at once; again changes nothing.

    The words are published and the question is kept, so that what was read is what is sent, and to whom. Raises
    UnknownCampaign, NotApproved, WordsNotReady, NoDayLeft.
    """
    campaign = locked(campaign_id)
    if campaign.state in UNDER_WAY:
        return campaign
    plan = plans.plan_from(campaign.plan)
    if campaign.state != CampaignState.APPROVED or approved_digest(campaign) != digest_now(plan):
        raise NotApproved
    starts_at, ends_at = _starts_at(campaign, plan, at), _ends_at(plan)
    if starts_at is None or (ends_at is not None and ends_at <= starts_at):
        raise NoDayLeft
    versions = _publish_words(plan, at, actor)
    campaign.plan = plans.to_json(plans.with_question(plans.with_version(plan, versions), question_of(plan)))
    for reward in plan.rewards:
        Budget.objects.update_or_create(campaign=campaign, kind=reward.kind.value, defaults={"most": reward.most})
    campaign.starts_at = campaign.next_at = starts_at
    campaign.ends_at = ends_at
    campaign.state = CampaignState.SCHEDULED
    campaign.save()
    subject = f"campaign:{campaign.id}"
    becomes = {"starts_at": starts_at.isoformat(), "read": campaign.digest}
    audit.record(at=at, actor=actor, deed="campaign.start", subject=subject, becomes=becomes)
    return campaign


def _publish_words(plan: plans.Plan, at: dt.datetime, actor: str) -> dict[int, int]:
    versions = {}
    for variant in plan.variants:
        version = messaging_actions.publish_latest(template_id=variant.template, at=at, actor=actor)
        if version is None:
            raise WordsNotReady(variant.code)
        versions[variant.template] = version
    return versions


def _starts_at(campaign: Campaign, plan: plans.Plan, at: dt.datetime) -> dt.datetime | None:
    """When it begins; None where its rhythm has no day left."""
    zone = EARLIEST if plan.when.in_member_zone else clock.programme_zone()
    if campaign.kind == CampaignKind.RECURRING:
        return timing.next_start(plan.when, at, zone)
    if campaign.kind == CampaignKind.POINT_DAYS and plan.point_days and plan.point_days.starts_on:
        return max(at, clock.day_start(plan.point_days.starts_on))
    return timing.first_start(plan.when, at, zone)


def _ends_at(plan: plans.Plan) -> dt.datetime | None:
    last = plan.point_days.ends_on if plan.point_days else plan.when.ends_on
    return clock.day_end(last) if last else None


@transaction.atomic
def launch(*, campaign: Campaign, occasion: str, at: dt.datetime, actor: str) -> Run:
    """Will begin a launch for an occasion and freeze its audience, all or nothing; again gives the first one.

    One that members enter as something happens begins without any. Locks the campaign's row, held by the caller.
    """
    if known := Run.objects.filter(campaign=campaign, occasion=occasion).first():
        return known
    plan = plans.plan_from(campaign.plan)
    dispatch_id = messaging_actions.open_dispatch(
        name=f"{campaign.name} {occasion}".strip(),
        rate_per_minute=plan.rate_per_minute,
        obeys_caps=plan.obeys_caps,
        ends_at=campaign.ends_at,
        at=at,
        actor=actor,
    )
    tests = plan.experiment if len(plan.variants) > 1 else None
    run = Run.objects.create(
        campaign=campaign,
        occasion=occasion,
        plan=campaign.plan,
        dispatch_id=dispatch_id,
        launched_at=at,
        looked_upto=at,
        horizon_at=_horizon(plan, tests, at) if tests and campaign.kind == CampaignKind.ONCE else None,
        actor=actor,
    )
    frozen = Frozen()
    if campaign.kind != CampaignKind.TRIGGERED:
        asked = members_of(tree_asked(plan), at).filter(active())
        frozen = freeze_audience(run=run, campaign=campaign, members=asked, at=at, actor=actor)
    audit.record(
        at=at,
        actor=actor,
        deed="campaign.launch",
        subject=f"campaign:{campaign.id}",
        becomes={"occasion": occasion, "members": frozen.members, "treated": frozen.treated, "control": frozen.control},
    )
    return run


def _horizon(plan: plans.Plan, tests: plans.Experiment, at: dt.datetime) -> dt.datetime:
    """When variants are compared: once everybody's horizon is over, wherever his zone is."""
    when = plan.when
    begins = at + dt.timedelta(hours=when.delay_hours)
    if when.at and when.on:
        zone = LATEST if when.in_member_zone else clock.programme_zone()
        begins = max(begins, timing.local(when.on, when.at, zone))
    elif when.at:
        next_here = timing.next_time(when.at, begins, clock.programme_zone())
        begins = begins + dt.timedelta(days=1) if when.in_member_zone else next_here
    return begins + dt.timedelta(hours=tests.horizon_hours)


@transaction.atomic
def pause(*, campaign_id: int, reason: str, at: dt.datetime, actor: str) -> Campaign:
    """Will stop a campaign's launches and sends within a lease; again changes nothing. Raises NotUnderWay.

    Point days are promised beforehand, so they are not paused, only cancelled.
    """
    campaign = locked(campaign_id)
    if campaign.state == CampaignState.PAUSED:
        return campaign
    if campaign.state not in UNDER_WAY or campaign.kind == CampaignKind.POINT_DAYS:
        raise NotUnderWay
    for run in campaign.runs.filter(state=RunState.RUNNING):
        if run.dispatch_id:
            messaging_actions.carry_on(dispatch_id=run.dispatch_id, at=at, actor=actor)
            messaging_actions.pause(dispatch_id=run.dispatch_id, reason=reason, at=at, actor=actor)
    campaign.runs.filter(state=RunState.RUNNING).update(state=RunState.PAUSED)
    _move(campaign, CampaignState.PAUSED, reason, at, actor)
    return campaign


@transaction.atomic
def resume(*, campaign_id: int, at: dt.datetime, actor: str) -> Campaign:
    """Will let a paused campaign go on, and a dispatch that paused itself; otherwise nothing changes.

    Raises NotUnderWay.
    """
    campaign = locked(campaign_id)
    if campaign.state not in UNDER_WAY:
        raise NotUnderWay
    for run in campaign.runs.filter(finished_at=None):
        if run.dispatch_id:
            messaging_actions.carry_on(dispatch_id=run.dispatch_id, at=at, actor=actor)
            messaging_actions.resume(dispatch_id=run.dispatch_id, at=at, actor=actor)
    if campaign.state != CampaignState.PAUSED:
        return campaign
    campaign.runs.filter(state=RunState.PAUSED).update(state=RunState.RUNNING)
    campaign.next_at = max(at, campaign.starts_at or at)
    begun = campaign.runs.exists()
    _move(campaign, CampaignState.RUNNING if begun else CampaignState.SCHEDULED, "", at, actor)
    return campaign


@transaction.atomic
def cancel(*, campaign_id: int, reason: str, at: dt.datetime, actor: str) -> Campaign:
    """Will end a campaign for good: what has not gone out is not sent. Again changes nothing. Raises NotUnderWay.

    Point days hold for orders placed up to now, so that a return finds them again; those to come do not.
    """
    campaign = locked(campaign_id)
    if campaign.state == CampaignState.CANCELLED:
        return campaign
    if campaign.state not in UNDER_WAY:
        raise NotUnderWay
    for run in campaign.runs.filter(finished_at=None):
        if run.dispatch_id:
            messaging_actions.cancel(dispatch_id=run.dispatch_id, reason=reason, at=at, actor=actor)
    campaign.runs.filter(finished_at=None).update(state=RunState.CANCELLED, finished_at=at)
    if campaign.kind == CampaignKind.POINT_DAYS:
        # What was ordered before keeps what it earned, and a return finds the same rules again.
        begun = campaign.starts_at is not None and at > campaign.starts_at
        campaign.starts_at, campaign.ends_at = (campaign.starts_at, at) if begun else (None, None)
    campaign.next_at = None
    _move(campaign, CampaignState.CANCELLED, reason, at, actor)
    return campaign


@transaction.atomic
def raise_budget(*, campaign_id: int, kind: str, most: int, at: dt.datetime, actor: str) -> Budget:
    """Will raise what a campaign may give of one kind; it is never lowered below what was spent. Raises NotUnderWay."""
    campaign = locked(campaign_id)
    budget = Budget.objects.select_for_update().filter(campaign=campaign, kind=kind).first()
    if budget is None or campaign.state not in UNDER_WAY:
        raise NotUnderWay
    was, budget.most = budget.most, max(most, budget.spent)
    budget.save(update_fields=["most"])
    subject = f"campaign:{campaign.id}"
    audit.record(
        at=at, actor=actor, deed="campaign.budget", subject=subject, was={kind: was}, becomes={kind: budget.most}
    )
    return budget


def _move(campaign: Campaign, state: CampaignState, reason: str, at: dt.datetime, actor: str) -> None:
    was, campaign.state, campaign.state_reason = campaign.state, state, reason.strip()[:300]
    campaign.changed_at = at
    campaign.save(update_fields=["state", "state_reason", "changed_at", "next_at", "starts_at", "ends_at"])
    subject = f"campaign:{campaign.id}"
    audit.record(
        at=at, actor=actor, deed=f"campaign.{state}", subject=subject, was={"state": was}, becomes={"state": state},
        reason=reason,
    )  # fmt: skip
