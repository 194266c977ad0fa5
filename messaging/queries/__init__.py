"""What others may ask of messaging."""

from messaging.queries.answers import (
    AnswerRow,
    answers_by_month,
    answers_of_member,
    find_answer,
)
from messaging.queries.choices import (
    ChannelChoice,
    ChoiceRow,
    Preferences,
    TopicAnswer,
    choices_of,
    preferences_of,
)
from messaging.queries.contents import (
    contents_of,
    topic_of,
)
from messaging.queries.inbox import (
    InboxRow,
    find_in_inbox,
    find_said,
    has_unread,
    list_inbox,
)
from messaging.queries.linked import (
    LinkedMessage,
    find_linked,
)
from messaging.queries.links import (
    PATHS,
    Link,
    LinkKind,
    inbox_url,
    link_url,
    read_link,
    sign_link,
)
from messaging.queries.lists import (
    MessageFilter,
    TopicalRow,
    Waiting,
    list_messages,
    messages_before,
    progress_of,
    waiting_for_somebody,
)
from messaging.queries.outbox import (
    Backlog,
    Count,
    DispatchView,
    EventRow,
    MessageRow,
    Progress,
    UnknownDispatch,
    backlog,
    events_of,
    find_by_id,
    find_link_target,
    is_under_way,
    list_dispatches,
    messages_of_member,
    progress,
    unknown_messages,
)
from messaging.queries.pushes import (
    count_browsers,
    push_key,
)
from messaging.queries.rules import (
    RulesView,
    find_rules,
    list_rules,
    rules_in_force,
)
from messaging.queries.suppressions import (
    SuppressionView,
    find_suppressions,
    hash_of,
)
from messaging.queries.trials import (
    TrialRow,
    trials_of,
)

__all__ = [
    "PATHS",
    "AnswerRow",
    "Backlog",
    "ChannelChoice",
    "ChoiceRow",
    "Count",
    "DispatchView",
    "EventRow",
    "InboxRow",
    "Link",
    "LinkKind",
    "LinkedMessage",
    "MessageFilter",
    "MessageRow",
    "Preferences",
    "Progress",
    "RulesView",
    "SuppressionView",
    "TopicAnswer",
    "TopicalRow",
    "TrialRow",
    "UnknownDispatch",
    "Waiting",
    "answers_by_month",
    "answers_of_member",
    "backlog",
    "choices_of",
    "contents_of",
    "count_browsers",
    "events_of",
    "find_answer",
    "find_by_id",
    "find_in_inbox",
    "find_link_target",
    "find_linked",
    "find_rules",
    "find_said",
    "find_suppressions",
    "has_unread",
    "hash_of",
    "inbox_url",
    "is_under_way",
    "link_url",
    "list_dispatches",
    "list_inbox",
    "list_messages",
    "list_rules",
    "messages_before",
    "messages_of_member",
    "preferences_of",
    "progress",
    "progress_of",
    "push_key",
    "read_link",
    "rules_in_force",
    "sign_link",
    "topic_of",
    "trials_of",
    "unknown_messages",
    "waiting_for_somebody",
]
