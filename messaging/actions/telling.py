"""What became of messages, as providers tell it and links show it: kept once, and acted on in the same transaction."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from messaging.actions.choosing import unsubscribe
from messaging.actions.suppressing import suppress, suppress_hash
from messaging.enums import Channel, MessageEventKind, MessageState, SuppressionCause
from messaging.models import Message, MessageEvent, ProviderCall
from messaging.rules.happenings import DETAIL_MAX, BadHappening, Happening, happening_from
from messaging.rules.machines import is_machine

ACTOR = "provider"
ADDRESS_HASH = "address_hash"
CALLS_KEPT = dt.timedelta(days=3)
"""So long a call waits for the message it speaks of: our own commit may come after the provider's call."""
CALLS_AT_ONCE = 500
PROOF_OF_SENDING = (
    MessageEventKind.DELIVERED,
    MessageEventKind.OPENED,
    MessageEventKind.CLICKED,
    MessageEventKind.COMPLAINED,
    MessageEventKind.MACHINE_OPENED,
    MessageEventKind.MACHINE_CLICKED,
    MessageEventKind.SOFT_BOUNCED,
    MessageEventKind.BOUNCED,
    MessageEventKind.DEFERRED,
)
"""What can only become of a message that was handed over: it settles one that was unknown."""


@transaction.atomic
def tell(*, provider: str, happenings: Sequence[Happening], at: dt.datetime, actor: str) -> int:
    """Will keep what a provider told, each happening once, and act on it; returns how many are new.

    One whose message is not known yet waits for it three days. Raises nothing for what it does not understand.
    """
    calls = [
        ProviderCall(provider=provider[:40], call_id=one.key, happening=one.as_stored(), received_at=at)
        for one in happenings
    ]
    keys = [call.call_id for call in calls]
    known = set(ProviderCall.objects.filter(provider=provider[:40], call_id__in=keys).values_list("call_id", flat=True))
    fresh = {call.call_id: call for call in calls if call.call_id not in known}
    ProviderCall.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    kept = ProviderCall.objects.select_for_update().filter(
        provider=provider[:40], call_id__in=list(fresh), done_at=None
    )
    for call in kept.order_by("id"):
        _work_off(call, at)
    return len(fresh)


def work_off_calls(*, at: dt.datetime) -> int:
    """Will act on calls that came before the message they speak of was committed; returns how many are done with.

    Each in a transaction of its own; those that somebody else is at are passed over.
    """
    waiting = ProviderCall.objects.filter(done_at=None).order_by("received_at", "id")
    done = 0
    for call_id in list(waiting.values_list("id", flat=True)[:CALLS_AT_ONCE]):
        with transaction.atomic():
            call = ProviderCall.objects.select_for_update(skip_locked=True).filter(id=call_id, done_at=None).first()
            done += call is not None and _work_off(call, at)
    return done


def _work_off(call: ProviderCall, at: dt.datetime) -> bool:
    """Will act on one call where its message is known, or give it up after its time; says whether it is done with."""
    try:
        happening = happening_from(call.happening)
    except BadHappening:
        happening = None
    message = _message_of(happening) if happening else None
    if message is not None and happening is not None:
        _take(message, happening)
    elif happening is not None and at - call.received_at < CALLS_KEPT:
        return False
    call.done_at = at
    call.save(update_fields=["done_at"])
    return True


def _message_of(happening: Happening) -> Message | None:
    rows = Message.objects.select_for_update()
    if happening.token:
        try:
            return rows.filter(token=uuid.UUID(happening.token)).first()
        except ValueError:
            return None
    return rows.filter(provider_id=happening.provider_id).exclude(provider_id="").order_by("-id").first()


