"""Which touches count for an order, and how long. Pure."""

from collections.abc import Mapping
from typing import Any

TOUCHES = ("sent", "opened", "clicked")
HOURS_MAX = 24 * 90

STARTER: Mapping[str, Mapping[str, int]] = {
    "email": {"clicked": 120},
    "inbox": {"clicked": 120},
    "sms": {"clicked": 120, "sent": 12},
    "push": {"clicked": 24},
    "webhook": {},
}
"""Last click within five days; a text message half a day after it was sent; openings of e-mails do not count."""


class BadWindows(Exception):
    """Windows are of another shape; `problems` names each place, and nothing was kept."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{path}: {code}" for path, code in self.problems.items()))


def windows_from(stated: Mapping[str, Any], channels: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """Will check {channel: {touch: hours}}, nought hours left out; raises BadWindows."""
    problems: dict[str, str] = {}
    windows: dict[str, dict[str, int]] = {}
    for channel, touches in stated.items():
        if channel not in channels or not isinstance(touches, Mapping):
            problems[channel] = "unknown"
            continue
        for touch, hours in touches.items():
            if touch not in TOUCHES:
                problems[f"{channel}.{touch}"] = "unknown"
            elif type(hours) is not int or not 0 <= hours <= HOURS_MAX:
                problems[f"{channel}.{touch}"] = "out_of_range"
        windows[channel] = {touch: hours for touch, hours in touches.items() if hours}
    if problems:
        raise BadWindows(problems)
    return windows


def longest(windows: Mapping[str, Mapping[str, int]]) -> int:
    """Will return the longest window in hours, nought where nothing counts."""
    return max((hours for touches in windows.values() for hours in touches.values()), default=0)
