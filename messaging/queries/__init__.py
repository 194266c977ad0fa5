"""What others may ask of messaging."""

from messaging.queries.choices import (
    ChannelChoice,
    Preferences,
    TopicAnswer,
    preferences_of,
)
from messaging.queries.contents import (
    contents_of,
    topic_of,
)
from messaging.queries.dispatches import (
    is_under_way,
)
from messaging.queries.links import (
    Link,
    LinkKind,
    PATHS,
    inbox_url,
    link_url,
    read_link,
    sign_link,
)
from messaging.queries.outbox import (
    Count,
    DispatchView,
    EventRow,
    MessageRow,
    Progress,
    UnknownDispatch,
    count_unknown,
    events_of,
    find_by_id,
    find_link_target,
    find_message,
    get_dispatch,
    is_under_way,
    list_dispatches,
    messages_of_dispatch,
    messages_of_member,
    progress,
    unknown_messages,
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
    list_suppressions,
)

__all__ = [
    "ChannelChoice",
    "Count",
    "DispatchView",
    "EventRow",
    "Link",
    "LinkKind",
    "MessageRow",
    "PATHS",
    "Preferences",
    "Progress",
    "RulesView",
    "SuppressionView",
    "TopicAnswer",
    "UnknownDispatch",
    "contents_of",
    "count_unknown",
    "events_of",
    "find_by_id",
    "find_link_target",
    "find_message",
    "find_rules",
    "find_suppressions",
    "get_dispatch",
    "hash_of",
    "inbox_url",
    "is_under_way",
    "link_url",
    "list_dispatches",
    "list_rules",
    "list_suppressions",
    "messages_of_dispatch",
    "messages_of_member",
    "preferences_of",
    "progress",
    "read_link",
    "rules_in_force",
    "sign_link",
    "topic_of",
    "unknown_messages",
]
