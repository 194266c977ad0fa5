"""Campaigns' tables."""

from campaigns.models.campaigns import Budget, Campaign, ControlGroup, Recipient, Review, Run
from campaigns.models.results import AttributionRules, Conversion, Headline
from campaigns.models.segments import ListedMember, Segment, SegmentVersion

__all__ = [
    "AttributionRules",
    "Budget",
    "Campaign",
    "ControlGroup",
    "Conversion",
    "Headline",
    "ListedMember",
    "Recipient",
    "Review",
    "Run",
    "Segment",
    "SegmentVersion",
]
