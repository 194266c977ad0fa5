"""Whole-population work of campaigns: orders are attributed to what brought them about."""

import datetime as dt
import json
from collections.abc import Iterator

from django.db.models import Max

from campaigns.models import AttributionRules, Recipient
from campaigns.rules.attribution import longest
from kit import clock, jobs, sql
from kit.jobs import Chunk, Night

RANGE = 200_000
LATE_DAYS = 7
"""An order that was told of so many days late is attributed still."""


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
