"""Tiers' outcomes in words: why a member stands where he stands, what comes of him, and what is wrong with a draft."""

from tiers.wording.ahead import MarkedDate, answer_words, marked_dates
from tiers.wording.decisions import (
    ALL,
    amount,
    decision_title,
    reasons,
    staff_reasons,
    standing,
    tier_name,
)
from tiers.wording.drafts import (
    days,
    finding,
    ladder_announcement,
    ladder_changes,
    rate_words,
    settings_in_words,
)
from tiers.wording.falls import fall_words, missing_words, way_words
from tiers.wording.giving import foretold_words, kind_words, not_given, verdict_words
from tiers.wording.ladders import asked_words, counted_words, ladder_words, metric_label

__all__ = [
    "ALL",
    "MarkedDate",
    "amount",
    "answer_words",
    "asked_words",
    "counted_words",
    "days",
    "decision_title",
    "fall_words",
    "finding",
    "foretold_words",
    "kind_words",
    "ladder_announcement",
    "ladder_changes",
    "ladder_words",
    "marked_dates",
    "metric_label",
    "missing_words",
    "not_given",
    "rate_words",
    "reasons",
    "settings_in_words",
    "staff_reasons",
    "standing",
    "tier_name",
    "verdict_words",
    "way_words",
]
