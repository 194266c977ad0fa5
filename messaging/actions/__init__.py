"""Messaging's deeds."""

from messaging.actions.choosing import (
    UnknownMessage,
    UnknownTopic,
    Unsubscribed,
    choose,
    set_quiet_time,
    stop_all,
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
from messaging.actions.latest import (
    publish_latest,
)
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
    "Decision",
    "DispatchOver",
    "Enqueued",
    "MessageKeyReused",
    "NotUnknown",
    "Released",
    "UnknownMessage",
    "UnknownTopic",
    "Unsubscribed",
    "cancel",
    "carry_on",
    "choose",
    "enqueue",
    "finish",
    "lift",
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
    "skip_waiting",
    "stop_all",
    "suppress",
    "tell",
    "unsubscribe",
]
