"""What members do in their inboxes: a message opened, its button followed."""

import datetime as dt

from django.db import transaction

from messaging.enums import MessageEventKind
from messaging.models import InboxItem, MessageEvent


@transaction.atomic
def mark_read(*, member_id: int, message_id: int, at: dt.datetime, actor: str) -> bool:
    """Will keep that a member opened a message in his inbox; says whether he had not before.

    With the event of its opening, in one transaction. Another member's message is left.
    """
    unread = InboxItem.objects.filter(member_id=member_id, message_id=message_id, read_at=None)
    if not unread.update(read_at=at):
        return False
    _keep(message_id, MessageEventKind.OPENED, at)
    return True


@transaction.atomic
def follow_button(*, member_id: int, message_id: int, at: dt.datetime, actor: str) -> bool:
    """Will keep that a member followed the button of a message in his inbox, once; says whether that is new."""
    if not InboxItem.objects.filter(member_id=member_id, message_id=message_id).exists():
        return False
    return _keep(message_id, MessageEventKind.CLICKED, at)


def _keep(message_id: int, kind: MessageEventKind, at: dt.datetime) -> bool:
    _, made = MessageEvent.objects.get_or_create(message_id=message_id, kind=kind, key="inbox", defaults={"at": at})
    return made
