"""Whether a dispatch has anything left."""

from messaging.enums import MessageState
from messaging.models import Message

LEFT = (MessageState.WAITING, MessageState.QUEUED, MessageState.LEASED, MessageState.SENDING)


def is_under_way(dispatch_id: int) -> bool:
    """Will say whether messages of a dispatch are still to be sent. One query."""
    return Message.objects.filter(dispatch_id=dispatch_id, state__in=LEFT).exists()
