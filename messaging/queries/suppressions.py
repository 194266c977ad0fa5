"""What others may ask of addresses that are written to no more."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from messaging.models import Suppression
from messaging.rules.addresses import address_hash


@dataclass(frozen=True, slots=True)
class SuppressionView:
    """Why an address is written to no more; the address itself is not kept."""

    id: int
    channel: str
    cause: str
    marketing_only: bool
    at: dt.datetime
    lifted_at: dt.datetime | None
    actor: str


def hash_of(channel: str, address: str) -> bytes:
    """Will return the keyed hash under which an address is suppressed. No queries."""
    return address_hash(settings.MESSAGE_HASH_KEY.encode(), channel, address)


def find_suppressions(channel: str, address: str) -> list[SuppressionView]:
    """Will return all that ever kept an address from being written to, latest first. One query."""
    rows = Suppression.objects.filter(channel=channel, address_hash=hash_of(channel, address)).order_by("-at", "-id")
    return [_view(row) for row in rows]


def _view(row: Suppression) -> SuppressionView:
    return SuppressionView(row.id, row.channel, row.cause, row.marketing_only, row.at, row.lifted_at, row.actor)
