"""What others may ask of members' inboxes: what lies in them, what is unread."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from kit.paging import Place
from members import queries as members_queries
from messaging.models import InboxItem


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A message as it lies in an inbox; `url` is where its button leads."""

    message_id: int
    member_id: int
    title: str
    body: str
    url: str
    button: str
    at: dt.datetime
    ends_at: dt.datetime | None
    read_at: dt.datetime | None
    language: str


def list_inbox(member_id: int, at: dt.datetime, after: Place | None = None, limit: int = 20) -> list[InboxRow]:
    """Will return what lies in an inbox at an instant, latest first; `after` is the last row of the page before.

    One query.
    """
    rows = _shown(member_id, at)
    if after is not None:
        last = dt.datetime.fromisoformat(after.key)
        rows = rows.filter(Q(at__lt=last) | Q(at=last, message_id__lt=after.id))
    return [_row(row) for row in rows.order_by("-at", "-message_id")[:limit]]


def find_in_inbox(member_id: int, message_id: int, at: dt.datetime) -> InboxRow | None:
    """Will return one message of a member's inbox, or None where it is another's, over or not there. One query."""
    row = _shown(member_id, at).filter(message_id=message_id).first()
    return _row(row) if row else None


def find_said(message_id: int) -> InboxRow | None:
    """Will return what a message said in its member's inbox, whether it is over or not; None for none. One query."""
    row = InboxItem.objects.select_related("message").filter(message_id=message_id).first()
    return _row(row) if row else None


def has_unread(member_id: int, at: dt.datetime) -> bool:
    """Will say whether anything in an inbox has not been opened. One query, by an index of what is unread."""
    return _shown(member_id, at).filter(read_at=None).exists()


def _shown(member_id: int, at: dt.datetime) -> "QuerySet[InboxItem]":
    """His own, and what was written to who was merged into him."""
    lasting = InboxItem.objects.select_related("message").filter(Q(ends_at=None) | Q(ends_at__gt=at))
    return lasting.filter(members_queries.of_whole(member_id))


def _row(row: InboxItem) -> InboxRow:
    return InboxRow(
        row.message_id, row.member_id, row.title, row.body, row.url, row.button, row.at, row.ends_at, row.read_at,
        row.message.language,
    )  # fmt: skip
