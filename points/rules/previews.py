"""What a preview adds up over all members, as plain values that can be put away between two parts of the work. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from points.rules.replay import Outcome

MONTHS_MAX = 36
EXAMPLES = 5
"""So many of the largest gains, and as many of the largest losses, are kept by name."""
AS_IS, DRAFT = "as_is", "draft"
SIDES = (AS_IS, DRAFT)
SUMS = (
    "earned",
    "deeds",
    "capped",
    "lapsed",
    "outstanding",
    "owed",
    "indebted",
    "not_taken",
    "unaffordable",
    "growth",
)
"""The fields of an outcome that are added up as they are."""


def terms_digest(terms: Mapping[str, Any]) -> bytes:
    """Will return the SHA-256 of a policy's terms, whatever the order of their keys."""
    text = json.dumps(terms, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def worth(points: int, points_per_unit: int) -> str:
    """Will return what points are worth at a rate of spending, in the currency with two decimals, rounded half up."""
    return str((Decimal(points) / points_per_unit).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def empty_tally() -> dict[str, Any]:
    """Will return the tally of nobody: whole numbers and texts only, as JSON takes them."""
    return {
        "members": 0,
        "orders": 0,
        "events": 0,
        "sides": {side: {**dict.fromkeys(SUMS, 0), "months": {}, "rules": {}} for side in SIDES},
        "tiers": {},
        "growth": {},
        "gains": [],
        "losses": [],
    }


@dataclass(frozen=True, slots=True)
class Compared:
    """One member under both sets of rules; `deeds` says whether he did anything that earns."""

    member_id: int
    tier: str
    orders: int
    events: int
    as_is: Outcome
    draft: Outcome

    @property
    def difference(self) -> int:
        """What he would have earned more, or less."""
        return self.draft.earned - self.as_is.earned


def add_member(tally: dict[str, Any], one: Compared) -> None:
    """Will add a member to a tally, in place: sums, months, rules, his tier, and his name if he is an example."""
    for side, outcome in ((AS_IS, one.as_is), (DRAFT, one.draft)):
        _add_outcome(tally["sides"][side], outcome)
    if not (one.as_is.deeds or one.draft.deeds or one.as_is.earned or one.draft.earned):
        return
    tally["members"] += 1
    tally["orders"] += one.orders
    tally["events"] += one.events
    _add_tier(tally["tiers"], one.tier, one.as_is.earned, one.draft.earned)
    _add_tier(tally.setdefault("growth", {}), one.tier, one.as_is.growth, one.draft.growth)
    if one.difference:
        kept = "gains" if one.difference > 0 else "losses"
        row = [one.member_id, one.as_is.earned, one.draft.earned, one.tier]
        tally[kept] = sorted([*tally[kept], row], key=lambda r: (-abs(r[2] - r[1]), r[0]))[:EXAMPLES]


def _add_tier(tiers: dict[str, Any], code: str, as_is: int, draft: int) -> None:
    tier = tiers.setdefault(code, {"members": 0, "winners": 0, "losers": 0, AS_IS: 0, DRAFT: 0})
    tier["members"] += 1
    tier["winners"] += draft > as_is
    tier["losers"] += draft < as_is
    tier[AS_IS] += as_is
    tier[DRAFT] += draft


def _add_outcome(sums: dict[str, Any], outcome: Outcome) -> None:
    for name in SUMS:
        sums[name] = sums.get(name, 0) + getattr(outcome, name)
    for month, points in outcome.by_month.items():
        sums["months"][month] = sums["months"].get(month, 0) + points
    for code, (points, deeds) in outcome.by_rule.items():
        before = sums["rules"].get(code, [0, 0])
        sums["rules"][code] = [before[0] + points, before[1] + deeds]
