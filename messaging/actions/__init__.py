"""Messaging's deeds: what is written down about messages and addresses; all in the caller's transaction."""

from messaging.actions.answering import (
    BadAnswer,
    answer,
)
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
from messaging.actions.forgetting import (
    forget,
)
from messaging.actions.latest import (
    publish_latest,
)
from messaging.actions.merging import (
    carry_over,
    give_back,
)
from messaging.actions.preferring import (
    Wanted,
    keep_preferences,
)
from messaging.actions.previewing import (
    preview_as,
)
from messaging.actions.reading import (
    follow_button,
    mark_read,
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
from messaging.actions.showing import (
    NothingToShow,
    show_again,
)
from messaging.actions.subscribing import (
    BadSubscription,
    TooManyBrowsers,
    end_all_pushes,
    end_push,
    subscribe_push,
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
from messaging.actions.templates import (
    CodeTaken,
    DraftChanged,
    NoDraft,
    NothingChanged,
    NotReady,
    archive_template,
    copy_template,
    create_template,
    discard_template_draft,
    edit_topic,
    make_topic,
    publish_first_template,
    publish_template,
    rename_template,
    save_content,
    save_words,
    start_template_draft,
)
from messaging.actions.trials import (
    AN_HOUR_MAX as TRIALS_AN_HOUR,
)
from messaging.actions.trials import (
    NotToBeSent,
    TooManyTrials,
    send_trial,
)

__all__ = [
    "TRIALS_AN_HOUR",
    "BadAnswer",
    "BadSubscription",
    "CodeTaken",
    "Decision",
    "DispatchOver",
    "DraftChanged",
    "Enqueued",
    "MessageKeyReused",
    "NoDraft",
    "NotReady",
    "NotToBeSent",
    "NotUnknown",
    "NothingChanged",
    "NothingToShow",
    "Released",
    "TooManyBrowsers",
    "TooManyTrials",
    "UnknownMessage",
    "UnknownTopic",
    "Unsubscribed",
    "Wanted",
    "allow_channel",
    "answer",
    "archive_template",
    "cancel",
    "carry_on",
    "carry_over",
    "choose",
    "copy_template",
    "create_template",
    "discard_template_draft",
    "edit_topic",
    "end_all_pushes",
    "end_push",
    "enqueue",
    "follow_button",
    "forget",
    "give_back",
    "keep_preferences",
    "lift",
    "make_topic",
    "mark_read",
    "open_dispatch",
    "pause",
    "preview_as",
    "publish_first_rules",
    "publish_first_template",
    "publish_latest",
    "publish_rules",
    "publish_template",
    "record_click",
    "record_open",
    "release_waiting",
    "rename_template",
    "resolve_unknown",
    "resume",
    "retry_failed",
    "save_content",
    "save_words",
    "send_trial",
    "set_quiet_time",
    "show_again",
    "skip_waiting",
    "start_template_draft",
    "stop_all",
    "stop_channel",
    "subscribe_push",
    "suppress",
    "tell",
    "unsubscribe",
]
