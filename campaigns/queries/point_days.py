"""Days on which orders earn more: campaigns that add a rule to the points policy in force."""

import datetime as dt
from dataclasses import dataclass

from campaigns.enums import CampaignKind
from campaigns.models import Campaign
from campaigns.rules import plan as plans
from campaigns.rules.timing import is_point_day
from kit import clock
from points.enums import CapPer, ConditionKind, Effect
from points.rules.caps import Cap
from points.rules.conditions import Condition
from points.rules.earning import ORDER
from points.rules.earning_rules import EarningRule

LATE = 1_000
"""After the policy's own rules, whose priorities are lower."""


@dataclass(frozen=True, slots=True)
class PointDaysInForce:
    """Point days of a campaign that was started: from and until which instants orders are asked, and the days."""

    campaign_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    days: plans.PointDays

    def rule_at(self, at: dt.datetime) -> EarningRule | None:
        """Will return the rule that an order placed at an instant meets, None on other days."""
        if not self.starts_at <= at < self.ends_at or not is_point_day(self.days, clock.business_date(at)):
            return None
        return EarningRule(
            code=f"campaign-{self.campaign_id}",
            names=dict(self.days.names or {}),
            deed=ORDER,
            effect=Effect.MULTIPLY,
            amount=self.days.multiplier,
            when=(Condition(ConditionKind.TIER_MIN, (self.days.tier,)),) if self.days.tier else (),
            priority=LATE,
            caps=(Cap(CapPer.EVER, self.days.most_per_member),) if self.days.most_per_member else (),
        )


def point_days() -> tuple[PointDaysInForce, ...]:
    """Will return all point days that were ever started, by campaign; one ended early ends there. One query."""
    started = Campaign.objects.filter(kind=CampaignKind.POINT_DAYS, starts_at__isnull=False, ends_at__isnull=False)
    rows = started.order_by("id").values_list("id", "starts_at", "ends_at", "plan")
    found = []
    for campaign_id, starts_at, ends_at, kept in rows:
        days = plans.plan_from(kept).point_days
        if days is not None and starts_at and ends_at:
            found.append(PointDaysInForce(campaign_id, starts_at, ends_at, days))
    return tuple(found)


def rules_at(days: tuple[PointDaysInForce, ...], at: dt.datetime) -> tuple[EarningRule, ...]:
    """Will return the rules that an order placed at an instant meets beside the policy's. No query."""
    return tuple(rule for one in days if (rule := one.rule_at(at)))
