"""Messages for tests: words, members who consented, what is due sent."""

import dataclasses
import datetime as dt

from members import actions as members_actions
from members.actions import ConsentGiven
from members.enums import Channel as MembersChannel
from members.enums import Purpose
from messaging import actions
from messaging.channels import CHANNELS
from messaging.enums import Channel
from messaging.jobs import send_due
from messaging.models import Message, Template, TemplateVersion, Topic
from messaging.rules.quiet import Quiet
from messaging.rules.sending import FIRST
from tests.conftest import NOON

TOPIC = "offers"
COMPILED = {
    "email": {
        "en": {
            "subject": "Hello {{ name }}",
            "text": "Hello {{ name }}: {{ links.l1 }}\n{{ unsubscribe_url }}\n",
            "html": '<p>Hello {{ name }}: <a href="{{ links.l1 }}">look</a></p>',
            "links": {"1": "https://shop.example.com/offer"},
        }
    },
    "inbox": {"en": {"title": "Hello {{ name }}", "body": "Look", "button": "Go", "url": "/rewards/"}},
    "sms": {"en": {"text": "Hello {{ name }}"}},
    "push": {"en": {"title": "Hello", "body": "Look", "url": "{{ inbox_url }}"}},
    "webhook": {"en": {"json": '{"event": "hello", "fields": ["name"]}'}},
}


def words(compiled=COMPILED, number=1):
    """Will make a published version of words and return its id."""
    topic, _ = Topic.objects.get_or_create(code=TOPIC, defaults={"names": {"en": "Offers"}})
    template = Template.objects.create(name="Offer", purpose=Purpose.MARKETING, topic=topic, actor="test")
    version = TemplateVersion.objects.create(
        template=template, number=number, content={}, compiled=compiled, published_at=NOON, actor="test"
    )
    return version.id


def consent(member_id, given=True, channels=tuple(MembersChannel), at=NOON - dt.timedelta(days=2)):
    """Will give consent to marketing by channels, or withdraw it."""
    answers = [ConsentGiven(channel, Purpose.MARKETING, given=given, text="May we?") for channel in channels]
    members_actions.consent(member_id=member_id, answers=answers, at=at, actor="test")


def put(member_id, version_id, key="k1", channel=Channel.EMAIL, purpose=Purpose.MARKETING, at=NOON, **more):
    """Will put a message into the outbox and return it."""
    topic = more.pop("topic", TOPIC if purpose == Purpose.MARKETING else "")
    done = actions.enqueue(
        member_id=member_id, channel=channel, source_key=key, purpose=purpose, topic=topic,
        template_version_id=version_id, at=at, actor="test", **more,
    )  # fmt: skip
    return Message.objects.get(id=done.message_id)


def send(at=NOON):
    """Will send all that is due at an instant."""
    return send_due(lambda: at)


def state_of(message):
    """Will return where a message stands and why."""
    message.refresh_from_db()
    return (message.state, message.reason) if message.reason else message.state


def give_provider(monkeypatch, channel, provider):
    """Will let a channel hand its messages to another provider."""
    face = dataclasses.replace(CHANNELS[channel], provider=provider)
    monkeypatch.setitem(CHANNELS, channel, face)


def awake(**changes):
    """Will return the first rules without quiet hours and caps, for what is sent at any time of the day."""
    return dataclasses.replace(FIRST, **{"quiet": Quiet(dt.time(0), dt.time(0)), "caps": (), **changes})
