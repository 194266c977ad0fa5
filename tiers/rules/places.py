"""A position as the columns of a standing and of a decision, and back."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from tiers import rules
from tiers.enums import HoldKind, Join

PLACE = (
    "tier_id", "rank", "since_date", "until_date", "grace_date", "highest_rank", "granted_by", "rank_before",
    "until_before_date", "next_tier_id", "next_date", "next_cause", "hold_kind", "earned_tier_id", "earned_since_date",
    "earned_until_date", "earned_grace_date",
)  # fmt: skip
"""The columns of a standing that say where a member stands; what counts and when it was decided are others."""

RungOf = Callable[[int], tuple[rules.LadderTerms, rules.Rung]]
Stand = tuple[rules.Position, rules.LadderTerms]
"""A position, and the version of the ladder that its ranks are of."""


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
    since_date: dt.date
    next_tier_id: int | None
    next_date: dt.date | None
    hold_kind: str
    asked: str
    reason: str = ""


def place_of(values: Sequence[Any], rung_of: RungOf) -> Stand:
    """Will read a position from the values of PLACE."""
    row = dict(zip(PLACE, values, strict=True))
    hold = None
    if row["hold_kind"]:
        given = rung_of(row["tier_id"])[1]
        hold = rules.Hold(HoldKind(row["hold_kind"]), given, row["since_date"], row["until_date"])
    own, rung = rung_of(row["earned_tier_id"] if hold else row["tier_id"])
    since, until, grace = (row[f"{'earned_' if hold else ''}{name}_date"] for name in ("since", "until", "grace"))
    upcoming = None
    if row["next_tier_id"] is not None:
        upcoming = rules.Next(rung_of(row["next_tier_id"])[1], row["next_date"], row["next_cause"])
    grant = None
    if row["granted_by"]:
        grant = rules.Grant(row["granted_by"], row["rank_before"], row["until_before_date"])
    return rules.Position(rung.rank, since, until, grace, upcoming, hold, row["highest_rank"], grant), own


def place_row(position: rules.Position, own: rules.LadderTerms) -> dict[str, Any]:
    """Will return a position as {column: value} of PLACE, in that order."""
    hold, grant, upcoming = position.hold, position.grant, position.next
    earned = own.rungs[position.rank]
    shown = hold.rung if hold else earned
    values = (
        shown.tier_id,
        shown.rank,
        hold.since if hold else position.since,
        hold.until if hold else position.until,
        None if hold else position.grace,
        position.peak,
        grant.cause if grant else "",
        grant.rank_before if grant else 0,
        grant.until_before if grant else None,
        upcoming.rung.tier_id if upcoming else None,
        upcoming.on if upcoming else None,
        upcoming.cause if upcoming else "",
        hold.kind.value if hold else "",
        earned.tier_id if hold else None,
        position.since if hold else None,
        position.until if hold else None,
        position.grace if hold else None,
    )
    return dict(zip(PLACE, values, strict=True))


def new_decision(
    before: Stand | None, after: Stand, outcome: rules.Outcome, measure: rules.Measure, on: dt.date
) -> dict[str, Any]:
    """Will return what a decision says of itself, as {column: value}; keys, instant, cause and actor are the deed's."""
    was, now = place_row(*before) if before else {}, place_row(*after)
    return {
        "kind": outcome.kind.value,
        "business_date": on,
        "from_tier_id": was.get("tier_id"),
        "to_tier_id": now["tier_id"],
        "until_before": was.get("until_date"),
        "until_date": now["until_date"],
        "grace_date": now["grace_date"],
        "spend": measure.facts.spend,
        "orders": measure.facts.orders,
        "growth": measure.facts.growth,
        "reached_by": outcome.reached_by,
        "threshold": outcome.threshold,
        "window_starts_date": measure.window_start(on),
        "since_date": now["since_date"],
        "next_tier_id": now["next_tier_id"],
        "next_date": now["next_date"],
        "hold_kind": now["hold_kind"],
        "asked": json.dumps(asked_of(outcome, measure)),
    }


def asked_of(outcome: rules.Outcome, measure: rules.Measure) -> list[tuple[str, str, str]]:
    """Will return (metric, threshold, had) of a requirement that one metric in the columns does not explain."""
    if outcome.asked is None:
        return []
    ways = outcome.asked.ways()
    together = outcome.asked.join is Join.ALL and len(ways) > 1
    if not together and all(metric in rules.PLAIN for metric, _ in ways):
        return []
    return [(metric, str(need), str(measure.facts.of(metric))) for metric, need in ways]
