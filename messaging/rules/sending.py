"""Messaging's value of how the house sends: quiet hours, caps, what pauses a dispatch, what is too late. Pure."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from messaging.enums import Channel
from messaging.rules.caps import Cap
from messaging.rules.quiet import Quiet


class BadRules(Exception):
    """Rules of sending cannot be as they were asked for; the message says why. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class HouseRules:
    """How the house sends."""

    quiet: Quiet
    caps: tuple[Cap, ...]
    bounces_pause_share: Decimal
    complaints_pause_share: Decimal
    late_after_hours: int


FIRST = HouseRules(
    quiet=Quiet(dt.time(22), dt.time(8)),
    caps=(Cap(2, 1, Channel.EMAIL.value), Cap(4, 7, Channel.EMAIL.value)),
    bounces_pause_share=Decimal("0.05"),
    complaints_pause_share=Decimal("0.003"),
    late_after_hours=72,
)
"""How a house sends that has said nothing yet."""


def check(rules: HouseRules) -> None:
    """Will raise BadRules where a share or a time cannot be."""
    for share in (rules.bounces_pause_share, rules.complaints_pause_share):
        if not 0 < share <= 1:
            raise BadRules(f"A share that pauses a dispatch lies between 0 and 100 %, not at {share:%}.")
    if not 1 <= rules.late_after_hours <= 24 * 60:
        raise BadRules("Marketing is too late after 1 to 1440 hours.")


def language_for(offered: tuple[str, ...], wanted: str, fallback: str) -> str | None:
    """Will return in which of the languages offered a member is written to: his, the house's, or the first there is."""
    for one in (wanted, fallback):
        if one in offered:
            return one
    return min(offered) if offered else None
