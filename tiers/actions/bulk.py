"""Reading and writing the standings of many members at once, for imports: the same decisions, in sets."""

import datetime as dt
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kit import sql
from kit.copy import copy_rows, upsert_rows
from tiers import queries, rules
from tiers.enums import Occasion
from tiers.rules.places import PLACE, NewDecision, new_decision, place_of, place_row

SUMS = ("spend", "orders", "growth")
STANDING_COLUMNS = ("member_id", "ladder_id", *PLACE, *SUMS, "counted_on", "seq", "decided_at")

READ_SPEND = b"""
SELECT member_id, counts_on, known_on, spend, orders FROM orders_spendmovement
WHERE member_id = ANY(%(members)s::bigint[]) AND counts_on >= %(since)s ORDER BY member_id, counts_on
"""
READ_GROWTH = b"""
SELECT member_id, counts_on, business_date, points FROM points_entry
WHERE member_id = ANY(%(members)s::bigint[]) AND wallet = 'growth' AND counts_on >= %(since)s
ORDER BY member_id, counts_on
"""


@dataclass(slots=True)
class StandingState:
    """Where a member stands while a history is worked out, with what counts in his window, dated and in order.

    `latest` is the last date on which anything of him is known; work before it cannot be done in sets.
    """

    member_id: int
    ladder_id: int
    position: rules.Position | None = None
    own: rules.LadderTerms | None = None
    """The version that the position's ranks are of."""
    seq: int = 0
    decided_at: dt.datetime | None = None
    latest: dt.date = dt.date.min
    counting: deque[tuple[dt.date, Decimal, int, int]] = field(default_factory=deque)
    spend: Decimal = Decimal(0)
    orders: int = 0
    growth: int = 0
    decisions: list[NewDecision] = field(default_factory=list)

    @classmethod
    def read(cls, member_id: int, ladder_id: int, row: Sequence[Any]) -> "StandingState":
        """Will return a standing as sql/candidates.sql reads it: seq, decided_at, the sums, the columns of PLACE."""
        seq, decided_at, spend, orders, growth, *place = row
        position, own = place_of(place, queries.rung_of)
        sums = {"spend": spend, "orders": orders, "growth": growth}
        return cls(member_id, ladder_id, position, own, seq, decided_at, **sums)

    @property
    def held(self) -> rules.Rung:
        """The tier that he holds."""
        if self.position is None or self.own is None:
            raise ValueError("Who has not joined holds no tier.")
        return self.position.hold.rung if self.position.hold else self.own.rungs[self.position.rank]

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

    def evaluate(self, terms: rules.LadderTerms, on: dt.date, at: dt.datetime, cause: str, actor: str) -> None:
        """Will decide after an event, where all versions of the ladder count the same window."""
        if self.position is None or self.own is None:
            raise ValueError("Who has not joined is not evaluated.")
        now = rules.Measure(terms, self.facts(terms.window_start(on)))
        own = now if self.own.version_id == terms.version_id else rules.Measure(self.own, now.facts)
        outcome = rules.decide(self.position, rules.Occurrence(Occasion.EVENT, on, cause), now, own)
        if outcome:
            self.decide(outcome, now.facts, terms, on, at, cause, actor)

    def decide(
        self, outcome: rules.Outcome, facts: rules.Facts, terms: rules.LadderTerms, on: dt.date, at: dt.datetime,
        cause: str, actor: str,
    ) -> None:  # fmt: skip
        """Will take a decision: the new position, and the line that is kept of it."""
        before = (self.position, self.own) if self.position and self.own else None
        self.position, self.own, self.decided_at = outcome.position, outcome.terms or terms, at
        self.seq += 1
        measure = outcome.measure or rules.Measure(terms, facts)
        row = new_decision(before, (self.position, self.own), outcome, measure, on)
        self.decisions.append(
            NewDecision(self.member_id, self.ladder_id, self.seq, at=at, cause=cause, actor=actor, **row)
        )


def read_standings(*, member_ids: Sequence[int], ladder_id: int, since: dt.date) -> dict[int, StandingState]:
    """Will lock and read standings of members, in id order, with what counts since a date; new ones are empty."""
    states = {member_id: StandingState(member_id, ladder_id) for member_id in member_ids}
    members = list(member_ids)
    for member_id, seq, decided_at, *place in sql.fetch_prepared(
        "tiers", "lock_standings", ladder=ladder_id, members=members
    ):
        state = states[member_id]
        state.position, state.own = place_of(place, queries.rung_of)
        state.seq, state.decided_at = seq, decided_at
    asked = {"members": members, "since": since}
    counted: list[tuple[int, dt.date, dt.date, Decimal, int, int]] = []
    counted += [(m, on, known, spend, orders, 0) for m, on, known, spend, orders in sql.fetch_text(READ_SPEND, asked)]
    counted += [(m, on, known, Decimal(0), 0, points) for m, on, known, points in sql.fetch_text(READ_GROWTH, asked)]
    for member_id, on, known, spend, orders, growth in sorted(counted, key=lambda row: row[:2]):
        states[member_id].count(on, spend, orders, growth)
        states[member_id].latest = max(states[member_id].latest, on, known)
    return states


def write_standings(*, states: Sequence[StandingState], at: dt.datetime, actor: str) -> None:
    """Will write standings and their new decisions, of members that read_standings has locked."""
    if not states:
        return
    copy_rows("tiers_decision", NewDecision._fields, (decision for state in states for decision in state.decisions))
    upsert_rows("tiers_standing", STANDING_COLUMNS, STANDING_COLUMNS[:2], [_row(state) for state in states])


def _row(state: StandingState) -> tuple[object, ...]:
    if state.position is None or state.own is None:
        raise ValueError("A standing is written after its first decision.")
    place = place_row(state.position, state.own)
    return (
        state.member_id, state.ladder_id, *place.values(), state.spend, state.orders, state.growth, None,
        state.seq, state.decided_at,
    )  # fmt: skip
