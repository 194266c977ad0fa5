"""What nights would do and did: who would fall, who is to be warned, who moved."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, Value

from kit import sql
from tiers.enums import (
    DecisionKind,
)
from tiers.models import (
    Decision,
    FallNotice,
    HeldFall,
    Standing,
    Tier,
)
from tiers.queries.ahead import FallView, ways_of
from tiers.queries.standing import TierView, tier_view
from tiers.queries.versions import MAIN


def decided_since(date: dt.date) -> list[int]:
    """Will return the ids of those on whom anything was decided on a date or after it. One query."""
    return list(Decision.objects.filter(business_date__gte=date).values_list("member_id", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class HeldFallRow:
    """A member who would fall in a night that waits for a person, with what counted in his window."""

    member_id: int
    date: dt.date
    from_tier: TierView
    to_tier: TierView
    spend: Decimal
    orders: int
    growth: int


@dataclass(frozen=True, slots=True)
class HeldMove:
    """So many members would fall from one tier to another."""

    from_tier: TierView
    to_tier: TierView
    members: int


def held_falls(limit: int | None = None) -> list[HeldFallRow]:
    """Will return who would fall if the night that waits were approved, the largest spend first. One query."""
    rows = HeldFall.objects.select_related("from_tier", "to_tier").order_by("-spend", "member_id", "ladder_id", "date")
    return [
        HeldFallRow(
            row.member_id, row.date, tier_view(row.from_tier), tier_view(row.to_tier), row.spend, row.orders, row.growth
        )
        for row in (rows[:limit] if limit else rows)
    ]


def held_moves() -> list[HeldMove]:
    """Will count who would fall by where from and where to, the most first. Two queries."""
    counts = HeldFall.objects.order_by().values_list("from_tier_id", "to_tier_id").annotate(members=Count("member_id"))
    found = sorted(counts, key=lambda row: (-row[2], row[0], row[1]))
    tiers = {
        tier.id: tier_view(tier) for tier in Tier.objects.filter(id__in={tier for row in found for tier in row[:2]})
    }
    return [HeldMove(tiers[above], tiers[below], members) for above, below, members in found]


@dataclass(frozen=True, slots=True)
class Moves:
    """How many members came to a tier by one kind of decision in a period."""

    kind: str
    code: str
    members: int


def stand_and_moved(starts_on: dt.date, ends_on: dt.date) -> tuple[dict[str, int], list[Moves]]:
    """Will return {tier code: members who stand there} on the main ladder, and how many came to each tier by decisions
    from starts_on to ends_on, inclusive. One query.
    """
    kinds = [DecisionKind.UPGRADE, DecisionKind.DOWNGRADE]
    dated = Decision.objects.filter(business_date__gte=starts_on, business_date__lte=ends_on, kind__in=kinds)
    moved = dated.filter(ladder__code=MAIN).order_by().values("kind", code=F("to_tier__code"))
    stand = Standing.objects.filter(ladder__code=MAIN).order_by().values(kind=Value(""), code=F("tier__code"))
    rows = stand.annotate(number=Count("member_id")).union(moved.annotate(number=Count("member_id")), all=True)
    found = [Moves(row["kind"], row["code"], row["number"]) for row in rows]
    return {one.code: one.members for one in found if not one.kind}, [one for one in found if one.kind]


class DecisionOfRange(NamedTuple):
    """A decision, as far as it says which tier a member held from then on."""

    member_id: int
    at: dt.datetime
    cause: str
    tier: str
    multiplier: Decimal


def decisions_of_range(after: int, upto: int, until: dt.datetime) -> dict[int, list[DecisionOfRange]]:
    """Will return {member: decisions on the main ladder up to an instant, latest first} of a range. One query."""
    found: dict[int, list[DecisionOfRange]] = {}
    for row in sql.fetch("tiers", "decisions_of_range", after=after, upto=upto, ladder=MAIN, until=until):
        found.setdefault(row[0], []).append(DecisionOfRange._make(row))
    return found


@dataclass(frozen=True, slots=True)
class FallNoticeView:
    """A warning that is to be sent on a date."""

    member_id: int
    days_before: int
    fall: FallView


def fall_notices_due(date: dt.date) -> list[FallNoticeView]:
    """Will return the warnings to send on a date, by member, but for falls that were averted meanwhile. One query."""
    standing = Standing.objects.filter(member_id=OuterRef("member_id"), ladder_id=OuterRef("ladder_id"))
    still = standing.filter(tier_id=OuterRef("tier_id")).filter(
        Q(grace_date=None, until_date=OuterRef("ends_on")) | Q(grace_date=OuterRef("ends_on"))
    )
    rows = FallNotice.objects.filter(Exists(still), due_on=date).select_related("tier", "to_tier")
    return [
        FallNoticeView(
            row.member_id,
            row.days_before,
            FallView(tier_view(row.tier), tier_view(row.to_tier), row.ends_on, row.falls_on, ways_of(row.ways)),
        )
        for row in rows.order_by("member_id", "ladder_id", "ends_on")
    ]
