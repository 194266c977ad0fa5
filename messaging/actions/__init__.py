"""Messaging's deeds: each locks, reads, asks the rules and writes; all in the caller's transaction."""

from messaging.actions.choosing import (
    UnknownMessage,
    UnknownTopic,
    Unsubscribed,
    allow_channel,
    choose,
    set_quiet_time,
    stop_all,
    stop_channel,
    unsubscribe,
)
from messaging.actions.dispatching import (
    DispatchOver,
    cancel,
    finish,
    open_dispatch,
    pause,
    resume,
    retry_failed,
)
from messaging.actions.enqueuing import (
    Enqueued,
    MessageKeyReused,
    enqueue,
)
from messaging.actions.latest import publish_latest
from messaging.actions.preferring import Wanted, keep_preferences
from messaging.actions.reading import follow_button, mark_read
from messaging.actions.releasing import (
    Released,
    carry_on,
    release_waiting,
    skip_waiting,
)
from messaging.actions.resolving import (
    Decision,
    NotUnknown,
    resolve_unknown,
)
from messaging.actions.ruling import (
    publish_first_rules,
    publish_rules,
)
from messaging.actions.showing import NothingToShow, show_again
from messaging.actions.subscribing import BadSubscription, TooManyBrowsers, end_all_pushes, end_push, subscribe_push
from messaging.actions.suppressing import (
    lift,
    suppress,
)
from messaging.actions.telling import (
    record_click,
    record_open,
    tell,
)

__all__ = [
    "BadSubscription",
    "Decision",
    "DispatchOver",
    "Enqueued",
    "MessageKeyReused",
    "NotUnknown",
    "NothingToShow",
    "Released",
    "TooManyBrowsers",
    "UnknownMessage",
    "UnknownTopic",
    "Unsubscribed",
    "Wanted",
    "allow_channel",
    "cancel",
    "carry_on",
    "choose",
    "end_all_pushes",
    "end_push",
    "enqueue",
    "finish",
    "follow_button",
    "keep_preferences",
    "lift",
    "mark_read",
    "open_dispatch",
    "pause",
    "publish_first_rules",
    "publish_latest",
    "publish_rules",
    "record_click",
    "record_open",
    "release_waiting",
    "resolve_unknown",
    "resume",
    "retry_failed",
    "set_quiet_time",
    "show_again",
    "skip_waiting",
    "stop_all",
    "stop_channel",
    "subscribe_push",
    "suppress",
    "tell",
    "unsubscribe",
]
