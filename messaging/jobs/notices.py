"""What nights found is told to whom it concerns: changes of a tier, tiers about to end, points about to end."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any

from kit import sql
from kit.copy import copy_rows
from members import queries as members_queries
from members.enums import Purpose
from messaging.enums import Channel
from messaging.jobs.audiences import create_wanted, enqueue_wanted
from messaging.queries.templates import PublishedVersion, published_version
from tiers import queries as tiers_queries
from tiers.queries import FallNoticeView
from tiers.rules import Way

SERVICE_CHANNELS = (Channel.EMAIL, Channel.INBOX)
"""A service message goes to the inbox, and by e-mail to who has an address."""
COLUMNS = ("member_id", "channel", "source_key", "template_version_id", "due_at", "values")


def channels_of(version: PublishedVersion) -> list[str]:
    """Will return by which channels a service message goes to members: those it has words for."""
    return [channel.value for channel in SERVICE_CHANNELS if channel in version.channels]


def tell_tier_changes(*, since: dt.date, until: dt.date, due_at: dt.datetime, at: dt.datetime) -> int:
    """Will tell members how nights changed their tier on the main ladder, from one business date to another.

    In the caller's transaction, set-based, each change once; returns how many messages are new.
    """
    raised, fallen = published_version("tier_changed"), published_version("tier_fallen")
    channels = [channels_of(version) for version in (raised, fallen) if version]
    if not channels:
        return 0
    create_wanted()
    sql.execute(
        "messaging",
        "want_tier_changes",
        ladder=tiers_queries.MAIN,
        since=since,
        until=until,
        raised=raised.version_id if raised else None,
        fallen=fallen.version_id if fallen else None,
        channels=sorted(set.intersection(*map(set, channels))),
        due=due_at,
    )
    return _enqueue(at)


def tell_lapsing_points(*, since: dt.date, until: dt.date, due_at: dt.datetime, at: dt.datetime) -> int:
    """Will tell members which points end soon, of the reminders due from one date to another; as tell_tier_changes."""
    version = published_version("points_lapsing")
    if version is None:
        return 0
    create_wanted()
    dates = {"since": since, "until": until, "due": due_at}
    sql.execute("messaging", "want_expiry_notices", **dates, version=version.version_id, channels=channels_of(version))
    return _enqueue(at)


def tell_falls(*, dates: Sequence[dt.date], due_at: dt.datetime, at: dt.datetime) -> int:
    """Will tell members which tier is about to end and what keeps it, of the warnings due on some dates.

    What was averted meanwhile is not told. In the caller's transaction, each warning once; one query a date, and five.
    """
    version = published_version("tier_ending")
    if version is None:
        return 0
    notices = [notice for date in dates for notice in tiers_queries.fall_notices_due(date)]
    with_email = members_queries.with_email([notice.member_id for notice in notices])
    create_wanted()
    copy_rows("messaging_wanted", COLUMNS, _wanted(notices, with_email, version, due_at))
    return _enqueue(at)


def _enqueue(at: dt.datetime) -> int:
    """Will put what is wanted into the outbox, and let go of the table: a trial run does all steps at once."""
    return enqueue_wanted(None, Purpose.SERVICE, "", at=at)


def _wanted(
    notices: Iterable[FallNoticeView], with_email: frozenset[int], version: PublishedVersion, due_at: dt.datetime
) -> Iterable[tuple[Any, ...]]:
    for notice in notices:
        fall = notice.fall
        key = f"ending:{fall.tier.code}:{fall.ends_on}:{notice.days_before}"
        values = json.dumps(
            {
                "from_tier": fall.tier.names,
                "to_tier": fall.to_tier.names,
                "ends_on": fall.ends_on.isoformat(),
                "falls_on": fall.falls_on.isoformat(),
                "days_before": notice.days_before,
                **_cheapest(fall.ways),
            }
        )
        for channel in channels_of(version):
            if channel != Channel.EMAIL or notice.member_id in with_email:
                yield (notice.member_id, channel, key, version.version_id, due_at, values)


def _cheapest(ways: Sequence[Way]) -> dict[str, object]:
    """Will return what the first way asks that asks for one thing; the page says the others."""
    asked = {metric: more for way in reversed(ways) if len(way.more) == 1 for metric, more in way.more}
    if "spend" in asked:
        return {"more_spend": str(asked["spend"])}
    return {"more_orders": int(asked["orders"])} if "orders" in asked else {}