def _take(message: Message, happening: Happening) -> bool:
    """Will keep one happening of a message and act on it; says whether it is new. The message's row is locked."""
    detail = {key: value for key, value in happening.detail.items() if key != ADDRESS_HASH}
    made = _keep(message, happening.kind, happening.key, happening.at, detail)
    if made and message.state == MessageState.UNKNOWN and happening.kind in PROOF_OF_SENDING:
        message.state, message.sent_at = MessageState.SENT, message.sending_at
        message.save(update_fields=["state", "sent_at"])
    if made:
        _act(message, happening)
    return made


def _keep(message: Message, kind: MessageEventKind, key: str, at: dt.datetime, detail: Mapping[str, Any]) -> bool:
    short = {name: value[:DETAIL_MAX] if isinstance(value, str) else value for name, value in detail.items()}
    _, made = MessageEvent.objects.get_or_create(
        message=message, kind=kind, key=key[:200], defaults={"at": at, "detail": short}
    )
    return made


def _act(message: Message, happening: Happening) -> None:
    channel = Channel(message.channel)
    if happening.kind == MessageEventKind.BOUNCED:
        _suppress(happening, channel, SuppressionCause.BOUNCED, marketing_only=False)
    elif happening.kind == MessageEventKind.COMPLAINED:
        _suppress(happening, channel, SuppressionCause.COMPLAINED, marketing_only=True)
    if happening.kind in (MessageEventKind.COMPLAINED, MessageEventKind.UNSUBSCRIBED):
        unsubscribe(token=message.token, text=f"{happening.kind.value} ({ACTOR})", at=happening.at, actor=ACTOR)


def _suppress(happening: Happening, channel: Channel, cause: SuppressionCause, *, marketing_only: bool) -> None:
    """Only the provider knows to which address it went; where he does not say, consent alone is withdrawn."""
    hashed = str(happening.detail.get(ADDRESS_HASH) or "")
    if hashed:
        suppress_hash(
            channel=channel,
            hashed=bytes.fromhex(hashed),
            cause=cause,
            at=happening.at,
            actor=ACTOR,
            marketing_only=marketing_only,
        )


def bounced_at_once(*, message_id: int, channel: str, addresses: Sequence[str], text: str, at: dt.datetime) -> None:
    """Will keep that a provider refused the address while a message was handed over, and write to it no more."""
    message = Message.objects.get(id=message_id)
    if _keep(message, MessageEventKind.BOUNCED, "handed over", at, {"text": text}):
        for address in addresses:
            suppress(channel=Channel(channel), address=address, cause=SuppressionCause.BOUNCED, at=at, actor=ACTOR)


@transaction.atomic
def record_open(*, token: uuid.UUID, user_agent: str, at: dt.datetime, actor: str) -> bool:
    """Will keep that a message was opened, once an hour, a machine's opening apart; False where there is none such."""
    return _record(token, "", user_agent, at, MessageEventKind.OPENED, MessageEventKind.MACHINE_OPENED)


@transaction.atomic
def record_click(*, token: uuid.UUID, number: int, user_agent: str, at: dt.datetime, actor: str) -> bool:
    """Will keep that a link of a message was followed, once an hour and link, a machine's click apart."""
    return _record(token, str(number), user_agent, at, MessageEventKind.CLICKED, MessageEventKind.MACHINE_CLICKED)


def _record(
    token: uuid.UUID, what: str, user_agent: str, at: dt.datetime, kind: MessageEventKind, by_machine: MessageEventKind
) -> bool:
    message = Message.objects.filter(token=token).first()
    if message is None:
        return False
    machine = is_machine(user_agent, message.sent_at or message.sending_at, at)
    detail = {"link": int(what)} if what else {}
    happening = Happening(by_machine if machine else kind, at, token=str(token), detail=detail)
    if message.state == MessageState.UNKNOWN:
        Message.objects.filter(id=message.id, state=MessageState.UNKNOWN).update(
            state=MessageState.SENT, sent_at=message.sending_at
        )
    _keep(message, happening.kind, f"{what}@{at:%Y-%m-%dT%H}", at, detail)
    return True
