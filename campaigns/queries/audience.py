"""Whom a plan asks for."""

from campaigns.models import Segment
from campaigns.queries import segments as segment_queries
from campaigns.queries.plans import question_kept, tree_of
from campaigns.rules import plan as plans
from campaigns.rules import segments


class SegmentGone(Exception):
    """The saved segment that a plan asks for is not there; nobody was addressed."""


def tree_asked(plan: plans.Plan) -> segments.Tree:
    """Will return the question by which a plan finds its members: its own, or that of its saved segment.

    Once started it asks what was agreed to; who is on a list is asked now. Two queries for a saved one. Raises
    SegmentGone.
    """
    if plan.asked is not None:
        return question_kept(plan.asked)
    if plan.segment is not None and Segment.objects.filter(id=plan.segment, is_list=True).exists():
        return segment_queries.tree_of_list(plan.segment)
    kept = plan.tree if plan.segment is None else tree_of(plan.segment)
    if kept is None:
        raise SegmentGone("The saved segment is not there any more. Choose another one. Nobody was addressed.")
    return segments.tree_from(kept, segment_queries.segment_fields())
