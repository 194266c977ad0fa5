"""Campaigns as they are planned."""

import datetime as dt
from typing import Any

from campaigns.enums import CampaignState
from campaigns.models import Campaign, SegmentVersion
from campaigns.rules import plan as plans
from messaging import queries as messaging_queries


def digest_now(plan: plans.Plan) -> str:
    """Will return what a review is bound to: of the plan, the words its variants point to, and its saved segment.

    Two queries.
    """
    words = messaging_queries.contents_of([variant.template for variant in plan.variants])
    contents: dict[str, Any] = {str(template): words.get(template) for template in sorted(words)}
    if plan.segment is not None:
        contents["segment"] = tree_of(plan.segment)
    return plans.digest_of(plan, contents)


def tree_of(segment_id: int) -> dict[str, Any] | None:
    """Will return the question of a saved segment as it is now, None where there is none. One query."""
    latest = SegmentVersion.objects.filter(segment_id=segment_id).order_by("-number")
    tree: dict[str, Any] | None = latest.values_list("tree", flat=True).first()
    return tree


def due_campaigns(at: dt.datetime) -> list[int]:
    """Will return the campaigns that are to be looked at, the longest due first. One query."""
    states = (CampaignState.SCHEDULED, CampaignState.RUNNING)
    found = Campaign.objects.filter(state__in=states, next_at__lte=at)
    return list(found.order_by("next_at", "id").values_list("id", flat=True))


def any_campaign() -> bool:
    """Will say whether there is a campaign at all. One query."""
    return Campaign.objects.exists()
