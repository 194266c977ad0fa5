"""Messaging's deeds: each locks, reads, asks the rules and writes; all in the caller's transaction."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from members.enums import Purpose
from messaging.enums import Channel
from messaging.models import Message


def enqueue(
    *,
    member_id: int,
    channel: Channel,
    source_key: str,
    purpose: Purpose,
    template_version_id: int | None,
    at: dt.datetime,
    actor: str,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Will put a message into the outbox once for its member, source key and channel."""
    message = Message(
        member_id=member_id,
        channel=channel.value,
        source_key=source_key,
        purpose=purpose.value,
        template_version_id=template_version_id,
        values=dict(values or {}),
        due_at=at,
        created_at=at,
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
