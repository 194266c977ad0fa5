"""What a member gets, by which channel: the switches with their last change, the hours, what was answered when."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kit import programme
from members import queries as members_queries
from members.enums import Purpose
from members.queries import ConsentView
from messaging import queries as messaging_queries
from messaging.enums import Channel
from messaging.queries import ChoiceRow, Preferences
from messaging.queries.templates import TopicRow, list_topics
from messaging.rules.fields import by_language
from messaging.wording.asking import ask_text
from messaging.wording.fields import channel_words

ACTOR = "member:link"
"""Who acts by a link in a message: whoever holds it."""
SHOWN = (Channel.EMAIL, Channel.SMS, Channel.INBOX, Channel.PUSH)
"""The channels that reach a person; the others reach the shop's own systems."""
HISTORY = 30
STOPS = {
    Channel.EMAIL: gettext_lazy("No more news and offers of %(programme)s by e-mail."),
    Channel.SMS: gettext_lazy("No more news and offers of %(programme)s by text message."),
    Channel.INBOX: gettext_lazy("No more news and offers of %(programme)s in the inbox."),
    Channel.PUSH: gettext_lazy("No more news and offers of %(programme)s as notifications of the browser."),
    Channel.WEBHOOK: gettext_lazy("No more news and offers of %(programme)s through other systems."),
}
BY = {
    Channel.EMAIL: gettext_lazy("by e-mail"),
    Channel.SMS: gettext_lazy("by text message"),
    Channel.INBOX: gettext_lazy("in the inbox"),
    Channel.PUSH: gettext_lazy("as notifications of the browser"),
    Channel.WEBHOOK: gettext_lazy("through other systems"),
}


@dataclass(frozen=True)
class Switch:
    """One switch: the name of its box, whether it is on, and when it was changed last."""

    box: str
    label: str
    is_on: bool
    changed_at: dt.datetime | None


@dataclass(frozen=True)
class ChannelColumn:
    """A channel: the switch of all that comes by it, its sentence, and what was agreed to last."""

    code: str
    name: str
    text: str
    switch: Switch
    agreed: str


@dataclass(frozen=True)
class TopicLine:
    """A topic with a switch for each channel, in the order of the columns."""

    code: str
    name: str
    about: str
    switches: tuple[tuple[ChannelColumn, Switch], ...]


@dataclass(frozen=True)
class PastLine:
    """An answer that was given: what, when, through whom."""

    words: str
    at: dt.datetime
    who: str


@dataclass(frozen=True)
class PreferencesPage:
    """All that a member allows, as the page shows it."""

    channels: tuple[ChannelColumn, ...]
    topics: tuple[TopicLine, ...]
    quiet: tuple[dt.time, dt.time] | None
    house_quiet: str
    zone: str
    house_zone: str
    past: tuple[PastLine, ...]
    gets_any: bool

    @property
    def switches(self) -> tuple[Switch, ...]:
        """All switches, those of channels first."""
        return (*(one.switch for one in self.channels), *(s for line in self.topics for _one, s in line.switches))


@dataclass(frozen=True)
class Fewer:
    """What can be chosen instead of nothing: the channel's box and sentence, its topics, which of them were on."""

    box: str
    text: str
    was: str
    topics: tuple[tuple[str, str, Switch], ...]


def fewer(page: PreferencesPage, channel: str) -> Fewer | None:
    """Will offer the topics of one channel, to whoever just ended all of it; None where members do not choose by it."""
    column = next((one for one in page.channels if one.code == channel), None)
    if column is None:
        return None
    topics = tuple(
        (line.name, line.about, switch) for line in page.topics for one, switch in line.switches if one.code == channel
    )
    was = " ".join(switch.box for _name, _about, switch in topics if switch.is_on)
    return Fewer(column.switch.box, column.text, was, topics)


def stop_text(channel: str) -> str:
    """Will return the sentence by which somebody ends what comes by a channel."""
    return str(STOPS[Channel(channel)]) % {"programme": programme.name()}


def stop_all_text() -> str:
    """Will return the sentence by which somebody ends all of it."""
    return _("No more news and offers of %(programme)s, by whatever channel.") % {"programme": programme.name()}


def by_channel(channel: str) -> str:
    """Will say by which channel, as a part of a sentence."""
    return str(BY[Channel(channel)])


