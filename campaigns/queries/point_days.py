"""Days on which orders earn more: campaigns that add a rule to the points policy in force."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from campaigns.enums import CampaignKind
from campaigns.rules import plan as plans
from campaigns.rules.timing import is_point_day
from kit import clock, memory, sql
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


@memory.once
def point_days() -> tuple[PointDaysInForce, ...]:
    """Will return all point days that were ever started, by campaign; one ended early ends there. One query."""
    found = []
    for campaign_id, starts_at, ends_at, plan in sql.fetch(
        "campaigns", "point_days", kind=CampaignKind.POINT_DAYS.value
    ):
        days = _days(plan)
        if days is not None:
            found.append(PointDaysInForce(campaign_id, starts_at, ends_at, days))
    return tuple(found)


@lru_cache(maxsize=256)
def _days(plan: str) -> plans.PointDays | None:
    """Every order and cart asks for the days of all campaigns: one plan's text is read once."""
    return plans.plan_from(json.loads(plan)).point_days


def rules_at(days: tuple[PointDaysInForce, ...], at: dt.datetime) -> tuple[EarningRule, ...]:
    """Will return the rules that an order placed at an instant meets beside the policy's. No query."""
    return tuple(rule for one in days if (rule := one.rule_at(at)))


@dataclass(frozen=True, slots=True)
class PointDay:
    """A date on which orders earn more, whose they are, and what members read of it."""

    date: dt.date
    multiplier: Decimal
    names: Mapping[str, str]
    tier: str
    most_per_member: int
    campaign_id: int


def point_days_between(days: tuple[PointDaysInForce, ...], first: dt.date, last: dt.date) -> tuple[PointDay, ...]:
    """Will return the point days of a period in order, the larger multiplier of one date first. No query."""
    found = [
        PointDay(
            date=date,
            multiplier=one.days.multiplier,
            names=dict(one.days.names or {}),
            tier=one.days.tier,
            most_per_member=one.days.most_per_member,
            campaign_id=one.campaign_id,
        )
        for one in days
        for date in _dates(max(first, one.days.starts_on or first), min(last, one.days.ends_on or last))
        if one.starts_at < clock.day_end(date) and clock.day_start(date) < one.ends_at and is_point_day(one.days, date)
    ]
    return tuple(sorted(found, key=lambda day: (day.date, -day.multiplier, day.campaign_id)))


def _dates(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + dt.timedelta(days=days) for days in range((last - first).days + 1))
