"""Forgetting erased members: what was said to them goes, and their addresses are written to no more."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings

from kit import sql
from members.enums import IdentityKind
from messaging.enums import Channel, MessageState, Reason, SuppressionCause
from messaging.models import Answer, InboxItem, Message, MessageEvent, PushSubscription, QuietTime, Suppression, Trial
from messaging.rules.addresses import address_hash

CHANNELS = {IdentityKind.EMAIL: Channel.EMAIL, IdentityKind.PHONE: Channel.SMS}
NOT_SENT = (MessageState.WAITING, MessageState.QUEUED)


def forget(
    *,
    member_ids: Sequence[int],
    addresses: Sequence[tuple[str, str]],
    words: Sequence[str],
    at: dt.datetime,
    actor: str,
) -> None:
    """Will empty the words of erased members' messages, skip those that wait, and suppress (kind, address) by hash.

    That a message was sent, and when, stays. Marketing alone is suppressed, so that whoever joins anew can be verified.
    The transaction is open to words (members.actions.open_to_words).
    """
    messages = Message.objects.filter(member_id__in=member_ids)
    messages.filter(state__in=NOT_SENT).update(state=MessageState.SKIPPED, reason=Reason.NOT_A_MEMBER)
    messages.update(values={}, detail="")
    InboxItem.objects.filter(member_id__in=member_ids).delete()
    MessageEvent.objects.filter(message__member_id__in=member_ids).update(detail={})
    Answer.objects.filter(message__member_id__in=member_ids).update(comment="")
    Trial.objects.filter(member_id__in=member_ids).update(state=MessageState.FAILED, parts={}, member=None)
    PushSubscription.objects.filter(member_id__in=member_ids).delete()
    QuietTime.objects.filter(member_id__in=member_ids).delete()
    sql.execute("messaging", "forget_provider_calls", words=[f"%{word}%" for word in words])
    key = settings.MESSAGE_HASH_KEY.encode()
    Suppression.objects.bulk_create(
        [
            Suppression(
                channel=CHANNELS[IdentityKind(kind)],
                address_hash=address_hash(key, CHANNELS[IdentityKind(kind)], address),
                cause=SuppressionCause.ERASED,
                marketing_only=True,
                at=at,
                actor=actor,
            )
            for kind, address in addresses
        ],
        ignore_conflicts=True,
    )
