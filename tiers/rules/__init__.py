"""Where a member stands: pure decisions from a position, what counts, and a published ladder version."""

from tiers.rules.deciding import Measure, Occurrence, Outcome, after_event, at_night, decide, join
from tiers.rules.facts import Counted, Facts, History, years_between
from tiers.rules.giving import NotGiven, end_early, extend, give
from tiers.rules.ladder import (
    METRICS,
    PLAIN,
    LadderTerms,
    Reached,
    Requirement,
    Rung,
    earned,
    gaps,
    least_of,
    least_to_keep,
    least_to_rise,
    met,
    rank_in,
    rank_of,
)
from tiers.rules.nights import Ladders, Lived, cause_of, live_through
from tiers.rules.position import Grant, Hold, Next, Position, place_in

__all__ = [
    "METRICS",
    "PLAIN",
    "Counted",
    "Facts",
    "Grant",
    "History",
    "Hold",
    "LadderTerms",
    "Ladders",
    "Lived",
    "Measure",
    "Next",
    "NotGiven",
    "Occurrence",
    "Outcome",
    "Position",
    "Reached",
    "Requirement",
    "Rung",
    "after_event",
    "at_night",
    "cause_of",
    "decide",
    "earned",
    "end_early",
    "extend",
    "gaps",
    "give",
    "join",
    "least_of",
    "least_to_keep",
    "least_to_rise",
    "live_through",
    "met",
    "place_in",
    "rank_in",
    "rank_of",
    "years_between",
]
