"""Tiers' deeds: publish a ladder, join, and evaluate after an event."""

from tiers.actions.bulk import NewDecision, StandingState, read_standings, write_standings
from tiers.actions.deciding import evaluate, join
from tiers.actions.publishing import publish_first_ladder

__all__ = [
    "NewDecision",
    "StandingState",
    "evaluate",
    "join",
    "publish_first_ladder",
    "read_standings",
    "write_standings",
]
