"""What others may ask of the message behind a link in it."""

import uuid
from dataclasses import dataclass

from django.db.models.functions import Coalesce

from messaging.models import Message


@dataclass(frozen=True, slots=True)
class LinkedMessage:
    """Whose message a link stands in, by which channel it came, and in which language it spoke, empty for unknown.

    A message to somebody who was merged since is his who goes on, for the address is.
    """

    message_id: int
    member_id: int
    channel: str
    language: str


def find_linked(token: uuid.UUID) -> LinkedMessage | None:
    """Will return the message with a token as its links are answered, or None. One query."""
    fields = ("id", Coalesce("member__merged_into", "member"), "channel", "language", "member__language")
    row = Message.objects.filter(token=token).values_list(*fields).first()
    return LinkedMessage(row[0], row[1], row[2], row[3] or row[4].lower()) if row else None
