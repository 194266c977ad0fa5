"""What members choose: topics by channel, nothing at all, quiet time, the end of it by a link in a message."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction

from members import actions as members_actions
from members import queries as members_queries
from members.actions import ConsentGiven
from members.enums import Channel as MembersChannel
from members.enums import Purpose
from messaging.enums import Channel, MessageEventKind
from messaging.models import Message, MessageEvent, QuietTime, Topic, TopicChoice
from messaging.queries.choices import EVERY_TOPIC


class UnknownTopic(Exception):
    """There is no such topic; nothing was changed."""


class UnknownMessage(Exception):
    """There is no such message; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """By which channel a member is not written to any more, and whether that is new."""

    member_id: int
    channel: str
    is_new: bool


@transaction.atomic
def choose(*, member_id: int, channel: Channel, topic: str, wanted: bool, at: dt.datetime, actor: str) -> bool:
    """Will keep whether a member wants a topic by a channel; says whether that is new. Raises UnknownTopic.

    Senders see it from the commit on. The empty topic is all of a channel.
    """
    if topic != EVERY_TOPIC and not Topic.objects.filter(code=topic).exists():
        raise UnknownTopic(f"There is no topic {topic}. Nothing was changed; load the page again.")
    said = TopicChoice.objects.filter(member_id=member_id, channel=channel.value, topic=topic)
    latest = said.order_by("-at", "-id").values_list("wanted", flat=True).first()
    if (True if latest is None else latest) == wanted:
        return False
    TopicChoice.objects.create(
        member_id=member_id, channel=channel.value, topic=topic, wanted=wanted, at=at, actor=actor
    )
    return True


@transaction.atomic
def allow_channel(*, member_id: int, channel: Channel, text: str, at: dt.datetime, actor: str) -> bool:
    """Will let marketing come by a channel again; `text` is the sentence he agreed to. Says whether that is new."""
    is_new = choose(member_id=member_id, channel=channel, topic=EVERY_TOPIC, wanted=True, at=at, actor=actor)
    if channel.value not in set(MembersChannel) or _consent_to(member_id, channel) is True:
        return is_new
    answer = ConsentGiven(MembersChannel(channel.value), Purpose.MARKETING, given=True, text=text)
    members_actions.consent(member_id=member_id, answers=[answer], at=at, actor=actor)
    return True


@transaction.atomic
def stop_channel(*, member_id: int, channel: Channel, text: str, at: dt.datetime, actor: str) -> bool:
    """Will let no marketing come by a channel any more; `text` is the sentence he saw. Says whether that is new."""
    return _withdraw(member_id, channel, text, at, actor)


@transaction.atomic
def stop_all(*, member_id: int, text: str, at: dt.datetime, actor: str) -> None:
    """Will see that a member gets no marketing by any channel; `text` is the sentence he saw. Again it adds nothing."""
    for channel in Channel:
        _withdraw(member_id, channel, text, at, actor)


@transaction.atomic
def unsubscribe(*, token: uuid.UUID, text: str, at: dt.datetime, actor: str) -> Unsubscribed:
    """Will see that the member who got a message gets no more marketing by its channel; raises UnknownMessage.

    Consent withdrawn and event of the message in one transaction, which senders see from its commit on. `text` is the
    sentence he saw. A second press adds nothing. For who was merged since, it is he who goes on.
    """
    message = Message.objects.filter(token=token).select_related("member").first()
    if message is None:
        raise UnknownMessage("There is no such message. Nothing was changed.")
    member_id = message.member.merged_into_id or message.member_id
    is_new = _withdraw(member_id, Channel(message.channel), text, at, actor)
    MessageEvent.objects.bulk_create(
        [MessageEvent(message=message, kind=MessageEventKind.UNSUBSCRIBED, key="", at=at)], ignore_conflicts=True
    )
    return Unsubscribed(member_id, message.channel, is_new)


def _withdraw(member_id: int, channel: Channel, text: str, at: dt.datetime, actor: str) -> bool:
    """Will withdraw what allows marketing by a channel; says whether anything did."""
    if channel.value not in set(MembersChannel):
        return choose(member_id=member_id, channel=channel, topic=EVERY_TOPIC, wanted=False, at=at, actor=actor)
    if _consent_to(member_id, channel) is False:
        return False
    answer = ConsentGiven(MembersChannel(channel.value), Purpose.MARKETING, given=False, text=text)
    members_actions.consent(member_id=member_id, answers=[answer], at=at, actor=actor)
    return True


def _consent_to(member_id: int, channel: Channel) -> bool | None:
    """Will return the member's answer to marketing by a channel, None where he was never asked."""
    for view in members_queries.consents_in_force(member_id):
        if (view.channel, view.purpose) == (channel.value, Purpose.MARKETING.value):
            return view.given
    return None


def set_quiet_time(*, member_id: int, hours: tuple[dt.time, dt.time] | None, at: dt.datetime, actor: str) -> None:
    """Will keep a member's own quiet hours, by the clock on his wall; None: the house's. Equal times: none at all."""
    if hours is None:
        QuietTime.objects.filter(member_id=member_id).delete()
        return
    new = {"starts": hours[0], "ends": hours[1], "changed_at": at}
    QuietTime.objects.update_or_create(member_id=member_id, defaults=new)
