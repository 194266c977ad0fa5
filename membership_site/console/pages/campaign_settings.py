"""What holds for all campaigns: the group that gets no marketing, and how long after a touch an order counts."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns import queries as campaigns_queries
from campaigns import wording
from campaigns.queries import ControlGroupView, WindowsView
from membership_site import formats
from membership_site.console.pages.people import names_of

TOUCHES = ("clicked", "opened", "sent")


@dataclass(frozen=True)
class GroupRow:
    """A group that gets, or got, no marketing."""

    number: int
    share: str
    members: int
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    who: str


@dataclass(frozen=True)
class WindowsRow:
    """A version of the windows in words."""

    number: int
    sentences: tuple[str, ...]
    at: dt.datetime
    who: str


@dataclass(frozen=True)
class SettingsPage:
    """The page as the template shows it; `now` is the group in force."""

    now: GroupRow | None
    groups: tuple[GroupRow, ...]
    windows: tuple[WindowsRow, ...]
    in_force: Mapping[str, Mapping[str, int]]


def settings_page() -> SettingsPage:
    """Will assemble the settings with their history. Four queries, one of them over all members."""
    groups = campaigns_queries.control_groups()
    windows = campaigns_queries.attribution_windows()
    names = names_of([*(one.actor for one in groups), *(one.actor for one in windows)])
    rows = tuple(_group(one, names) for one in groups)
    return SettingsPage(
        now=next((row for row in rows if row.ends_at is None), None),
        groups=rows,
        windows=tuple(_windows(one, names) for one in windows),
        in_force=windows[0].windows if windows else {},
    )


def _group(one: ControlGroupView, names: Mapping[str, str]) -> GroupRow:
    share = formats.pct(one.share / 10_000, 2 if one.share % 100 else 0)
    return GroupRow(one.number, share, one.members, one.starts_at, one.ends_at, names[one.actor])


def _windows(one: WindowsView, names: Mapping[str, str]) -> WindowsRow:
    said = [_channel(channel, touches) for channel, touches in one.windows.items() if touches]
    return WindowsRow(one.number, tuple(said) or (_("No touch counts."),), one.at, names[one.actor])


def _channel(channel: str, touches: Mapping[str, int]) -> str:
    words = {
        "clicked": _("%(time)s after a click"),
        "opened": _("%(time)s after it was opened"),
        "sent": _("%(time)s after it was sent"),
    }
    parts = [
        words[name] % {"time": wording.hours_words(touches[name], formats)} for name in TOUCHES if touches.get(name)
    ]
    facts = {"channel": wording.channel_name(channel), "times": formats.listing(parts, either=True)}
    return pgettext("a channel and its windows", "%(channel)s: %(times)s") % facts
