"""What came of a launch."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from campaigns.enums import Group, RewardKind
from campaigns.models import Run
from campaigns.rules import plan as plans
from campaigns.rules.experiments import Arm, Sums
from campaigns.rules.keys import recipient_key
from kit import sql


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one group and variant; each number counts members, but `orders` and the amounts."""

    group: Group
    variant: str
    members: int
    rewarded: int
    sent: int
    delivered: int
    opened: int
    machine_opened: int
    clicked: int
    unsubscribed: int
    bounced: int
    complained: int
    failed: int
    skipped: int
    unknown: int
    under_way: int
    converted: int
    orders: int
    revenue: Decimal
    revenue_squares: Decimal
    points: int
    coupons: Decimal
    coupons_used: int

    @property
    def arm(self) -> Arm:
        """As experiments compare it."""
        return Arm(self.variant, self.members, self.converted)

    @property
    def sums(self) -> Sums:
        """What they spent, as experiments compare it."""
        return Sums(self.members, float(self.revenue), float(self.revenue_squares))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a launch has cost so far: points, and money by coupons that were used."""

    points: int
    coupons: Decimal
    coupons_used: int
    rewarded: int


def came_of(run_id: int, plan: plans.Plan, at: dt.datetime) -> tuple[Came, ...]:
    """Will return what came of a launch of a plan up to an instant, the treated first. One query."""
    return _came([run_id], plan, at)


def came_of_campaign(campaign_id: int, plan: plans.Plan, at: dt.datetime) -> tuple[Came, ...]:
    """Will return what came of all launches of a campaign together, the treated first; empty without any. One query.

    A campaign's plan is frozen when it is started, so that all its launches are counted alike.
    """
    return _came(launches_of(campaign_id), plan, at)


def launches_of(campaign_id: int) -> sql.Part:
    """Will return the ids of a campaign's launches for a statement that counts them together. No query."""
    return sql.Part("ARRAY(SELECT id FROM campaigns_run WHERE campaign_id = %(campaign)s)", {"campaign": campaign_id})


def _came(runs: list[int] | sql.Part, plan: plans.Plan, at: dt.datetime) -> tuple[Came, ...]:
    given = sum(reward.points for reward in plan.rewards if reward.kind is RewardKind.POINTS)
    asked = {"days": plan.window_days, "goal": plan.goal.value, "points_each": given, "now": at}
    rows = sql.fetch("campaigns", "results", runs=runs, **asked)
    return tuple(Came(Group(row[0]), *row[1:]) for row in rows)


def cost_of(came: Sequence[Came]) -> Cost:
    """Will sum what launches have cost so far, of what came of their groups. No query."""
    return Cost(
        points=sum(one.points for one in came),
        coupons=sum((one.coupons for one in came), Decimal(0)),
        coupons_used=sum(one.coupons_used for one in came),
        rewarded=sum(one.rewarded for one in came),
    )


def arms_of(run_id: int, experiment: plans.Experiment) -> tuple[Arm, ...]:
    """Will return how many of each variant's recipients converted within the horizon. Two queries."""
    run = Run.objects.get(id=run_id)
    rows = sql.fetch(
        "campaigns",
        "arms",
        run=run_id,
        source_key=recipient_key(run.campaign_id, run.occasion, ""),
        metric=experiment.metric.value,
        hours=experiment.horizon_hours,
    )
    return tuple(Arm(*row) for row in rows)
