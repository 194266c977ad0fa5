"""Messaging's rules of trying again, of being late, and of a dispatch that had better stop. Pure."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from messaging.enums import Reason

PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long a message waits after its first, second, ... try that was put off; after the last it is given up."""
JITTER = 0.2
SAMPLE_MIN = 50
"""Of fewer messages sent a share says nothing."""


def next_try(attempts: int, at: dt.datetime, seed: int) -> dt.datetime | None:
    """Will return when to try again after so many tries, or None to give up; `seed` spreads those put off together."""
    if not 1 <= attempts <= len(PAUSES):
        return None
    share = (seed * 2_654_435_761 % 1000) / 1000
    return at + PAUSES[attempts - 1] * (1 + JITTER * share)


def too_late(
    due_at: dt.datetime, ends_at: dt.datetime | None, late_after_hours: int, at: dt.datetime, *, is_marketing: bool
) -> Reason | None:
    """Will say whether a message is not worth sending any more: past its end, or marketing long past its time."""
    over = ends_at is not None and at >= ends_at
    late = is_marketing and at - due_at > dt.timedelta(hours=late_after_hours)
    return Reason.EXPIRED if over or late else None


@dataclass(frozen=True, slots=True)
class Health:
    """What became of a dispatch's messages so far."""

    errors_in_row: int
    sent: int
    bounced: int
    complained: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a dispatch may come to before it pauses itself."""

    errors_max: int
    bounces_share: Decimal
    complaints_share: Decimal


def ailing(health: Health, limits: Limits) -> str:
    """Will name why a dispatch had better pause: errors, bounces or complaints; empty where it may go on."""
    if health.errors_in_row >= limits.errors_max:
        return "errors"
    if health.sent >= SAMPLE_MIN:
        if Decimal(health.bounced) > limits.bounces_share * health.sent:
            return "bounces"
        if Decimal(health.complained) > limits.complaints_share * health.sent:
            return "complaints"
    return ""
