"""What campaigns' states, kinds, goals, gifts and the like are called, a word or two each."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.enums import (
    CampaignKind,
    CampaignState,
    Every,
    Fallback,
    Goal,
    Group,
    Metric,
    RewardKind,
    RunState,
    Trigger,
)
from messaging.enums import Channel, MessageState, Reason

STEPS: Mapping[str, object] = {
    "goal": _("Goal"),
    "who": pgettext_lazy("step of a campaign", "Who"),
    "reward": _("Reward"),
    "message": _("Message"),
    "when": pgettext_lazy("step of a campaign", "When"),
    "check": pgettext_lazy("step of a campaign", "Check"),
}

KINDS: Mapping[CampaignKind, object] = {
    CampaignKind.ONCE: _("Once"),
    CampaignKind.RECURRING: _("Again and again"),
    CampaignKind.TRIGGERED: _("When something happens"),
    CampaignKind.POINT_DAYS: _("Point days"),
}

STATES: Mapping[CampaignState, object] = {
    CampaignState.DRAFT: _("Draft"),
    CampaignState.IN_REVIEW: _("Waits for review"),
    CampaignState.APPROVED: _("Agreed, not started"),
    CampaignState.SCHEDULED: _("Planned"),
    CampaignState.RUNNING: _("Running"),
    CampaignState.PAUSED: _("Paused"),
    CampaignState.FINISHED: _("Finished"),
    CampaignState.CANCELLED: _("Cancelled"),
}

RUN_STATES: Mapping[RunState, object] = {
    RunState.RUNNING: _("Running"),
    RunState.PAUSED: _("Paused"),
    RunState.FINISHED: _("Finished"),
    RunState.CANCELLED: _("Cancelled"),
}

GOALS: Mapping[Goal, object] = {
    Goal.ORDER: _("They order"),
    Goal.CHECK_IN: _("They check in"),
    Goal.REDEMPTION: _("They redeem a reward"),
    Goal.CLICK: _("They follow a link"),
    Goal.INFORM: _("They read it"),
}

TRIGGERS: Mapping[Trigger, object] = {
    Trigger.WELCOME: _("A member joins"),
    Trigger.BIRTHDAY: _("A member’s birthday"),
    Trigger.ANNIVERSARY: _("The day on which a member joined, each year"),
    Trigger.UPGRADE: _("A member moves up a tier"),
    Trigger.ABOUT_TO_FALL: _("A member is about to lose his tier"),
    Trigger.POINTS_LAPSING: _("A member’s points are about to expire"),
    Trigger.GONE_QUIET: _("A member has not ordered for some days"),
    Trigger.STREAK_BROKEN: _("A member’s run of check-ins ends"),
    Trigger.EVENT: _("The shop tells of an event"),
}

RHYTHMS: Mapping[Every, object] = {
    Every.DAY: _("Every day"),
    Every.WEEK: _("Every week"),
    Every.MONTH: _("Every month"),
}

REWARDS: Mapping[RewardKind, object] = {
    RewardKind.POINTS: _("Points"),
    RewardKind.COUPON: _("Coupon"),
    RewardKind.TIER: _("Tier for some time"),
    RewardKind.TAG: _("Tag"),
}

METRICS: Mapping[Metric, object] = {
    Metric.ORDERED: _("How many ordered"),
    Metric.CLICKED: _("How many followed a link"),
    Metric.OPENED: _("How many opened it"),
}

FALLBACKS: Mapping[Fallback, object] = {
    Fallback.FIRST: _("The others are sent variant A"),
    Fallback.SPLIT: _("The others are shared evenly among the variants"),
    Fallback.STOP: _("The others are sent nothing"),
}

GROUPS: Mapping[Group, object] = {
    Group.TREATED: _("Written to"),
    Group.CONTROL: _("Kept apart by this campaign"),
    Group.GLOBAL_CONTROL: _("In the group that gets no marketing"),
}

CHANNELS: Mapping[Channel, object] = {
    Channel.EMAIL: _("E-mail"),
    Channel.INBOX: _("Inbox"),
    Channel.SMS: _("Text message"),
    Channel.PUSH: _("Push message"),
    Channel.WEBHOOK: _("Webhook of the shop"),
}

MESSAGE_STATES: Mapping[MessageState, object] = {
    MessageState.WAITING: _("Waits for its gift or a decision"),
    MessageState.QUEUED: _("Queued"),
    MessageState.LEASED: _("Taken by a sender"),
    MessageState.SENDING: _("Being sent"),
    MessageState.SENT: _("Sent"),
    MessageState.FAILED: _("Failed"),
    MessageState.SKIPPED: _("Left out"),
    MessageState.UNKNOWN: _("Not known whether it was sent"),
}

REASONS: Mapping[Reason, object] = {
    Reason.NOT_A_MEMBER: _("Not a member any more"),
    Reason.NO_ADDRESS: _("No address for this channel"),
    Reason.NO_CONSENT: _("Did not agree to offers by this channel"),
    Reason.TOPIC_OFF: _("Does not want this topic"),
    Reason.SUPPRESSED: _("Address is written to no more"),
    Reason.FREQUENCY_CAP: _("Had as many messages as are allowed"),
    Reason.MISSING_VALUE: _("The words need something that is not known of the member"),
    Reason.EXPIRED: _("It would have come too late"),
    Reason.CANCELLED: _("The campaign was cancelled"),
    Reason.BUDGET_EXHAUSTED: _("The budget was used up"),
    Reason.NOT_ELIGIBLE: _("Not among those meant any more"),
    Reason.NO_CONTENT: _("There are no words for this channel"),
    Reason.REFUSED: _("The provider refused it"),
    Reason.TRIED_TOO_OFTEN: _("Tried too often"),
}


def step_name(step: str) -> str:
    """Will name a step of the builder."""
    return str(STEPS[step])


def kind_name(kind: str) -> str:
    """Will name a kind of campaign."""
    return str(KINDS[CampaignKind(kind)])


def state_name(state: str) -> str:
    """Will name a campaign's state."""
    return str(STATES[CampaignState(state)])


def run_state_name(state: str) -> str:
    """Will name a launch's state."""
    return str(RUN_STATES[RunState(state)])


def reward_name(kind: str) -> str:
    """Will name a kind of gift."""
    return str(REWARDS[RewardKind(kind)])


def group_name(group: str) -> str:
    """Will name a group of an audience."""
    return str(GROUPS[Group(group)])


def channel_name(channel: str) -> str:
    """Will name a channel."""
    return str(CHANNELS[Channel(channel)])


def message_state_name(state: str) -> str:
    """Will name where a message stands."""
    return str(MESSAGE_STATES[MessageState(state)])


def reason_name(reason: str) -> str:
    """Will say why a message was left out or failed."""
    return str(REASONS[Reason(reason)])


def choices_of(names: Mapping[Any, object]) -> list[tuple[str, str]]:
    """Will return what can be chosen among names, as forms take it."""
    return [(str(code), str(words)) for code, words in names.items()]
