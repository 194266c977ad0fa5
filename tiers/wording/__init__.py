"""Tiers' outcomes in words: why a member stands where he stands, what comes of him, and what is wrong with a draft."""

from tiers.wording.ahead import Marked, answer_words, marks
from tiers.wording.decisions import (
    ALL,
    amount,
    decision_title,
    finding,
    reasons,
    staff_reasons,
    standing,
    tier_name,
)
from tiers.wording.falls import fall_words, missing_words, way_words

__all__ = [
    "ALL",
    "Marked",
    "amount",
    "answer_words",
    "decision_title",
    "fall_words",
    "finding",
    "marks",
    "missing_words",
    "reasons",
    "staff_reasons",
    "standing",
    "tier_name",
    "way_words",
]
