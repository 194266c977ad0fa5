"""Campaigns as they are planned."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from campaigns import querysets
from campaigns.enums import CampaignState
from campaigns.models import Campaign, SegmentVersion
from campaigns.rules import plan as plans
from campaigns.rules import segments
from campaigns.segment_fields import all_fields
from messaging import queries as messaging_queries


def digest_now(plan: plans.Plan) -> str:
    """Will return what a review is bound to: of the plan, the words its variants point to, and its saved segment.

    Two queries, and one for each level of saved segments that it asks.
    """
    words = messaging_queries.contents_of([variant.template for variant in plan.variants])
    contents: dict[str, Any] = {str(template): words.get(template) for template in sorted(words)}
    question = question_of(plan)
    if plan.segment is not None:
        contents["segment"] = question["tree"] if question else None
    if question and question["within"]:
        contents["within"] = question["within"]
    return plans.digest_of(plan, contents)


def question_of(plan: plans.Plan) -> dict[str, Any] | None:
    """Will return what a plan asks now, `tree`, and what the saved segments `within` it ask, by id.

    None where a list is asked, whose members may change, or nothing. One query for a saved segment, and one for each
    level of segments in it.
    """
    kept = plan.tree if plan.segment is None else tree_of(plan.segment)
    if kept is None:
        return None
    within = querysets.trees_within(segments.tree_from(kept, all_fields()))
    return {"tree": kept, "within": {str(one): segments.to_json(tree) for one, tree in sorted(within.items())}}


def question_kept(asked: Mapping[str, Any]) -> segments.Tree:
    """Will read what question_of gave, with what segments asked then in the place of their names. No query."""
    within = {int(one): segments.tree_from(kept, all_fields()) for one, kept in asked["within"].items()}
    return segments.expanded(segments.tree_from(asked["tree"], all_fields()), within)


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
