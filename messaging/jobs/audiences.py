"""Putting messages to hundreds of thousands of members into the outbox, in one statement."""

import datetime as dt

from kit import sql
from members.enums import Purpose
from messaging.enums import DispatchState
from messaging.models import Dispatch


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
    added = sql.execute("messaging", "enqueue_wanted", dispatch=dispatch_id, purpose=purpose.value, topic=topic, at=at)
    sql.execute("messaging", "drop_wanted")
    if added and dispatch_id is not None:
        Dispatch.objects.filter(id=dispatch_id, state=DispatchState.FINISHED).update(state=DispatchState.RUNNING)
    return added
