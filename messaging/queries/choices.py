"""What others may ask of what members allow: topics by channel, consents, quiet time."""

import datetime as dt
from dataclasses import dataclass

from members import queries as members_queries
from members.enums import Purpose
from messaging.channels import CHANNELS
from messaging.enums import Channel
from messaging.models import QuietTime, Topic, TopicChoice

EVERY_TOPIC = ""
"""The topic of a choice that stands for all of a channel."""


@dataclass(frozen=True, slots=True)
class ChannelChoice:
    """Whether marketing may come by a channel at all, and since when that is so; `changed_at` None: never asked."""

    channel: str
    allowed: bool
    changed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class TopicAnswer:
    """Whether a member wants a topic by a channel; wanted until he said otherwise."""

    channel: str
    topic: str
    wanted: bool
    changed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Preferences:
    """All that a member allows."""

    channels: tuple[ChannelChoice, ...]
    topics: tuple[TopicAnswer, ...]
    quiet: tuple[dt.time, dt.time] | None

    def wants(self, channel: str, topic: str) -> bool:
        """Will say whether marketing about a topic may come by a channel."""
        allowed = any(one.channel == channel and one.allowed for one in self.channels)
        answered = [one.wanted for one in self.topics if (one.channel, one.topic) == (channel, topic)]
        return allowed and (answered[0] if answered else True)


def preferences_of(member_id: int) -> Preferences:
    """Will return what a member allows: channels, active topics by channel, quiet time. Four queries."""
    consents = {
        view.channel: view
        for view in members_queries.consents_in_force(member_id)
        if view.purpose == Purpose.MARKETING.value
    }
    rows = TopicChoice.objects.filter(member_id=member_id).order_by("channel", "topic", "-at", "-id")
    answers = {(row.channel, row.topic): row for row in rows.distinct("channel", "topic")}
    topics = Topic.objects.filter(is_active=True).order_by("position", "code").values_list("code", flat=True)
    channels = []
    for channel in Channel:
        consent, every = consents.get(channel.value), answers.get((channel.value, EVERY_TOPIC))
        given = consent.given if consent else not CHANNELS[channel.value].needs_consent
        changed = [one.at for one in (consent, every) if one]
        allowed = given and (every.wanted if every else True)
        channels.append(ChannelChoice(channel.value, allowed, max(changed) if changed else None))
    found = [
        TopicAnswer(channel.value, code, *_answer(answers.get((channel.value, code))))
        for code in topics
        for channel in Channel
    ]
    quiet = QuietTime.objects.filter(member_id=member_id).values_list("starts", "ends").first()
    return Preferences(tuple(channels), tuple(found), quiet)


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One answer on one topic and channel; the empty topic is all of the channel."""

    channel: str
    topic: str
    wanted: bool
    at: dt.datetime
    actor: str


def choices_of(member_id: int, limit: int = 50) -> list[ChoiceRow]:
    """Will return what a member answered on topics, latest first. One query."""
    rows = TopicChoice.objects.filter(member_id=member_id).order_by("-at", "-id")
    return [ChoiceRow(*row) for row in rows.values_list(*ChoiceRow.__slots__)[:limit]]


def _answer(row: TopicChoice | None) -> tuple[bool, dt.datetime | None]:
    return (row.wanted, row.at) if row else (True, None)
