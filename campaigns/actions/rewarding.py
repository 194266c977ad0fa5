"""Rewarding: those who are addressed are given what the plan promises, within its budgets, before they read of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from campaigns.enums import Group, RewardKind, RunState
from campaigns.models import Budget, Recipient, Run
from campaigns.rules import plan as plans
from campaigns.rules.keys import recipient_key
from kit import clock
from members import actions as members_actions
from members.enums import MemberStatus
from messaging import actions as messaging_actions
from messaging.enums import Reason
from points import actions as points_actions
from points import queries as points_queries
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers.enums import HoldKind
from tiers.rules import NotGiven

CHUNK = 200
NO_MEMBER = "not_a_member"
GIFT = "A promotion"
"""What stands as the reason of a tier that is given, where the plan has no words of its own."""


@dataclass(frozen=True, slots=True)
class Gave:
    """What a chunk came to: how many were given to, how many were left out, and whose budget ends it."""

    given: int = 0
    refused: int = 0
    exhausted: RewardKind | None = None

    @property
    def is_through(self) -> bool:
        """Whether there was nobody left."""
        return not (self.given or self.refused or self.exhausted)


@transaction.atomic
def give_rewards(*, run_id: int, at: dt.datetime, actor: str, limit: int = CHUNK) -> Gave:
    """Will give to the next recipients who are due what the plan promises, and let their messages go.

    What is given, what the budgets have left and who was given to are one transaction; keys make a repeat harmless.
    A launch that was paused or cancelled meanwhile gives nothing more. Raises benefits.actions.UnknownCoupon and
    NotIssued where its coupon is issued no more: then nothing is given. Locks the campaign's budgets first - nobody who
    holds them waits for anybody but members - then wallets in id order.
    """
    run = Run.objects.select_related("campaign").get(id=run_id)
    if run.state != RunState.RUNNING:
        return Gave()
    plan = plans.plan_from(run.plan)
    budgets = {
        RewardKind(budget.kind): budget
        for budget in Budget.objects.select_for_update().filter(campaign_id=run.campaign_id).order_by("kind")
    }
    waiting = list(_waiting(run_id, at)[:limit])
    gone = [one for one in waiting if one.member.status != MemberStatus.ACTIVE]
    present = [one for one in waiting if one.member.status == MemberStatus.ACTIVE]
    enough, scarce = _enough(plan.rewards, budgets, len(present))
    given = present[:enough]
    _refuse(run, gone, at, actor)
    if given:
        _give(run, plan.rewards, given, at, actor)
        for reward in plan.rewards:
            Budget.objects.filter(id=budgets[reward.kind].id).update(spent=F("spent") + reward.cost * len(given))
    return Gave(len(given), len(gone), scarce)


def _waiting(run_id: int, at: dt.datetime) -> Any:
    due = Recipient.objects.filter(
        run_id=run_id, group=Group.TREATED, rewarded_at=None, reward_refusal="", due_at__lte=at
    )
    return due.exclude(variant="").select_related("member").order_by("due_at", "id")


def _enough(
    rewards: Sequence[plans.Reward], budgets: Mapping[RewardKind, Budget], wanted: int
) -> tuple[int, RewardKind | None]:
    """Will return for how many the budgets reach, and the kind that is short if they do not for all."""
    reach = [((budgets[one.kind].most - budgets[one.kind].spent) // one.cost, one.kind) for one in rewards]
    least, kind = min(reach, default=(wanted, None))
    return (wanted, None) if least >= wanted else (least, kind)


def _refuse(run: Run, gone: Sequence[Recipient], at: dt.datetime, actor: str) -> None:
    if not gone or run.dispatch_id is None:
        return
    Recipient.objects.filter(id__in=[one.id for one in gone]).update(reward_refusal=NO_MEMBER)
    messaging_actions.skip_waiting(
        dispatch_id=run.dispatch_id,
        skipped=[(one.member_id, recipient_key(run.campaign_id, run.occasion, one.occasion)) for one in gone],
        reason=Reason.NOT_A_MEMBER,
        detail="",
        at=at,
        actor=actor,
    )


def _give(run: Run, rewards: Sequence[plans.Reward], given: Sequence[Recipient], at: dt.datetime, actor: str) -> None:
    """Will give every reward to every one, and release their messages with what they got."""
    by_occasion: dict[str, list[int]] = {}
    for one in given:
        by_occasion.setdefault(one.occasion, []).append(one.member_id)
    released = []
    for occasion, member_ids in sorted(by_occasion.items()):
        key = recipient_key(run.campaign_id, run.occasion, occasion)
        values: dict[int, dict[str, Any]] = {member_id: {} for member_id in member_ids}
        for reward in rewards:
            GIVERS[reward.kind](reward, key, values, at, actor)
        released += [messaging_actions.Released(member_id, key, values[member_id]) for member_id in member_ids]
    Recipient.objects.filter(id__in=[one.id for one in given]).update(rewarded_at=at)
    if run.dispatch_id is not None:
        messaging_actions.release_waiting(dispatch_id=run.dispatch_id, released=released, at=at, actor=actor)


Values = dict[int, dict[str, Any]]


def _give_points(reward: plans.Reward, key: str, values: Values, at: dt.datetime, actor: str) -> None:
    today = clock.business_date(at)
    policy = points_queries.policy_on(today)
    expires_on = policy.expires_on(today)
    points_actions.credit_many(
        member_ids=list(values),
        source_key=key,
        points=reward.points,
        lot=(today, expires_on),
        explanation=[{"code": "campaign", "points": reward.points, "names": dict(reward.names or {})}],
        policy_id=policy.id,
        at=at,
        actor=actor,
    )
    for one in values.values():
        one.update(points_given=reward.points, ends_on=expires_on.isoformat())


def _give_coupons(reward: plans.Reward, key: str, values: Values, at: dt.datetime, actor: str) -> None:
    had = benefits_queries.issued_for(key, list(values))
    causes = [benefits_actions.Cause(member_id, key) for member_id in values if member_id not in had]
    benefits_actions.issue_many(definition=reward.coupon, causes=causes, at=at, actor=actor)
    known = benefits_queries.find_definition(reward.coupon, at)
    names = dict(known.shown.names) if known else {}
    for member_id, (code, ends_at) in benefits_queries.issued_for(key, list(values)).items():
        until = clock.business_date(ends_at - dt.timedelta(microseconds=1)).isoformat() if ends_at else None
        values[member_id].update(coupon_code=code, coupon_until=until, coupon_name=names)


def _give_tiers(reward: plans.Reward, key: str, values: Values, at: dt.datetime, actor: str) -> None:
    """Members who hold the tier or a better one already keep that; nothing is taken from them."""
    today = clock.business_date(at)
    until = today + dt.timedelta(days=reward.days)
    names = next((dict(tier.names) for tier in tiers_queries.tiers_of_ladder(today) if tier.code == reward.tier), {})
    for member_id in sorted(values):
        try:
            with transaction.atomic():
                tiers_actions.give_tier(
                    member_id=member_id,
                    tier=reward.tier,
                    kind=HoldKind.PROMOTION,
                    until=until,
                    reason=(reward.names or {}).get("en") or GIFT,
                    key=key,
                    at=at,
                    actor=actor,
                )
        except (NotGiven, tiers_queries.NoStanding):
            continue
        values[member_id].update(to_tier=names, valid_until=until.isoformat())


def _give_tags(reward: plans.Reward, key: str, values: Values, at: dt.datetime, actor: str) -> None:
    members_actions.tag_many(member_ids=list(values), name=reward.tag, at=at, actor=actor)


GIVERS = {
    RewardKind.POINTS: _give_points,
    RewardKind.COUPON: _give_coupons,
    RewardKind.TIER: _give_tiers,
    RewardKind.TAG: _give_tags,
}
