"""Messaging's deeds: each locks, reads, asks the rules and writes; all in the caller's transaction."""

from messaging.actions.choosing import (
    UnknownMessage,
    UnknownTopic,
    Unsubscribed,
    choose,
    set_quiet_time,
    stop_all,
    unsubscribe,
)
from messaging.actions.dispatching import DispatchOver, cancel, finish, open_dispatch, pause, resume, retry_failed
from messaging.actions.enqueuing import Enqueued, MessageKeyReused, enqueue
from messaging.actions.resolving import Decision, NotUnknown, resolve_unknown
from messaging.actions.ruling import publish_first_rules, publish_rules
from messaging.actions.suppressing import lift, suppress
from messaging.actions.telling import record_click, record_open, tell

__all__ = [
    "Decision",
    "DispatchOver",
    "Enqueued",
    "MessageKeyReused",
    "NotUnknown",
    "UnknownMessage",
    "UnknownTopic",
    "Unsubscribed",
    "cancel",
    "choose",
    "enqueue",
    "finish",
    "lift",
    "open_dispatch",
    "pause",
    "publish_first_rules",
    "publish_rules",
    "record_click",
    "record_open",
    "resolve_unknown",
    "resume",
    "retry_failed",
    "set_quiet_time",
    "stop_all",
    "suppress",
    "tell",
    "unsubscribe",
]
