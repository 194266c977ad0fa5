"""Where a member stands on each ladder, read together with what was decided of him there last."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from kit import clock, memory, sql
from tiers.models import Decision
from tiers.queries.standing import DecisionView, HeldTier, TierView, tiers_of_version
from tiers.queries.versions import MAIN, rung_of
from tiers.rules.places import PLACE

DECIDED = (
    "at", "seq", "kind", "business_date", "from_tier_id", "to_tier_id", "next_tier_id", "until_before", "until_date",
    "grace_date", "spend", "orders", "growth", "reached_by", "threshold", "window_starts_date", "cause", "actor",
    "since_date", "next_date", "hold_kind", "reason", "asked",
)  # fmt: skip
"""The columns of a decision that pages show; its instant first, as kit.sql.latest wants it."""


@dataclass(frozen=True, slots=True)
class Stood:
    """A standing as it is kept, its ladder (the main one bears no name), and the decision that it came of."""

    ladder: str
    name: str
    joined_on: dt.date
    decided_at: dt.datetime
    place: tuple[Any, ...]
    last: DecisionView

    @property
    def tier(self) -> TierView:
        """The tier held, whether earned or given."""
        return published_tier(self.place[PLACE.index("tier_id")])

    @property
    def held(self) -> HeldTier:
        """That tier as held_tiers says it."""
        return HeldTier(self.tier.code, self.place[PLACE.index("until_date")])


@memory.once
def stands_of(member_id: int) -> tuple[Stood, ...]:
    """Will return where a member stands, the main ladder first; nothing for who has not joined. One query."""
    found = []
    for code, name, joined_at, decided_at, *row in sql.fetch("tiers", "stands_of", member=member_id):
        place, decided = tuple(row[: len(PLACE)]), row[len(PLACE) :]
        last = _decision(*decided[:-1], json.loads(decided[-1]))
        joined_on = clock.business_date(joined_at) if joined_at else dt.date.min
        found.append(Stood(code, "" if code == MAIN else name, joined_on, decided_at, place, last))
    return tuple(sorted(found, key=lambda one: one.ladder != MAIN))


def decisions_before(member_id: int, before: dt.datetime, limit: int) -> sql.Told[DecisionView]:
    """Will tell of what was decided of a member on the main ladder before an instant. No query of its own."""
    decisions = Decision.objects.filter(member_id=member_id, ladder__code=MAIN, at__lt=before)
    return sql.Told(decisions.order_by("-seq").values_list(*DECIDED)[:limit], _decision)


def published_tiers(ids: Iterable[int]) -> Mapping[int, TierView]:
    """Will return {id: tier} of tiers of published versions. Queries as published_tier."""
    return {tier_id: published_tier(tier_id) for tier_id in ids}


@lru_cache(maxsize=1024)
def published_tier(tier_id: int) -> TierView:
    """Will return a tier of a published version: it is frozen by the database, so it may be kept.

    Up to four queries the first time.
    """
    terms, _ = rung_of(tier_id)
    return next(tier for tier in tiers_of_version(terms.version_id) if tier.id == tier_id)


def _decision(*row: Any) -> DecisionView:
    said: dict[str, Any] = dict(zip(DECIDED, row, strict=True))
    for name in ("from_tier", "to_tier", "next_tier"):
        tier_id = said.pop(f"{name}_id")
        said[name] = None if tier_id is None else published_tier(tier_id)
    said["asked"] = tuple((metric, Decimal(need), Decimal(had)) for metric, need, had in said["asked"])
    return DecisionView(**said)
