"""What segments may ask of messaging: who got, opened or clicked messages, how often and how long ago."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db.models import BinaryField, Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kit.enums import Extra, FieldKind, Operator
from kit.expressions import has, latest, often, recent
from kit.segments import Asked, SegmentField
from members import segment_fields as members_fields
from members.enums import IdentityKind
from messaging.enums import Channel, MessageEventKind, MessageState
from messaging.models import Answer, Message, MessageEvent, PushSubscription, Suppression, Topic
from messaging.rules.answers import GRADES
from messaging.wording import answers as answer_words

GROUP = "messaging"


# ---- whom a message would reach


def reachable(channel: Channel) -> Q:
    """Will keep who has an address of a channel; the inbox, and the shop's own system, need none."""
    match channel:
        case Channel.EMAIL:
            return members_fields.identified(IdentityKind.EMAIL)
        case Channel.SMS:
            return members_fields.identified(IdentityKind.PHONE)
        case Channel.PUSH:
            return has(PushSubscription.objects.filter(ended_at=None))
    return Q()


def agreed(channel: Channel) -> Q:
    """Will keep who agreed to offers by a channel; the inbox, and the shop's own system, ask for nothing."""
    if channel in (Channel.INBOX, Channel.WEBHOOK):
        return Q()
    return members_fields.consents([channel.value])


def suppressed(channel: Channel, key: bytes) -> Q | None:
    """Will keep who has an address of a channel that is written to no more; None where none is. One query.

    `key` is of the keyed hash: HMAC-SHA-256 of channel and address, as they are kept, worked out by the database.
    """
    rows = Suppression.objects.filter(channel=channel, lifted_at=None)
    kind = {Channel.EMAIL: IdentityKind.EMAIL, Channel.SMS: IdentityKind.PHONE}.get(channel)
    if kind is None or not rows.exists():
        return None
    address: Combinable = F("value")
    if channel is Channel.SMS:
        address = Func(F("value"), Value("[^0-9]"), Value(""), Value("g"), function="regexp_replace")
    said = Concat(Value(f"{channel.value}:"), address, output_field=TextField())
    return members_fields.known_by(kind, rows.values("address_hash"), _keyed_hash(key, said))


def _keyed_hash(key: bytes, said: Combinable) -> "Func[Any]":
    """HMAC-SHA-256 (RFC 2104) out of the database's own sha256, whose blocks have 64 bytes."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner, outer = (Value(bytes(byte ^ pad for byte in block), output_field=BinaryField()) for pad in (0x36, 0x5C))
    spelt = Func(said, Value("UTF8"), function="convert_to", output_field=BinaryField())
    return _sha256(outer, _sha256(inner, spelt))


def _sha256(first: Value, second: "Func[Any]") -> "Func[Any]":
    joined = Func(first, second, arg_joiner=" || ", template="%(expressions)s", output_field=BinaryField())
    return Func(joined, function="sha256", output_field=BinaryField())


# ---- what became of messages


def messages_that(event: MessageEventKind | None, asked: Asked) -> QuerySet[Message]:
    """Will return messages that were sent, or of which something became, in the last so many days."""
    sent = Message.objects.filter(state=MessageState.SENT)
    if event is None:
        return sent.filter(recent("sent_at", asked))
    events = MessageEvent.objects.filter(recent("at", asked), message=OuterRef("pk"), kind=event)
    return sent.filter(Exists(events))


def _touched(event: MessageEventKind | None, asked: Asked) -> Q:
    messages = messages_that(event, asked)
    if asked.values:
        messages = messages.filter(topic__in=asked.values)
    return often(messages, asked.times)


def _last(asked: Asked) -> Q:
    return latest(Message.objects.filter(state=MessageState.SENT, sent_at__isnull=False), "sent_at", asked)


def _answered(asked: Asked) -> Q:
    """Who answered so in the last so many days; the last answer to each message counts."""
    answers = Answer.objects.filter(recent("at", asked), message=OuterRef("pk"))
    if asked.values:
        said = Q(pk__in=[])
        for question, low, high in (GRADES[value] for value in asked.values if value in GRADES):
            said |= Q(question=question.value, score__gte=low, score__lte=high)
        answers = answers.filter(said)
    return often(Message.objects.filter(Exists(answers)), asked.times)


def _grades(date: dt.date) -> list[tuple[str, object]]:
    return list(answer_words.GRADES.items())


def _topics(date: dt.date) -> list[tuple[str, object]]:
    topics = Topic.objects.filter(is_active=True).order_by("position", "code")
    return [(code, _named(names, code)) for code, names in topics.values_list("code", "names")]


def _named(names: Mapping[str, str], code: str) -> str:
    return names.get((get_language() or "en").lower()) or names.get("en") or code


def _of(code: str, event: MessageEventKind | None, label: object, phrases: Mapping[str, object]) -> SegmentField:
    return SegmentField(
        code,
        FieldKind.DEED,
        GROUP,
        label,
        label,
        partial(_touched, event),
        choices=_topics,
        takes=(Extra.TIMES, Extra.DAYS),
        needs_value=False,
        phrases=phrases,
    )


FIELDS: tuple[SegmentField, ...] = (
    SegmentField(
        "messaging.last",
        FieldKind.AGO,
        GROUP,
        _("Days since last message"),
        _("last message"),
        _last,
        phrases={
            Operator.KNOWN: _("who have been sent a message"),
            Operator.UNKNOWN: _("who have never been sent a message"),
        },
    ),
    _of(
        "messaging.sent",
        None,
        _("Was sent a message about"),
        {
            Operator.DID: _("who were sent a message about “%(value)s”"),
            Operator.DID_NOT: _("who were not sent a message about “%(value)s”"),
            "did_any": _("who were sent a message"),
            "did_not_any": _("who were not sent a message"),
        },
    ),
    _of(
        "messaging.opened",
        MessageEventKind.OPENED,
        _("Opened a message about"),
        {
            Operator.DID: _("who opened a message about “%(value)s”"),
            Operator.DID_NOT: _("who did not open a message about “%(value)s”"),
            "did_any": _("who opened a message"),
            "did_not_any": _("who did not open a message"),
        },
    ),
    _of(
        "messaging.clicked",
        MessageEventKind.CLICKED,
        _("Clicked in a message about"),
        {
            Operator.DID: _("who clicked in a message about “%(value)s”"),
            Operator.DID_NOT: _("who did not click in a message about “%(value)s”"),
            "did_any": _("who clicked in a message"),
            "did_not_any": _("who did not click in a message"),
        },
    ),
    SegmentField(
        "messaging.answered",
        FieldKind.DEED,
        GROUP,
        _("Answered a question"),
        _("answer to a question"),
        _answered,
        choices=_grades,
        takes=(Extra.TIMES, Extra.DAYS),
        needs_value=False,
        phrases={
            Operator.DID: _("who answered “%(value)s”"),
            Operator.DID_NOT: _("who did not answer “%(value)s”"),
            "did_any": _("who answered a question of a message"),
            "did_not_any": _("who answered no question of a message"),
        },
    ),
)
"""What segments may ask of this room."""
