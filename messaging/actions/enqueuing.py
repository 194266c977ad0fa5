"""Putting one message into the outbox."""

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError as BrokerAway

from members.enums import Purpose
from messaging.enums import Channel, DispatchState, MessageState
from messaging.models import Dispatch, Message

logger = logging.getLogger(__name__)

SEND = "messaging.send"
"""The pinned name of the task that sends; the site has its shell."""


class MessageKeyReused(Exception):
    """The member has a message of another kind under this source key and channel; nothing was put into the outbox."""


@dataclass(frozen=True, slots=True)
class Enqueued:
    """A message in the outbox, and whether it is a new one."""

    message_id: int
    is_new: bool


@transaction.atomic
def enqueue(
    *,
    member_id: int,
    channel: Channel,
    source_key: str,
    purpose: Purpose,
    template_version_id: int | None,
    at: dt.datetime,
    actor: str,
    topic: str = "",
    values: Mapping[str, Any] | None = None,
    due_at: dt.datetime | None = None,
    dispatch_id: int | None = None,
    state: MessageState = MessageState.QUEUED,
) -> Enqueued:
    """Will put a message into the outbox once for its member, source key and channel, and wake a sender on commit.

    The same cause again gives the first message. Another purpose or topic under the same key raises MessageKeyReused.
    """
    message = Message(
        member_id=member_id,
        channel=channel.value,
        source_key=source_key,
        purpose=purpose.value,
        topic=topic,
        template_version_id=template_version_id,
        values=dict(values or {}),
        due_at=due_at or at,
        dispatch_id=dispatch_id,
        state=state.value,
        created_at=at,
    )
    kept, is_new = _kept(message)
    if (kept.purpose, kept.topic) != (message.purpose, message.topic):
        raise MessageKeyReused(
            f"There is a message about something else under the key {source_key} already. Nothing was put into the "
            "outbox. Use a key of its own for each message."
        )
    if is_new and dispatch_id is not None:
        reopen(dispatch_id)
    if is_new and message.due_at <= at:
        wake_sender()
    return Enqueued(kept.id, is_new)


def _kept(message: Message) -> tuple[Message, bool]:
    key = {name: getattr(message, name) for name in ("member_id", "source_key", "channel")}
    known = Message.objects.filter(**key).first()
    if known is not None:
        return known, False
    made = Message.objects.bulk_create([message], ignore_conflicts=True)[0]
    kept = Message.objects.get(**key)
    return kept, kept.token == made.token


def reopen(dispatch_id: int) -> None:
    """Will let a dispatch go on that had finished, for there is more to send; one paused or cancelled is left.

    One that runs is written all the same: whoever looks after dispatches passes over a row that is locked, and would
    else end one whose new messages he cannot see yet. Locks the dispatch's row until the transaction ends.
    """
    going = Dispatch.objects.filter(id=dispatch_id, state__in=[DispatchState.RUNNING, DispatchState.FINISHED])
    going.update(state=DispatchState.RUNNING)


def wake_sender() -> None:
    """Will wake a sender when the transaction is committed, once however often it is asked."""
    if not any(entry[1] is _wake for entry in connection.run_on_commit):
        transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    try:
        current_app.send_task(SEND, retry=False)
    except BrokerAway:
        logger.warning("no sender was woken: the broker cannot be reached; the next minute wakes one")
