"""The api's ear for e-mail service providers: what anymail reads of their calls, taken as what became of messages."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from anymail.urls import urlpatterns
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from kit import clock
from membership_site.api.problems import Refusal
from messaging import actions as messaging_actions
from messaging import queries as messaging_queries
from messaging.enums import Channel
from messaging.rules.happenings import Happening, kind_of
from messaging.rules.machines import is_machine

VIEWS: Mapping[str, Any] = {
    str(one.name).removesuffix("_tracking_webhook").removesuffix("_webhook"): one.callback.view_class
    for one in urlpatterns
    if one.name and one.callback and "inbound" not in one.name
}
"""anymail's views by provider."""


class Taken:
    """Where anymail's views send what they read: each event is an argument, nothing is heard by anybody else."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at
        self.happenings: list[Happening] = []

    def send(self, sender: object, event: Any, esp_name: str) -> None:
        """Will keep an event, if it is of any use to us."""
        happening = _happening(event, self.at)
        if happening is not None:
            self.happenings.append(happening)


def take(request: HttpRequest, esp: str) -> HttpResponseBase:
    """Will take a call of the one provider that the settings name; any other address is not there.

    Who calls proves it as anymail wants it: by the user and password of ANYMAIL_WEBHOOK_SECRET, or by a signature.
    """
    if f"anymail:{esp}" != settings.MESSAGE_EMAIL or esp not in VIEWS:
        raise Refusal(404, "not_found", "No provider of ours reports here.")
    taken = Taken(clock.now())
    try:
        response: HttpResponseBase = VIEWS[esp].as_view(signal=taken)(request)
    except (AnymailWebhookValidationFailure, AnymailConfigurationError) as error:
        raise Refusal(401, "unauthorized", "The call does not prove that it is the provider's.") from error
    if taken.happenings:
        messaging_actions.tell(provider=f"anymail:{esp}", happenings=taken.happenings, at=taken.at, actor="provider")
    return response if response.status_code != 200 else HttpResponse(status=200)


def _happening(event: Any, at: dt.datetime) -> Happening | None:
    kind = kind_of(str(event.event_type), str(event.reject_reason or ""))
    token = str((event.metadata or {}).get("token") or "")
    provider_id = str(event.message_id or "")
    if kind is None or not (token or provider_id):
        return None
    detail: dict[str, Any] = {}
    if text := event.mta_response or event.description:
        detail["text"] = str(text)
    if event.recipient:
        detail["address_hash"] = messaging_queries.hash_of(Channel.EMAIL.value, event.recipient).hex()
    if kind in ("opened", "clicked"):
        kind = _by_whom(kind, str(event.user_agent or ""), event.timestamp or at)
    return Happening(kind, event.timestamp or at, token, provider_id, str(event.event_id or ""), detail)


def _by_whom(kind: Any, user_agent: str, at: dt.datetime) -> Any:
    """A provider that says nothing of who opened is believed that a person did."""
    machine = bool(user_agent) and is_machine(user_agent, None, at)
    return type(kind)(f"machine_{kind.value}") if machine else kind
