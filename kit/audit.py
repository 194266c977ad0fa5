"""Kit's audit: one line per deed, kept for ever."""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from kit.models import AuditRow

_origin: ContextVar[str] = ContextVar("_origin", default="")


@contextmanager
def coming_from(address: str) -> Iterator[None]:
    """Will note the network address from which they come at all deeds in the block."""
    token = _origin.set(address)
    try:
        yield
    finally:
        _origin.reset(token)


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
        at=at,
        actor=actor,
        deed=deed,
        subject=subject,
        was=was,
        becomes=becomes,
        reason=reason,
        origin=origin or _origin.get(),
    )


def record_many(*, at: dt.datetime, actor: str, deed: str, subjects: Iterable[str], becomes: Any = None) -> None:
    """Will add a row for each subject of one deed, as record does. One statement."""
    origin = _origin.get()
    AuditRow.objects.bulk_create(
        AuditRow(at=at, actor=actor, deed=deed, subject=subject, becomes=becomes, origin=origin) for subject in subjects
    )
