"""Browsers that a member lets us push to."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from messaging.models import PushSubscription

ENDPOINT_MAX = 500
BROWSERS_MAX = 20


class BadSubscription(Exception):
    """What a browser handed over is no subscription of a push service; nothing was kept."""


class TooManyBrowsers(Exception):
    """The member has let so many browsers in that one more is refused; nothing was kept."""


@transaction.atomic
def subscribe_push(*, member_id: int, endpoint: str, keys: Mapping[str, object], at: dt.datetime, actor: str) -> bool:
    """Will push to a browser of a member from now on; says whether that is new. Raises BadSubscription.

    A browser that was another member's is this one's from then on: whoever is logged in there reads it. Raises
    TooManyBrowsers beyond twenty.
    """
    kept = {name: keys.get(name) for name in ("p256dh", "auth")}
    if not endpoint.startswith("https://") or len(endpoint) > ENDPOINT_MAX:
        raise BadSubscription("This is no address of a push service. Nothing was kept.")
    if not all(isinstance(key, str) and 0 < len(key) <= 200 for key in kept.values()):
        raise BadSubscription("The keys of the browser are missing. Nothing was kept.")
    known = PushSubscription.objects.select_for_update().filter(endpoint=endpoint).first()
    is_new = known is None or known.member_id != member_id or known.ended_at is not None
    if is_new and PushSubscription.objects.filter(member_id=member_id, ended_at=None).count() >= BROWSERS_MAX:
        raise TooManyBrowsers("Too many browsers get messages already. Switch one off first. Nothing was kept.")
    PushSubscription.objects.update_or_create(
        endpoint=endpoint,
        defaults={"member_id": member_id, "keys": kept, "ended_at": None},
        create_defaults={"member_id": member_id, "keys": kept, "created_at": at},
    )
    return is_new


def end_push(*, member_id: int, endpoint: str, at: dt.datetime, actor: str) -> bool:
    """Will push to a browser of a member no more; says whether that is new. Another's browser is left."""
    mine = PushSubscription.objects.filter(member_id=member_id, endpoint=endpoint, ended_at=None)
    return mine.update(ended_at=at) > 0


def end_all_pushes(*, member_id: int, at: dt.datetime, actor: str) -> int:
    """Will push to no browser of a member any more; returns how many there were."""
    return PushSubscription.objects.filter(member_id=member_id, ended_at=None).update(ended_at=at)
