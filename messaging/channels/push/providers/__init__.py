"""Web push's provider: encrypts a message for each browser of a member and posts it to that browser's push service."""

import datetime as dt
import json
from collections.abc import Collection
from functools import cache

from django.conf import settings
from pydantic import ValidationError
from webpush import WebPush, WebPushException, WebPushSubscription

from messaging.models import PushSubscription
from messaging.providers import Provider
from messaging.providers.faulty import Faulty, faults_from
from messaging.providers.web import Forbidden, NoAnswer, NotSent, post
from messaging.rules.delivery import Accepted, Deferred, Outcome, Outgoing, Refused, Unknown

TTL_SECONDS = 24 * 3600
GONE = (404, 410)
TEXT_MAX = 300


def provider() -> Provider:
    """Will return the provider that the settings describe."""
    if settings.MESSAGE_PUSH.startswith("faulty"):
        return Faulty(faults_from(settings.MESSAGE_PUSH.partition(":")[2]))
    return Push(settings.MESSAGE_HOSTS_ALLOWED)


@cache
def _keys(private: str, public: str, subject: str) -> WebPush:
    return WebPush(private.encode(), public.encode(), subscriber=subject, ttl=TTL_SECONDS)


class Push:
    """Pushes to every browser of a member; one that takes it is enough."""

    name = "push"
    is_ours = False

    def __init__(self, hosts_allowed: Collection[str]) -> None:
        self._hosts_allowed = hosts_allowed

    def deliver(self, outgoing: Outgoing) -> Outcome:
        """Will push to each browser. One that is gone is not pushed to again, whatever becomes of the message."""
        body = json.dumps(
            {key: outgoing.parts.get(key, "") for key in ("title", "body", "url")} | {"tag": outgoing.token}
        )
        browsers = PushSubscription.objects.filter(id__in=outgoing.addresses, ended_at=None).order_by("id")
        outcomes = [self._push(one, body, outgoing.at) for one in browsers]
        for wanted in (Accepted, Unknown, Deferred, Refused):
            for outcome in outcomes:
                if isinstance(outcome, wanted):
                    return outcome
        return Refused("No browser is left to push to.")

    def _push(self, browser: PushSubscription, body: str, at: dt.datetime) -> Outcome:
        keys = _keys(settings.VAPID_PRIVATE_KEY, settings.VAPID_PUBLIC_KEY, settings.VAPID_SUBJECT)
        try:
            address = WebPushSubscription.model_validate({"endpoint": browser.endpoint, "keys": browser.keys})
            sealed = keys.get(body, address)
            headers = {name: str(value) for name, value in sealed.headers.items()}
            answer = post(browser.endpoint, sealed.encrypted, headers, self._hosts_allowed)
        except (ValidationError, WebPushException, ValueError, Forbidden) as error:
            return self._gone(browser, f"cannot be pushed to: {error}"[:TEXT_MAX], at)
        except NotSent as error:
            return Deferred(str(error))
        except NoAnswer as error:
            return Unknown(str(error))
        said = f"{answer.status} {answer.text[:TEXT_MAX]}".strip()
        if answer.status in GONE:
            return self._gone(browser, said, at)
        if 200 <= answer.status < 300:
            return Accepted()
        return Deferred(said) if answer.status == 429 or answer.status >= 500 else Refused(said)

    def _gone(self, browser: PushSubscription, said: str, at: dt.datetime) -> Outcome:
        PushSubscription.objects.filter(id=browser.id, ended_at=None).update(ended_at=at)
        return Refused(said)

    def close(self) -> None:
        """Will do nothing: every push has a connection of its own."""
