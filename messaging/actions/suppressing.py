"""Addresses that are written to no more, and again."""

import datetime as dt

from django.db import transaction

from kit import audit
from messaging.enums import Channel, SuppressionCause
from messaging.models import Suppression
from messaging.queries.suppressions import hash_of


def suppress(
    *,
    channel: Channel,
    address: str,
    cause: SuppressionCause,
    at: dt.datetime,
    actor: str,
    marketing_only: bool = False,
) -> bool:
    """Will see that an address is written to no more; says whether that is new. The address itself is not kept."""
    return suppress_hash(
        channel=channel, hashed=hash_of(channel, address), cause=cause, at=at, actor=actor,
        marketing_only=marketing_only,
    )  # fmt: skip


@transaction.atomic
def suppress_hash(
    *,
    channel: Channel,
    hashed: bytes,
    cause: SuppressionCause,
    at: dt.datetime,
    actor: str,
    marketing_only: bool = False,
) -> bool:
    """Will do the same for an address of which only the hash is known."""
    row = Suppression(
        channel=channel.value, address_hash=hashed, cause=cause.value, marketing_only=marketing_only, at=at, actor=actor
    )
    in_force = Suppression.objects.filter(channel=channel.value, address_hash=hashed, cause=cause.value, lifted_at=None)
    if in_force.exists():
        return False
    Suppression.objects.bulk_create([row], ignore_conflicts=True)
    if cause == SuppressionCause.BY_STAFF:
        audit.record(at=at, actor=actor, deed="address.suppress", subject=f"channel:{channel.value}")
    return True


@transaction.atomic
def lift(*, channel: Channel, address: str, at: dt.datetime, actor: str, reason: str = "") -> int:
    """Will let an address be written to again, whatever kept it from that; returns how many causes. Audited."""
    in_force = Suppression.objects.filter(channel=channel.value, address_hash=hash_of(channel, address), lifted_at=None)
    causes = list(in_force.order_by("id").values_list("cause", flat=True))
    lifted = in_force.update(lifted_at=at)
    if lifted:
        audit.record(
            at=at, actor=actor, deed="address.lift", subject=f"channel:{channel.value}", was=causes, reason=reason
        )
    return lifted
