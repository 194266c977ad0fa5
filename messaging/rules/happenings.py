"""Messaging's rules of what providers tell: one shape for all of them, read and written. Pure."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from messaging.enums import MessageEventKind

DETAIL_MAX = 500
ID_MAX = 200


class BadHappening(Exception):
    """What a provider told cannot be read; the message says why. Nothing was kept of it."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that became of a message, named by its token or by the provider's id of it."""

    kind: MessageEventKind
    at: dt.datetime
    token: str = ""
    provider_id: str = ""
    event_id: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)

    def as_stored(self) -> dict[str, Any]:
        """Will return it as happening_from reads it."""
        return {
            "kind": self.kind.value,
            "at": self.at.isoformat(),
            "token": self.token,
            "provider_id": self.provider_id,
            "event_id": self.event_id,
            "detail": dict(self.detail),
        }

    @property
    def key(self) -> str:
        """What tells it from any other: the provider's id of the event, or a digest of all it says."""
        if self.event_id:
            return self.event_id if len(self.event_id) <= ID_MAX else _digest(self.event_id)
        return _digest(json.dumps(self.as_stored(), sort_keys=True, default=str))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def happening_from(stored: Mapping[str, Any]) -> Happening:
    """Will read what as_stored wrote; raises BadHappening."""
    try:
        kind, at = MessageEventKind(stored["kind"]), dt.datetime.fromisoformat(stored["at"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadHappening(f"It has no kind or instant that can be read: {error}.") from error
    if at.tzinfo is None:
        raise BadHappening("Its instant has no offset.")
    token, provider_id = str(stored.get("token") or ""), str(stored.get("provider_id") or "")
    if not token and not provider_id:
        raise BadHappening("It names no message: neither its token nor the provider's id of it.")
    detail = stored.get("detail") or {}
    return Happening(kind, at, token, provider_id, str(stored.get("event_id") or ""), detail)


KINDS: Mapping[str, MessageEventKind] = {
    "delivered": MessageEventKind.DELIVERED,
    "deferred": MessageEventKind.DEFERRED,
    "bounced": MessageEventKind.BOUNCED,
    "rejected": MessageEventKind.BOUNCED,
    "failed": MessageEventKind.SOFT_BOUNCED,
    "complained": MessageEventKind.COMPLAINED,
    "unsubscribed": MessageEventKind.UNSUBSCRIBED,
    "opened": MessageEventKind.OPENED,
    "clicked": MessageEventKind.CLICKED,
}
"""Events of e-mail providers, as anymail names them; what it names otherwise is of no use to us."""
SOFT = ("timed_out", "other", "blocked", "spam")
"""Why a provider let one message bounce without the address being bad."""


def kind_of(event_type: str, reject_reason: str) -> MessageEventKind | None:
    """Will return what an e-mail provider's event is to us, or None where it is nothing."""
    kind = KINDS.get(event_type)
    if kind is MessageEventKind.BOUNCED and reject_reason == "unsubscribed":
        return MessageEventKind.UNSUBSCRIBED
    return MessageEventKind.SOFT_BOUNCED if kind is MessageEventKind.BOUNCED and reject_reason in SOFT else kind