def preferences_page(member_id: int, at: dt.datetime) -> PreferencesPage:
    """Will assemble all that a member allows. Ten queries, however many topics there are."""
    allowed = messaging_queries.preferences_of(member_id)
    topics = [topic for topic in list_topics() if topic.is_active]
    consents = [one for one in members_queries.consents_in_force(member_id) if one.purpose == Purpose.MARKETING]
    agreed = {one.channel: one for one in consents if one.given}
    columns = tuple(_column(channel, allowed, agreed) for channel in _channels())
    house = messaging_queries.rules_in_force().quiet
    return PreferencesPage(
        channels=columns,
        topics=tuple(_line(topic, columns, allowed) for topic in topics),
        quiet=allowed.quiet,
        house_quiet="" if house.starts == house.ends else hours_words(house.starts, house.ends),
        zone=members_queries.time_zone_of(member_id),
        house_zone=settings.PROGRAMME_TIME_ZONE,
        past=_past(member_id, at, topics),
        gets_any=any(column.switch.is_on for column in columns),
    )


def hours_words(starts: dt.time, ends: dt.time) -> str:
    """Will say from when to when."""
    return _("%(starts)s to %(ends)s") % {"starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}"}


def topic_name(topic: TopicRow) -> str:
    """Will name a topic in the reader's language."""
    return str(by_language(topic.names, (get_language() or "").lower()) or topic.code)


# ---- leaves


def _channels() -> list[Channel]:
    return [channel for channel in SHOWN if channel is not Channel.PUSH or messaging_queries.push_key()]


def _column(channel: Channel, allowed: Preferences, agreed: dict[str, ConsentView]) -> ChannelColumn:
    said = next(one for one in allowed.channels if one.channel == channel.value)
    text = ask_text(channel)
    name = channel_words(channel)
    return ChannelColumn(
        code=channel.value,
        name=name,
        text=text,
        switch=Switch(f"channel.{channel.value}", text, said.allowed, said.changed_at),
        agreed=agreed[channel.value].text if channel.value in agreed and said.allowed else "",
    )


def _line(topic: TopicRow, columns: Sequence[ChannelColumn], allowed: Preferences) -> TopicLine:
    said = {one.channel: one for one in allowed.topics if one.topic == topic.code}
    name = topic_name(topic)
    switches = []
    for column in columns:
        one = said[column.code]
        label = _("%(topic)s by %(channel)s") % {"topic": name, "channel": column.name}
        switches.append((column, Switch(f"topic.{column.code}.{topic.code}", label, one.wanted, one.changed_at)))
    about = str(by_language(topic.abouts, (get_language() or "").lower()) or "")
    return TopicLine(topic.code, name, about, tuple(switches))


def _past(member_id: int, at: dt.datetime, topics: Sequence[TopicRow]) -> tuple[PastLine, ...]:
    """Will merge answers to consent questions and on topics, latest first. Two queries."""
    later = at + dt.timedelta(microseconds=1)
    consents = members_queries.list_consents(member_id, later, HISTORY)
    names = {topic.code: topic_name(topic) for topic in topics}
    lines = [
        PastLine(_consent_words(one), one.at, _who(one.actor)) for one in consents if one.purpose == Purpose.MARKETING
    ]
    lines += [
        PastLine(_choice_words(one, names), one.at, _who(one.actor))
        for one in messaging_queries.choices_of(member_id, HISTORY)
    ]
    return tuple(sorted(lines, key=lambda line: line.at, reverse=True)[:HISTORY])


def _consent_words(one: ConsentView) -> str:
    channel = channel_words(Channel(one.channel))
    said = _("All offers by %(channel)s: on") if one.given else _("All offers by %(channel)s: off")
    return said % {"channel": channel}


def _choice_words(one: ChoiceRow, names: dict[str, str]) -> str:
    words = {"topic": names.get(one.topic, one.topic), "channel": channel_words(Channel(one.channel))}
    if not one.topic:
        return (_("All offers by %(channel)s: on") if one.wanted else _("All offers by %(channel)s: off")) % words
    return (_("%(topic)s by %(channel)s: on") if one.wanted else _("%(topic)s by %(channel)s: off")) % words


def _who(actor: str) -> str:
    if actor == ACTOR:
        return _("through a link in a message")
    if actor == "member":
        return _("by you, on these pages")
    if actor == "provider":
        return _("reported by your mail provider")
    return _("told to the shop")
