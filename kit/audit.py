"""Kit's audit: one line per deed, kept for ever."""

import datetime as dt
from typing import Any

from kit.models import AuditRow


def record(
    *,
    at: dt.datetime,
    actor: str,
    deed: str,
    subject: str,
    was: Any = None,
    becomes: Any = None,
    reason: str = "",
    origin: str = "",
) -> None:
    """Will add an audit row in the caller's transaction; `subject` reads like member:17, `actor` like staff:3."""
    AuditRow.objects.create(
        at=at, actor=actor, deed=deed, subject=subject, was=was, becomes=becomes, reason=reason, origin=origin
    )
