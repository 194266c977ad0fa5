"""Messaging's rules of frequency: how many messages a member may get within how many of his days. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from kit import dates
from messaging.enums import Channel

COUNT_MAX = 1000
WINDOW_DAYS_MAX = 90


class BadCap(Exception):
    """A frequency cap cannot be read; the message says why. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `count` messages within `window_days` calendar days, today being one; None is every channel or topic."""

    count: int
    window_days: int
    channel: str | None = None
    topic: str | None = None

    def concerns(self, channel: str, topic: str) -> bool:
        """Will say whether it counts messages of a channel and topic."""
        return self.channel in (None, channel) and self.topic in (None, topic)

    def as_stored(self) -> dict[str, Any]:
        """Will return it as caps_from reads it."""
        return {
            "channel": self.channel,
            "topic": self.topic,
            "count": self.count,
            "window_days": self.window_days,
        }


def caps_from(stored: Sequence[Mapping[str, Any]]) -> tuple[Cap, ...]:
    """Will read frequency caps as they are stored; raises BadCap."""
    return tuple(_cap_from(one) for one in stored)


def _cap_from(one: Mapping[str, Any]) -> Cap:
    unknown = set(one) - {"channel", "topic", "count", "window_days"}
    if unknown:
        raise BadCap(f"A frequency cap has no {', '.join(sorted(unknown))}.")
    count, days = one.get("count"), one.get("window_days")
    if not _within(count, COUNT_MAX):
        raise BadCap(f"A frequency cap allows 1 to {COUNT_MAX} messages, not {count!r}.")
    if not _within(days, WINDOW_DAYS_MAX):
        raise BadCap(f"A frequency cap looks at 1 to {WINDOW_DAYS_MAX} days, not {days!r}.")
    channel, topic = one.get("channel") or None, one.get("topic") or None
    if channel is not None and channel not in list(Channel):
        raise BadCap(f"There is no channel {channel!r}; choose of {', '.join(Channel)}.")
    assert isinstance(count, int)
    assert isinstance(days, int)
    return Cap(count, days, channel, topic)


def _within(number: object, most: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= most


def since(cap: Cap, at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Will return the first instant whose messages a cap counts: days begin at the member's midnight."""
    first = at.astimezone(zone).date() - dt.timedelta(days=cap.window_days - 1)
    return dates.day_start(first, zone)
