"""Campaigns' deeds: each locks, reads, asks the rules and writes."""

from campaigns.actions.advancing import Advanced, advance, due
from campaigns.actions.attributing import publish_first_windows, publish_windows
from campaigns.actions.controlling import BadShare, ControlGroupStands, begin_control_group, end_control_group
from campaigns.actions.deciding import decide
from campaigns.actions.freezing import Frozen, freeze
from campaigns.actions.launching import (
    NotApproved,
    NotUnderWay,
    WordsNotReady,
    cancel,
    launch,
    pause,
    raise_budget,
    resume,
    start,
)
from campaigns.actions.planning import (
    EditedMeanwhile,
    NameMissing,
    NotEditable,
    UnknownCampaign,
    copy,
    create,
    discard,
    save,
)
from campaigns.actions.reviewing import (
    NothingToReview,
    NotReady,
    OwnCampaign,
    WordsMissing,
    answer_review,
    ask_review,
)
from campaigns.actions.rewarding import Gave, give_rewards

__all__ = [
    "Advanced",
    "BadShare",
    "ControlGroupStands",
    "EditedMeanwhile",
    "Frozen",
    "Gave",
    "NameMissing",
    "NotApproved",
    "NotEditable",
    "NotReady",
    "NotUnderWay",
    "NothingToReview",
    "OwnCampaign",
    "UnknownCampaign",
    "WordsMissing",
    "WordsNotReady",
    "advance",
    "answer_review",
    "ask_review",
    "begin_control_group",
    "cancel",
    "copy",
    "create",
    "decide",
    "discard",
    "due",
    "end_control_group",
    "freeze",
    "give_rewards",
    "launch",
    "pause",
    "publish_first_windows",
    "publish_windows",
    "raise_budget",
    "resume",
    "save",
    "start",
]
