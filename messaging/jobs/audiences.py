"""Putting messages to hundreds of thousands of members into the outbox, in one statement."""

import datetime as dt
import secrets
from typing import Any

from kit import sql
from members.enums import Purpose
from messaging.actions.enqueuing import reopen

STRIDES = 1 << 12


def create_wanted() -> None:
    """Will make the temporary table messaging_wanted, which lasts until enqueue_wanted, or the transaction's end.

    Columns: member_id, channel, source_key, template_version_id, due_at, state (queued by default, or waiting), values
    (an empty object by default).
    """
    sql.execute("messaging", "create_wanted")


def enqueue_wanted(dispatch_id: int | None, purpose: Purpose, topic: str, *, at: dt.datetime) -> int:
    """Will put what stands in messaging_wanted into the outbox and return how many messages are new.

    One that is there already under its member, source key and channel is left, so that it may be done again.
    """
    added = sql.execute("messaging", "enqueue_wanted", **_told(dispatch_id, purpose, topic, at))
    sql.execute("messaging", "drop_wanted")
    if added and dispatch_id is not None:
        reopen(dispatch_id)
    return added


def enqueueing(dispatch_id: int, purpose: Purpose, topic: str, *, at: dt.datetime) -> sql.Part:
    """Will return the statement of enqueue_wanted as a part of a larger one, which has the table's columns as a CTE.

    The CTE is called messaging_wanted too, and has all of them. A dispatch that had nothing left is to be opened again
    (actions.carry_on).
    """
    return sql.part("messaging", "enqueue_wanted", **_told(dispatch_id, purpose, topic, at))


def _told(dispatch_id: int | None, purpose: Purpose, topic: str, at: dt.datetime) -> dict[str, Any]:
    return {
        "dispatch": dispatch_id,
        "purpose": purpose.value,
        "topic": topic,
        "at": at,
        "epoch_ms": int(at.timestamp() * 1000),
        "stride": 1 + secrets.randbelow(STRIDES),
        "seed": f"{secrets.token_hex(16)}:",
    }
