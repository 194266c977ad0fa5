"""All that a member chooses on his page of messages, kept at once."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from members import actions as members_actions
from messaging.actions.choosing import allow_channel, choose, set_quiet_time, stop_channel
from messaging.enums import Channel
from messaging.models import QuietTime

Hours = tuple[dt.time, dt.time]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a member changed; what he left alone is not in it.

    `channels` by code, each with the sentence he saw in `texts`; `topics` by channel and topic. `has_hours`: whether
    quiet hours and zone were asked at all; `quiet` None is the house's, an empty `zone` the programme's.
    """

    channels: Mapping[str, bool] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    has_hours: bool = False
    quiet: Hours | None = None
    zone: str = ""


@transaction.atomic
def keep_preferences(*, member_id: int, wanted: Wanted, at: dt.datetime, actor: str) -> int:
    """Will keep what a member changed and return how much of it is new; senders see it from the commit on.

    Again it changes nothing. Raises UnknownTopic, and members' BadTimeZone.
    """
    changed = 0
    for code, allowed in wanted.channels.items():
        deed = allow_channel if allowed else stop_channel
        changed += deed(member_id=member_id, channel=Channel(code), text=wanted.texts[code], at=at, actor=actor)
    for (code, topic), is_wanted in wanted.topics.items():
        changed += choose(member_id=member_id, channel=Channel(code), topic=topic, wanted=is_wanted, at=at, actor=actor)
    if wanted.has_hours:
        known = QuietTime.objects.filter(member_id=member_id).values_list("starts", "ends").first()
        if known != wanted.quiet:
            set_quiet_time(member_id=member_id, hours=wanted.quiet, at=at, actor=actor)
            changed += 1
        members_actions.set_time_zone(member_id=member_id, name=wanted.zone, at=at, actor=actor)
    return changed
