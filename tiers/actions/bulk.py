"""Reading and writing the standings of many members at once, for imports: the same decisions, in sets."""

import datetime as dt
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from kit.copy import copy_rows, upsert_rows
from tiers import rules

STANDING_COLUMNS = (
    "member_id", "ladder_id", "tier_id", "rank", "since_date", "until_date", "grace_date", "spend", "orders", "growth",
    "seq", "decided_at",
)  # fmt: skip

LOCK = """
SELECT member_id, tier_id, rank, since_date, until_date, grace_date, seq, decided_at FROM tiers_standing
WHERE ladder_id = %s AND member_id = ANY(%s) ORDER BY member_id FOR NO KEY UPDATE
"""
READ_SPEND = """
SELECT member_id, counts_on, known_on, spend, orders FROM orders_spendmovement
WHERE member_id = ANY(%s) AND counts_on >= %s ORDER BY member_id, counts_on
"""
READ_GROWTH = """
SELECT member_id, counts_on, business_date, points FROM points_entry
WHERE member_id = ANY(%s) AND wallet = 'growth' AND counts_on >= %s ORDER BY member_id, counts_on
"""


class NewDecision(NamedTuple):
    """A decision to be written; the fields are those of tiers.models.Decision."""

    member_id: int
    ladder_id: int
    seq: int
    kind: str
    at: dt.datetime
    business_date: dt.date
    from_tier_id: int | None
    to_tier_id: int
    until_before: dt.date | None
    until_date: dt.date | None
    grace_date: dt.date | None
    spend: Decimal
    orders: int
    growth: int
    reached_by: str
    threshold: Decimal | None
    window_starts_date: dt.date
    cause: str
    actor: str


@dataclass(slots=True)
class StandingState:
    """Where a member stands while a history is worked out, with what counts in his window, dated and in order.

    `latest` is the last date on which anything of him is known; work before it cannot be done in sets.
    """

    member_id: int
    ladder_id: int
    tier_id: int | None = None
    position: rules.Position | None = None
    seq: int = 0
    decided_at: dt.datetime | None = None
    latest: dt.date = dt.date.min
    counting: deque[tuple[dt.date, Decimal, int, int]] = field(default_factory=deque)
    spend: Decimal = Decimal(0)
    orders: int = 0
    growth: int = 0
    decisions: list[NewDecision] = field(default_factory=list)

    def count(self, on: dt.date, spend: Decimal, orders: int, growth: int) -> None:
        """Will add what happened on a date to the window."""
        self.counting.append((on, spend, orders, growth))
        self.spend += spend
        self.orders += orders
        self.growth += growth

    def facts(self, window_start: dt.date) -> rules.Facts:
        """Will drop what has fallen out of the window and return what is in it."""
        while self.counting and self.counting[0][0] < window_start:
            _, spend, orders, growth = self.counting.popleft()
            self.spend -= spend
            self.orders -= orders
            self.growth -= growth
        return rules.Facts(self.spend, self.orders, self.growth)

    def decide(
        self, outcome: rules.Outcome, facts: rules.Facts, terms: rules.LadderTerms, on: dt.date, at: dt.datetime,
        cause: str, actor: str,
    ) -> None:  # fmt: skip
        """Will take a decision: the new position, and the line that is kept of it."""
        before, after = self.position, outcome.position
        tier_before, self.tier_id = self.tier_id, terms.rungs[after.rank].tier_id
        self.position, self.decided_at = after, at
        self.seq += 1
        self.decisions.append(
            NewDecision(
                member_id=self.member_id,
                ladder_id=self.ladder_id,
                seq=self.seq,
                kind=outcome.kind.value,
                at=at,
                business_date=on,
                from_tier_id=tier_before,
                to_tier_id=self.tier_id,
                until_before=before.until if before else None,
                until_date=after.until,
                grace_date=after.grace,
                spend=facts.spend,
                orders=facts.orders,
                growth=facts.growth,
                reached_by=outcome.reached_by,
                threshold=outcome.threshold,
                window_starts_date=terms.window_start(on),
                cause=cause,
                actor=actor,
            )
        )


def read_standings(*, member_ids: Sequence[int], ladder_id: int, since: dt.date) -> dict[int, StandingState]:
    """Will lock and read standings of members, in id order, with what counts since a date; new ones are empty."""
    states = {member_id: StandingState(member_id, ladder_id) for member_id in member_ids}
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [ladder_id, list(member_ids)])
        for member_id, tier_id, rank, since_date, until, grace, seq, decided_at in cursor.fetchall():
            state = states[member_id]
            state.tier_id, state.position = tier_id, rules.Position(rank, since_date, until, grace)
            state.seq, state.decided_at = seq, decided_at
        counted: list[tuple[int, dt.date, dt.date, Decimal, int, int]] = []
        cursor.execute(READ_SPEND, [list(member_ids), since])
        counted += [(m, on, known, spend, orders, 0) for m, on, known, spend, orders in cursor.fetchall()]
        cursor.execute(READ_GROWTH, [list(member_ids), since])
        counted += [(m, on, known, Decimal(0), 0, points) for m, on, known, points in cursor.fetchall()]
    for member_id, on, known, spend, orders, growth in sorted(counted, key=lambda row: row[:2]):
        states[member_id].count(on, spend, orders, growth)
        states[member_id].latest = max(states[member_id].latest, on, known)
    return states


def write_standings(*, states: Sequence[StandingState], at: dt.datetime, actor: str) -> None:
    """Will write standings and their new decisions, of members that read_standings has locked."""
    copy_rows("tiers_decision", NewDecision._fields, (decision for state in states for decision in state.decisions))
    upsert_rows("tiers_standing", STANDING_COLUMNS, STANDING_COLUMNS[:2], [_row(state) for state in states])


def _row(state: StandingState) -> tuple[object, ...]:
    place = state.position
    if place is None:
        raise ValueError("A standing is written after its first decision.")
    return (
        state.member_id, state.ladder_id, state.tier_id, place.rank, place.since, place.until, place.grace,
        state.spend, state.orders, state.growth, state.seq, state.decided_at,
    )  # fmt: skip
