"""Messages that wait for what they tell of: let go once it is there, skipped once it will not come."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kit import sql
from messaging.actions.enqueuing import reopen
from messaging.enums import Reason


@dataclass(frozen=True, slots=True)
class Released:
    """A member's waiting messages under a source key, and the values that they are to be rendered with besides."""

    member_id: int
    source_key: str
    values: dict[str, Any] = field(default_factory=dict)


def release_waiting(*, dispatch_id: int, released: Sequence[Released], at: dt.datetime, actor: str) -> int:
    """Will queue messages that waited, due now or later as they were; returns how many. One statement."""
    return sql.execute(
        "messaging",
        "release_waiting",
        dispatch=dispatch_id,
        members=[one.member_id for one in released],
        keys=[one.source_key for one in released],
        values=[json.dumps(one.values) for one in released],
        at=at,
    )


def skip_waiting(
    *, dispatch_id: int, skipped: Sequence[tuple[int, str]], reason: Reason, detail: str, at: dt.datetime, actor: str
) -> int:
    """Will skip messages, named by member and source key, that waited in vain; returns how many. One statement."""
    return sql.execute(
        "messaging",
        "skip_waiting",
        dispatch=dispatch_id,
        members=[member_id for member_id, _ in skipped],
        keys=[key for _, key in skipped],
        reason=reason.value,
        detail=detail[:500],
    )


def carry_on(*, dispatch_id: int, at: dt.datetime, actor: str) -> None:
    """Will open a dispatch again that had nothing left, because more is to be sent under it, as reopen does."""
    reopen(dispatch_id)
