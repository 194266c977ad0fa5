"""What came of a launch."""

import datetime as dt
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


def came_of(run_id: int, at: dt.datetime) -> tuple[Came, ...]:
    """Will return what came of a launch up to an instant, the treated first. Two queries."""
    return _came([run_id], plans.plan_from(Run.objects.get(id=run_id).plan), at)


def came_of_campaign(campaign_id: int, at: dt.datetime) -> tuple[Came, ...]:
    """Will return what came of all launches of a campaign together, the treated first. Two queries.

    A campaign's plan is frozen when it is started, so that all its launches are counted alike.
    """
    runs = list(Run.objects.filter(campaign_id=campaign_id).order_by("id").values_list("id", "plan"))
    return _came([run_id for run_id, _plan in runs], plans.plan_from(runs[-1][1]), at) if runs else ()


def _came(runs: list[int], plan: plans.Plan, at: dt.datetime) -> tuple[Came, ...]:
    rows = sql.fetch("campaigns", "results", runs=runs, days=plan.window_days, goal=plan.goal.value, now=at)
    return tuple(Came(Group(row[0]), *row[1:]) for row in rows)


def cost_of(run_id: int) -> Cost:
    """Will return what a launch has cost so far. Two queries."""
    return _cost([run_id], plans.plan_from(Run.objects.get(id=run_id).plan))


def cost_of_campaign(campaign_id: int) -> Cost:
    """Will return what all launches of a campaign have cost so far. Two queries."""
    runs = list(Run.objects.filter(campaign_id=campaign_id).order_by("id").values_list("id", "plan"))
    if not runs:
        return Cost(0, Decimal(0), 0, 0)
    return _cost([run_id for run_id, _plan in runs], plans.plan_from(runs[-1][1]))


def _cost(runs: list[int], plan: plans.Plan) -> Cost:
    points = sum(reward.points for reward in plan.rewards if reward.kind is RewardKind.POINTS)
    [row] = sql.fetch("campaigns", "cost", runs=runs, points_each=points)
    return Cost(*row)


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
