"""Messages of which nobody can tell whether they were sent: a person decides."""

import datetime as dt
from enum import StrEnum

from django.db import transaction

from kit import audit
from messaging.actions.enqueuing import reopen, wake_sender
from messaging.enums import DispatchState, MessageState
from messaging.models import Message


class Decision(StrEnum):
    """What a person decides of an unknown message."""

    AS_SENT = "as_sent"
    SEND_AGAIN = "send_again"


class NotUnknown(Exception):
    """The message is not unknown, or not any more; nothing was changed."""


@transaction.atomic
def resolve_unknown(*, message_id: int, decision: Decision, at: dt.datetime, actor: str, reason: str = "") -> None:
    """Will take an unknown message as sent, or queue it to be sent again although it may have been; audited.

    Raises NotUnknown where somebody decided before, or its dispatch was cancelled meanwhile. Locks the message's row.
    """
    rows = Message.objects.select_for_update(of=("self",)).select_related("dispatch")
    message = rows.filter(id=message_id, state=MessageState.UNKNOWN).first()
    if message is None:
        raise NotUnknown("This message is not unknown any more: somebody has decided, or a provider has answered.")
    if decision == Decision.AS_SENT:
        message.state, message.sent_at = MessageState.SENT, message.sending_at
    else:
        if message.dispatch and message.dispatch.state == DispatchState.CANCELLED:
            raise NotUnknown("Its dispatch was cancelled, so it is not sent again. Nothing was changed.")
        message.state, message.due_at, message.attempts = MessageState.QUEUED, at, 0
        if message.dispatch_id:
            reopen(message.dispatch_id)
        wake_sender()
    message.lease, message.leased_until, message.detail = None, None, ""
    message.save(update_fields=["state", "sent_at", "due_at", "attempts", "lease", "leased_until", "detail"])
    audit.record(
        at=at,
        actor=actor,
        deed="message.resolve",
        subject=f"message:{message.id}",
        was={"state": MessageState.UNKNOWN.value},
        becomes={"state": message.state, "decision": decision.value},
        reason=reason,
    )
