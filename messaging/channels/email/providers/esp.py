"""E-mail's providers with an interface of their own: any that anymail knows, as its settings name it."""

from typing import Any

import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from django.core.mail import get_connection

from messaging.rules.delivery import Accepted, Deferred, Outcome, Outgoing, Refused, Unknown

AGAIN = (429, 503)


class Esp:
    """Hands messages over to an e-mail service provider by HTTPS."""

    is_ours = False

    def __init__(self, esp: str, sender: str, reply_to: str, domain: str) -> None:
        self.name = f"anymail:{esp}"
        self._sender, self._reply_to, self._domain = sender, reply_to, domain
        self._line: Any = get_connection(f"anymail.backends.{esp}.EmailBackend")

    def deliver(self, outgoing: Outgoing) -> Outcome:
        """Will hand one message over: refused and put off by what the provider answers, unknown where he does not."""
        message = AnymailMessage(
            subject=" ".join(outgoing.parts.get("subject", "").split()),
            body=outgoing.parts.get("text", ""),
            from_email=self._sender,
            to=[outgoing.addresses[0]],
            reply_to=[self._reply_to] if self._reply_to else None,
            headers=self._headers(outgoing),
            connection=self._line,
        )
        if outgoing.parts.get("html"):
            message.attach_alternative(outgoing.parts["html"], "text/html")
        message.metadata = {"token": outgoing.token}
        try:
            message.send()
        except AnymailRecipientsRefused as error:
            return Refused(str(error)[:500], bounces=True)
        except AnymailAPIError as error:
            return _failed(error)
        except (AnymailError, ValueError) as error:
            return Refused(str(error)[:500])
        return Accepted(str(message.anymail_status.message_id or ""))

    def _headers(self, outgoing: Outgoing) -> dict[str, str]:
        headers = {"Message-ID": f"<{outgoing.token}@{self._domain}>"}
        if outgoing.is_marketing and outgoing.unsubscribe_url:
            headers["List-Unsubscribe"] = f"<{outgoing.unsubscribe_url}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers

    def close(self) -> None:
        """Will close the connection, if there is one."""
        self._line.close()


def _failed(error: AnymailAPIError) -> Outcome:
    """Will say what an answer that is none of success means; only who was not reached, or said so, has not taken it."""
    status, text = getattr(error, "status_code", None), str(error)[:500]
    if status is None:
        unreached = isinstance(error, requests.ConnectTimeout) or "NewConnectionError" in repr(error.__cause__)
        return Deferred(text) if unreached else Unknown(text)
    if status in AGAIN:
        return Deferred(text)
    return Refused(text) if 400 <= status < 500 else Unknown(text)
