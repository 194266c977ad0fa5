"""What others may ask of many messages at once: the outbox in pages, what a member got, what waits for a person."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce, JSONObject

from kit import sql
from messaging.models import Message, Topic
from messaging.queries.outbox import MessageRow, rows_of


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages are wanted; what is empty is not asked."""

    state: str = ""
    reason: str = ""
    channel: str = ""
    dispatch_id: int | None = None
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class TopicalRow:
    """A message, with what the topics are called by code and language."""

    message: MessageRow
    topics: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What keeps messages from going out until a person looks at it, and by which channels any would go."""

    unknown: int
    paused: int
    channels: frozenset[str]


def list_messages(wanted: MessageFilter, before_id: int | None = None, limit: int = 50) -> list[MessageRow]:
    """Will return messages of the outbox, latest first; `before_id` is where the page before ended. One query.

    States that are few, and dispatches and members, have indexes; other questions walk back from the latest message,
    so that whoever asks should say how long it may take (kit.paging.within).
    """
    asked = {
        "state": wanted.state,
        "reason": wanted.reason,
        "channel": wanted.channel,
        "dispatch_id": wanted.dispatch_id,
        "member_id": wanted.member_id,
    }
    rows = Message.objects.filter(**{name: value for name, value in asked.items() if value})
    rows = rows.filter(id__lt=before_id) if before_id else rows
    return rows_of(rows.order_by("-id"), limit)


def messages_before(member_id: int, before: dt.datetime, limit: int) -> sql.Told[TopicalRow]:
    """Will tell of a member's messages that were sent, or put aside, before an instant. No query of its own."""
    rows: QuerySet[Message] = Message.objects.filter(member_id=member_id)
    topics = ArraySubquery(Topic.objects.order_by("code").values(said=JSONObject(code="code", names="names")))
    rows = rows.annotate(moment=Coalesce("sent_at", "sending_at", "due_at"), topics=topics).filter(moment__lt=before)
    fields = [
        {"member_number": "member__number", "member_name": "member__name"}.get(x, x) for x in MessageRow.__slots__
    ]
    return sql.Told(rows.order_by("-moment", "-id").values_list("moment", "topics", *fields)[:limit], _topical)


def _topical(_moment: dt.datetime, topics: Sequence[Mapping[str, Any]], *row: Any) -> TopicalRow:
    return TopicalRow(MessageRow(*row), {topic["code"]: topic["names"] for topic in topics})


def progress_of(dispatch_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Will return {dispatch: {state: messages}} of some dispatches, by messaging_message_dispatched. One query."""
    found: dict[int, dict[str, int]] = {dispatch_id: {} for dispatch_id in dispatch_ids}
    rows = Message.objects.filter(dispatch_id__in=dispatch_ids).order_by().values_list("dispatch_id", "state")
    for dispatch_id, state, count in rows.annotate(count=Count("id")):
        if dispatch_id is not None:
            found[dispatch_id][state] = count
    return found


def waiting_for_somebody() -> Waiting:
    """Will say what waits for a person, and which channels templates in use have published words for. One query."""
    [(unknown, paused, channels)] = sql.fetch("messaging", "waiting_for_somebody")
    return Waiting(unknown, paused, frozenset(channels))
