"""Campaigns' tables."""

from campaigns.models.campaigns import Budget, Campaign, ControlGroup, Recipient, Review, Run
from campaigns.models.results import AttributionRules, Conversion
from campaigns.models.segments import ListedMember, Segment, SegmentVersion

__all__ = [
    "AttributionRules",
    "Budget",
    "Campaign",
    "ControlGroup",
    "Conversion",
    "ListedMember",
    "Recipient",
    "Review",
    "Run",
    "Segment",
    "SegmentVersion",
]
