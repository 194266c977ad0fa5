"""Insights at night: the stage of everybody's life-cycle, told in ranges of members."""

from collections.abc import Iterator
from dataclasses import asdict

from insights import queries
from kit import clock, sql
from kit.jobs import Chunk, Night
from members import queries as members_queries

MEMBERS_A_CHUNK = 50_000
NOT_OWN = ["referral", "birthday", "anniversary"]
"""Events that happen to a member: they do not wake him."""


def tell_stages(night: Night, after: int) -> Iterator[Chunk]:
    """Will tell every active member's stage at the end of the date, and keep what changed; who left has none."""
    terms = asdict(queries.terms_on(night.date))
    while True:
        upto, _count = members_queries.end_of_range(after, MEMBERS_A_CHUNK)
        if not upto:
            return
        some = {"above": after, "upto": upto}
        left = sql.execute("insights", "forget_stages", **some)
        [(told, changed)] = sql.fetch(
            "insights",
            "tell_stages",
            **some,
            **terms,
            date=night.date,
            at=clock.day_end(night.date),
            zone=str(clock.programme_zone()),
            not_own=NOT_OWN,
        )
        yield Chunk(upto, told + left, {"changed": changed})
        after = upto
