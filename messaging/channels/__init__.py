"""Messaging's channels: each a small room of providers. A new one is a neighbour copied and a line of CHANNELS."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from messaging.channels.email import providers as email
from messaging.channels.inbox import providers as inbox
from messaging.channels.push import providers as push
from messaging.channels.sms import providers as sms
from messaging.channels.webhook import providers as webhook
from messaging.enums import Channel
from messaging.providers import Provider


@dataclass(frozen=True, slots=True)
class Reachable:
    """By what a member could be reached: his own row tells."""

    number: str
    email: str | None
    phone: str | None
    pushes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Face:
    """What a channel shows to sending.

    `addresses` picks what it writes to; none means that a member cannot be reached by it. `needs_consent`: marketing
    needs a consent that was given; where it is False, none that was withdrawn. `is_suppressed_by_address`: its
    addresses are a person's and can be suppressed.
    """

    addresses: Callable[[Reachable], tuple[str, ...]]
    provider: Callable[[], Provider]
    needs_consent: bool
    is_suppressed_by_address: bool


def _emails(one: Reachable) -> tuple[str, ...]:
    return (one.email,) if one.email else ()


def _phones(one: Reachable) -> tuple[str, ...]:
    return (one.phone,) if one.phone else ()


def _inboxes(one: Reachable) -> tuple[str, ...]:
    return (one.number,)


def _browsers(one: Reachable) -> tuple[str, ...]:
    return one.pushes if settings.MESSAGE_PUSH != "off" else ()


def _endpoint(_one: Reachable) -> tuple[str, ...]:
    return (settings.MESSAGE_WEBHOOK_URL,) if settings.MESSAGE_WEBHOOK_URL else ()


CHANNELS: dict[str, Face] = {
    Channel.EMAIL.value: Face(_emails, email.provider, needs_consent=True, is_suppressed_by_address=True),
    Channel.INBOX.value: Face(_inboxes, inbox.provider, needs_consent=False, is_suppressed_by_address=False),
    Channel.SMS.value: Face(_phones, sms.provider, needs_consent=True, is_suppressed_by_address=True),
    Channel.PUSH.value: Face(_browsers, push.provider, needs_consent=True, is_suppressed_by_address=False),
    Channel.WEBHOOK.value: Face(_endpoint, webhook.provider, needs_consent=False, is_suppressed_by_address=False),
}
