"""Tiers' deeds: publish a ladder, join, evaluate after an event, and what the staff decide by hand."""

from tiers.actions.bulk import StandingState, read_standings, write_standings
from tiers.actions.deciding import evaluate, join
from tiers.actions.giving import (
    CourtesiesUsedUp,
    NoReason,
    NoSuchTier,
    OtherContent,
    end_given,
    extend_validity,
    give_tier,
)
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
from tiers.rules.places import NewDecision

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
    "OtherContent",
    "Settings",
    "StandingState",
    "TierDraft",
    "TooEarly",
    "discard_draft",
    "end_given",
    "evaluate",
    "extend_validity",
    "give_tier",
    "join",
    "publish",
    "publish_first_ladder",
    "read_standings",
    "save_settings",
    "save_tiers",
    "start_draft",
    "write_standings",
]
