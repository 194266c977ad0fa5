"""Tiers' deeds: publish a ladder, join, evaluate after an event, and what the staff decide by hand."""

from tiers.actions.bulk import StandingState, read_standings, write_standings
from tiers.actions.deciding import evaluate, evaluate_everywhere, join, join_everywhere
from tiers.actions.giving import (
    CourtesiesUsedUp,
    NoReason,
    NoSuchTier,
    OtherContent,
    end_given,
    extend_validity,
    give_tier,
)
from tiers.actions.places import NewDecision
from tiers.actions.publishing import (
    BadSettings,
    NoDraft,
    NoteMissing,
    NothingChanged,
    NotReady,
    Settings,
    TierDraft,
    TooEarly,
    discard_draft,
    publish,
    publish_first_ladder,
    save_settings,
    save_tiers,
    start_draft,
)
from tiers.actions.undoing import NothingToUndo, Return, Undone, undo_nights

__all__ = [
    "BadSettings",
    "CourtesiesUsedUp",
    "NewDecision",
    "NoDraft",
    "NoReason",
    "NoSuchTier",
    "NotReady",
    "NoteMissing",
    "NothingChanged",
    "NothingToUndo",
    "OtherContent",
    "Return",
    "Settings",
    "StandingState",
    "TierDraft",
    "TooEarly",
    "Undone",
    "discard_draft",
    "end_given",
    "evaluate",
    "evaluate_everywhere",
    "extend_validity",
    "give_tier",
    "join",
    "join_everywhere",
    "publish",
    "publish_first_ladder",
    "read_standings",
    "save_settings",
    "save_tiers",
    "start_draft",
    "undo_nights",
    "write_standings",
]
