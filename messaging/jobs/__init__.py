"""Messaging's jobs: many messages put into the outbox at once, and the outbox worked off."""

from messaging.jobs.audiences import create_wanted, enqueue_wanted, enqueueing
from messaging.jobs.keeping import Kept, keep
from messaging.jobs.letters import hand_over_letter
from messaging.jobs.notices import channels_of, tell_falls, tell_lapsing_points, tell_tier_changes
from messaging.jobs.sending import WORK_SECONDS, Sender, any_due, send_due
from messaging.jobs.trials import send_trials

__all__ = [
    "WORK_SECONDS",
    "Kept",
    "Sender",
    "any_due",
    "channels_of",
    "create_wanted",
    "enqueue_wanted",
    "enqueueing",
    "hand_over_letter",
    "keep",
    "send_due",
    "send_trials",
    "tell_falls",
    "tell_lapsing_points",
    "tell_tier_changes",
]
