"""Insights at night: the stage of everybody's life-cycle, told in ranges of members."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from insights import queries
from insights.rules import LifecycleTerms
from kit import clock, sql
from kit.jobs import Chunk, Night
from members import queries as members_queries

DAY = dt.timedelta(days=1)
MEMBERS_A_CHUNK = 50_000
NOT_OWN = ["referral", "birthday", "anniversary"]
"""Events that happen to a member: they do not wake him."""


def tell_stages(night: Night, after: int) -> Iterator[Chunk]:
    """Will tell every active member's stage at the end of the date, and keep what changed; who left has none.

    Where everything up to the day before is known to be done, by the same days, only those are looked at whose stage
    the date may change.
    """
    terms = queries.terms_on(night.date)
    if night.slice_only and terms == queries.terms_on(night.date - DAY):
        yield from _tell_slice(night.date, terms, after)
        return
    while True:
        members = members_queries.ids_above(after, MEMBERS_A_CHUNK)
        if not members:
            return
        left = sql.execute("insights", "forget_stages", above=after, upto=members[-1])
        [(told, changed)] = sql.fetch("insights", "tell_stages", **_asked(night.date, terms, members))
        yield Chunk(members[-1], told + left, {"changed": changed})
        after = members[-1]


def _tell_slice(date: dt.date, terms: LifecycleTerms, after: int) -> Iterator[Chunk]:
    due = sql.fetch_prepared(
        "insights",
        "due_stages",
        date=date,
        at=clock.day_end(date),
        new_since=clock.day_end(date - terms.new_days * DAY),
        lapsed_days=terms.lapsed_days,
        won_back_days=terms.won_back_days,
        above=after,
    )
    for first in range(0, len(due), MEMBERS_A_CHUNK):
        members = [member_id for (member_id,) in due[first : first + MEMBERS_A_CHUNK]]
        [(told, changed)] = sql.fetch_prepared("insights", "tell_stages", **_asked(date, terms, members))
        yield Chunk(members[-1], told, {"changed": changed})


def _asked(date: dt.date, terms: LifecycleTerms, members: Sequence[int]) -> dict[str, Any]:
    zone = clock.programme_zone().key
    some = {"members": list(members), "date": date, "at": clock.day_end(date), "zone": zone, "not_own": NOT_OWN}
    return {**some, **asdict(terms)}
