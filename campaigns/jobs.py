"""Whole-population work of campaigns: orders are attributed to what brought them about, and results are counted."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import asdict

from django.db.models import Max, Q

from campaigns.models import AttributionRules, Campaign, Headline, Recipient
from campaigns.queries.headlines import figures_of
from campaigns.queries.results import came_of_campaign
from campaigns.rules.attribution import longest
from campaigns.rules.plan import WINDOW_DAYS_MAX, plan_from
from kit import clock, jobs, sql
from kit.jobs import Chunk, Night
from points import queries as points_queries

RANGE = 200_000
LATE_DAYS = 7
"""An order that was told of so many days late is attributed still."""
DAYS_FOR_RETURNS = 35
"""So long after its last window a campaign is counted again, so that returns take back what they undo."""


def attribute_orders(night: Night, after: int) -> Iterator[Chunk]:
    """Will attribute the orders placed up to the end of a date, and some days before it, in ranges of members."""
    rules = AttributionRules.objects.order_by("-number").first()
    last = Recipient.objects.aggregate(last=Max("member_id"))["last"] or 0
    if rules is None or after == jobs.EVERYBODY:
        return
    until = clock.day_end(night.date)
    while after < last:
        upto = after + RANGE
        rows = sql.execute(
            "campaigns",
            "attribute",
            rules=rules.id,
            windows=json.dumps(rules.windows),
            longest=longest(rules.windows),
            since=until - dt.timedelta(days=LATE_DAYS + 1),
            until=until,
            after=after,
            upto=upto,
            now=until,
        )
        after = upto
        yield Chunk(after, rows, {"attributed": rows})
    yield Chunk(jobs.EVERYBODY, 0)


def count_results(night: Night, after: int) -> Iterator[Chunk]:
    """Will count anew what each campaign has come to, and keep its headline figures: one campaign a chunk.

    One is counted until nothing of it can move any more: its last window and a month for returns are over.
    """
    if after == jobs.EVERYBODY:
        return
    at = clock.day_end(night.date)
    since = at - dt.timedelta(days=WINDOW_DAYS_MAX + DAYS_FOR_RETURNS)
    moving = Q(runs__finished_at=None) | Q(runs__finished_at__gte=since)
    found = Campaign.objects.filter(moving, id__gt=after, runs__launched_at__lt=at).distinct().order_by("id")
    worth = points_queries.policy_on(night.date).redemption_points_per_unit if found.exists() else 0
    for campaign_id, plan in found.values_list("id", "plan"):
        counted = figures_of(came_of_campaign(campaign_id, plan_from(plan), at), worth, at)
        Headline.objects.update_or_create(campaign_id=campaign_id, defaults=asdict(counted))
        yield Chunk(campaign_id, 1, {"counted": 1})
    yield Chunk(jobs.EVERYBODY, 0)
