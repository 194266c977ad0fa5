"""SMS's provider for any gateway: a JSON body posted to an https address of the shop's with a bearer key.

The gateway answers 2xx for what it took, with {"id": ...} if it will speak of it later, 400 or 422 for what it never
will take, 404 or 410 for a number that does not exist, 429 or 503 for later. `Idempotency-Key` is the same for one
message however often it comes.
"""

import json
from collections.abc import Collection

from messaging.providers.web import Answer, Forbidden, NoAnswer, NotSent, post
from messaging.rules.delivery import Accepted, Deferred, Outcome, Outgoing, Refused, Unknown

TEXT_MAX = 300


class Gateway:
    """Hands short messages over to the shop's own gateway."""

    name = "http"
    is_ours = False

    def __init__(self, url: str, key: str, hosts_allowed: Collection[str]) -> None:
        self._url, self._key, self._hosts_allowed = url, key, hosts_allowed

    def deliver(self, outgoing: Outgoing) -> Outcome:
        """Will post one message; unknown where the gateway does not answer, or with a fault of its own."""
        body = {
            "to": outgoing.addresses[0],
            "text": outgoing.parts.get("text", ""),
            "language": outgoing.language,
            "token": outgoing.token,
        }
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._key}",
            "Idempotency-Key": outgoing.token,
        }
        try:
            answer = post(self._url, json.dumps(body).encode(), headers, self._hosts_allowed)
        except Forbidden as error:
            return Refused(str(error))
        except NotSent as error:
            return Deferred(str(error))
        except NoAnswer as error:
            return Unknown(str(error))
        return _outcome(answer)

    def close(self) -> None:
        """Will do nothing: every message has a connection of its own."""


def _outcome(answer: Answer) -> Outcome:
    said = f"{answer.status} {answer.text[:TEXT_MAX]}".strip()
    if 200 <= answer.status < 300:
        return Accepted(_id_in(answer.text))
    if answer.status in (429, 503):
        return Deferred(said)
    if answer.status in (404, 410):
        return Refused(said, bounces=True)
    return Unknown(said) if answer.status >= 500 else Refused(said)


def _id_in(text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        return ""
    return str(found.get("id") or "")[:200] if isinstance(found, dict) else ""
