"""What others may ask of the outbox: how a dispatch gets on, its messages, a member's, those nobody can tell of."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models.functions import JSONObject

from kit import sql
from messaging.enums import Channel, MessageState
from messaging.models import Dispatch, Message, MessageEvent, TemplateVersion


class UnknownDispatch(Exception):
    """There is no such dispatch; nothing was done."""


@dataclass(frozen=True, slots=True)
class DispatchView:
    """A dispatch as pages show it."""

    id: int
    name: str
    state: str
    state_reason: str
    rate_per_minute: int | None
    obeys_caps: bool
    counts_for_caps: bool
    ends_at: dt.datetime | None
    errors_in_row: int
    errors_max: int
    paused_at: dt.datetime | None
    created_at: dt.datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages of a channel stand in a state, for a reason where there is one."""

    state: str
    channel: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How a dispatch gets on."""

    dispatch: DispatchView
    counts: tuple[Count, ...]

    @property
    def by_state(self) -> dict[str, int]:
        """How many messages stand in each state, all states named."""
        return {state.value: sum(c.count for c in self.counts if c.state == state.value) for state in MessageState}

    @property
    def total(self) -> int:
        """How many messages there are."""
        return sum(count.count for count in self.counts)

    @property
    def by_reason(self) -> dict[str, int]:
        """How many were skipped or failed, by reason."""
        found: dict[str, int] = {}
        for count in self.counts:
            if count.reason:
                found[count.reason] = found.get(count.reason, 0) + count.count
        return found


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as lists show it."""

    id: int
    token: uuid.UUID
    member_id: int
    member_number: str
    member_name: str
    channel: str
    source_key: str
    dispatch_id: int | None
    template_version_id: int | None
    purpose: str
    topic: str
    state: str
    reason: str
    detail: str
    due_at: dt.datetime
    attempts: int
    sending_at: dt.datetime | None
    sent_at: dt.datetime | None
    provider: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many messages of a channel stand in a state that is not over, and since when the oldest of them is due.

    `oldest_seconds` is 0 where none is due yet.
    """

    channel: str
    state: str
    count: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class EventRow:
    """What became of a message."""

    kind: str
    at: dt.datetime
    detail: Mapping[str, Any]


def list_dispatches(states: tuple[str, ...] = (), before_id: int | None = None, limit: int = 50) -> list[DispatchView]:
    """Will return dispatches, latest first; `before_id` is where the page before ended. One query."""
    rows = Dispatch.objects.filter(state__in=states) if states else Dispatch.objects.all()
    rows = rows.filter(id__lt=before_id) if before_id else rows
    return [_dispatch(row) for row in rows.order_by("-id")[:limit]]


def progress(dispatch_id: int) -> Progress:
    """Will return how a dispatch gets on; raises UnknownDispatch. One query, by messaging_message_dispatched."""
    by = ("state", "channel", "reason")
    counted = Message.objects.filter(dispatch=models.OuterRef("pk")).order_by(*by).values(*by)
    row_of = JSONObject(**{name: name for name in (*by, "count")})
    counts = ArraySubquery(counted.annotate(count=models.Count("id")).values(row=row_of))
    row = Dispatch.objects.annotate(counts=counts).filter(id=dispatch_id).first()
    if row is None:
        raise UnknownDispatch("There is no such dispatch. Nothing was done.")
    return Progress(_dispatch(row), tuple(Count(**one) for one in row.counts))


def unknown_messages(*, dispatch_id: int | None = None, after_id: int = 0, limit: int = 50) -> list[MessageRow]:
    """Will return the messages of which nobody can tell whether they were sent, by id. One query."""
    rows = Message.objects.filter(state=MessageState.UNKNOWN, id__gt=after_id)
    rows = rows.filter(dispatch_id=dispatch_id) if dispatch_id else rows
    return rows_of(rows.order_by("id"), limit)


def backlog(at: dt.datetime) -> list[Backlog]:
    """Will return what has not gone out yet, by channel and state. One query, by the index of what is open."""
    return [Backlog(*row) for row in sql.fetch("messaging", "backlog", at=at)]


def messages_of_member(member_id: int, *, before_id: int | None = None, limit: int = 50) -> list[MessageRow]:
    """Will return a member's messages, latest first; `before_id` is where the page before ended. One query."""
    rows = Message.objects.filter(member_id=member_id)
    rows = rows.filter(id__lt=before_id) if before_id else rows
    return rows_of(rows.order_by("-id"), limit)


def find_by_id(message_id: int) -> MessageRow | None:
    """Will return a message, or None. One query."""
    found = rows_of(Message.objects.filter(id=message_id), 1)
    return found[0] if found else None


def events_of(message_id: int) -> list[EventRow]:
    """Will return what became of a message, in order. One query."""
    rows = MessageEvent.objects.filter(message_id=message_id).order_by("at", "id")
    return [EventRow(row.kind, row.at, row.detail) for row in rows]


def find_link_target(token: uuid.UUID, number: int) -> str | None:
    """Will return where a numbered link of an e-mail leads, or None. Two queries at most."""
    found = Message.objects.filter(token=token).values_list("template_version_id", "channel", "language").first()
    if found is None or found[0] is None:
        return None
    version_id, channel, language = found
    compiled = TemplateVersion.objects.values_list("compiled", flat=True).get(id=version_id)
    words = compiled.get(channel or Channel.EMAIL.value, {}).get(language, {})
    target = (words.get("links") or {}).get(str(number))
    return str(target) if target else None


def rows_of(rows: "models.QuerySet[Message]", limit: int) -> list[MessageRow]:
    """Will return messages as lists show them, with their members. One query."""
    return [
        MessageRow(
            id=row.id,
            token=row.token,
            member_id=row.member_id,
            member_number=row.member.number,
            member_name=row.member.name,
            channel=row.channel,
            source_key=row.source_key,
            dispatch_id=row.dispatch_id,
            template_version_id=row.template_version_id,
            purpose=row.purpose,
            topic=row.topic,
            state=row.state,
            reason=row.reason,
            detail=row.detail,
            due_at=row.due_at,
            attempts=row.attempts,
            sending_at=row.sending_at,
            sent_at=row.sent_at,
            provider=row.provider,
        )
        for row in rows.select_related("member")[:limit]
    ]


def is_under_way(dispatch_id: int) -> bool:
    """Will say whether anything of a dispatch is still to be sent, or being sent. One query."""
    left = (MessageState.WAITING, MessageState.QUEUED, MessageState.LEASED, MessageState.SENDING)
    return Message.objects.filter(dispatch_id=dispatch_id, state__in=left).exists()


def _dispatch(row: Dispatch) -> DispatchView:
    return DispatchView(
        id=row.id,
        name=row.name,
        state=row.state,
        state_reason=row.state_reason,
        rate_per_minute=row.rate_per_minute,
        obeys_caps=row.obeys_caps,
        counts_for_caps=row.counts_for_caps,
        ends_at=row.ends_at,
        errors_in_row=row.errors_in_row,
        errors_max=row.errors_max,
        paused_at=row.paused_at,
        created_at=row.created_at,
        actor=row.actor,
    )
