"""Campaigns as they are planned."""

from typing import Any

from campaigns.models import SegmentVersion
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


def tree_of(segment_id: int) -> Any:
    """Will return the question of a saved segment as it is now, None where there is none. One query."""
    latest = SegmentVersion.objects.filter(segment_id=segment_id).order_by("-number")
    return latest.values_list("tree", flat=True).first()
