"""Webhook's provider: posts a message, signed, to the one address that the settings name."""

import json
from collections.abc import Collection

from django.conf import settings

from messaging.channels.webhook.rules import signatures
from messaging.providers import Provider
from messaging.providers.faulty import Faulty, faults_from
from messaging.providers.web import Forbidden, NoAnswer, NotSent, post
from messaging.rules.delivery import Accepted, Deferred, Outcome, Outgoing, Refused

GONE = 410
TEXT_MAX = 300


def provider() -> Provider:
    """Will return the provider that the settings describe."""
    if settings.MESSAGE_WEBHOOK_URL.startswith("faulty:"):
        return Faulty(faults_from(settings.MESSAGE_WEBHOOK_URL.removeprefix("faulty:")))
    return Webhook(settings.MESSAGE_WEBHOOK_URL, settings.MESSAGE_WEBHOOK_SECRETS, settings.MESSAGE_HOSTS_ALLOWED)


class Webhook:
    """Posts messages to the shop: at least once, and always under the same webhook-id, by which it tells them apart."""

    name = "webhook"
    is_ours = False

    def __init__(self, url: str, secrets: Collection[str], hosts_allowed: Collection[str]) -> None:
        self._url, self._secrets, self._hosts_allowed = url, tuple(secrets), hosts_allowed

    def deliver(self, outgoing: Outgoing) -> Outcome:
        """Will post one message; what is not clear is put off, for the other side knows a message that comes again."""
        body = _body(outgoing)
        moment = int(outgoing.at.timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": outgoing.token,
            "webhook-timestamp": str(moment),
            "webhook-signature": signatures(self._secrets, outgoing.token, moment, body),
        }
        try:
            answer = post(self._url, body, headers, self._hosts_allowed)
        except Forbidden as error:
            return Refused(str(error))
        except (NotSent, NoAnswer) as error:
            return Deferred(str(error))
        if 200 <= answer.status < 300:
            return Accepted(outgoing.token)
        said = f"{answer.status} {answer.text[:TEXT_MAX]}".strip()
        return Refused(said) if answer.status == GONE else Deferred(said)

    def close(self) -> None:
        """Will do nothing: every message has a connection of its own."""


def _body(outgoing: Outgoing) -> bytes:
    written = outgoing.parts.get("json", "")
    try:
        data = json.loads(written) if written else {}
    except ValueError:
        data = {"text": written}
    envelope = {
        "type": "message.sent",
        "timestamp": outgoing.at.isoformat(),
        "data": {"member": outgoing.member_number, "language": outgoing.language, "content": data},
    }
    return json.dumps(envelope, ensure_ascii=False).encode()
