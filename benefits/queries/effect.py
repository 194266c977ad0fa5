"""What benefits, coupons and rewards saved a member, and what they bring and cost the shop."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from benefits.enums import SavedBy
from benefits.models import BenefitUse
from benefits.queries.matrix import matrix_on
from benefits.rules.effect import Effect, Group, SavedRow, Used, effect_of
from benefits.rules.matrix import Benefit
from kit import clock, sql
from tiers.queries import MAIN

DAY = dt.timedelta(days=1)
LATEST = 10


@dataclass(frozen=True, slots=True)
class SavedUse:
    """One use, or what came back of one, which saved less than nought; `order_key` where it was of an order."""

    used_on: dt.date
    what: SavedRow
    order_key: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What a member saved in a year, by what, and the latest uses; `years` are those of any use, latest first."""

    year: int
    years: tuple[int, ...]
    rows: tuple[SavedRow, ...]
    latest: tuple[SavedUse, ...]

    @property
    def total(self) -> Decimal:
        """All of it: the sum of the rows."""
        return sum((row.saved for row in self.rows), Decimal(0))


def saved_by_member(member_id: int, year: int) -> Saved:
    """Will return what a member saved in a calendar year of the programme. Two queries."""
    rows = sql.fetch("benefits", "saved_by_year", member=member_id)
    starts_on, ends_on = dt.date(year, 1, 1), dt.date(year, 12, 31)
    latest = sql.fetch("benefits", "latest_saved", member=member_id, starts_on=starts_on, ends_on=ends_on, most=LATEST)
    return Saved(
        year=year,
        years=tuple(dict.fromkeys(row[0] for row in rows)),
        rows=tuple(_saved_row(*row) for of_year, *row in rows if of_year == year),
        latest=tuple(SavedUse(used_on, _saved_row(*row), order_key) for used_on, *row, order_key in latest),
    )


def _saved_row(kind: str, benefit: str, coupon: str, names: str, saved_by: str, uses: int, saved: Decimal) -> SavedRow:
    return SavedRow(kind, benefit, coupon, json.loads(names), SavedBy(saved_by), uses, saved)


def total_saved(member_id: int, year: int) -> Decimal:
    """Will return what a member saved in a calendar year of the programme, as saved_by_member adds it up. One query."""
    mine = BenefitUse.objects.filter(member_id=member_id, used_on__range=(dt.date(year, 1, 1), dt.date(year, 12, 31)))
    return mine.aggregate(total=Sum("saved"))["total"] or Decimal(0)


# ---- for the shop


@dataclass(frozen=True, slots=True)
class BenefitEffect:
    """What became of a benefit of the matrix."""

    benefit: Benefit
    effect: Effect


@dataclass(frozen=True, slots=True)
class CouponEffect:
    """What became of a coupon; those who were issued one in the period are who may use it."""

    code: str
    names: Mapping[str, str]
    effect: Effect


@dataclass(frozen=True, slots=True)
class TierCost:
    """What benefits, coupons and rewards came to by those who held a tier, beside those who stand on it now."""

    tier: str
    times: int
    saved: Decimal
    cost: Decimal
    members: Group


@dataclass(frozen=True, slots=True)
class Effects:
    """What benefits and coupons brought in a period, and what they cost by tier of the main ladder."""

    benefits: tuple[BenefitEffect, ...]
    coupons: tuple[CouponEffect, ...]
    tiers: tuple[TierCost, ...]


def effects(starts_on: dt.date, ends_on: dt.date) -> Effects:
    """Will return what the benefits of the matrix in force at a period's end brought in it, both dates inclusive.

    Who may use them are those who stand on the tiers now. Six queries, seven at first.
    """
    dates = {"starts_on": starts_on, "ends_on": ends_on}
    instants = {"since": clock.day_start(starts_on), "until": clock.day_start(ends_on + DAY)}
    matrix = matrix_on(ends_on)
    standing: dict[str, dict[str, Group]] = {}
    for ladder, tier, *group in sql.fetch("benefits", "effect_of_tiers", **dates):
        standing.setdefault(ladder, {})[tier] = Group(*group)
    asked = {one.code: one.ladder for one in matrix.benefits}
    used: dict[str, list[Used]] = {code: [] for code in asked}
    by_benefit = sql.fetch(
        "benefits", "effect_of_benefits", benefits=list(asked), ladders=list(asked.values()), **dates
    )
    for code, tier, times, saved, cost, *group in by_benefit:
        used[code].append(Used(tier, times, saved, cost, Group(*group)))
    given = {code: (held, seen) for code, held, seen in sql.fetch("benefits", "given_and_seen", **instants)}
    return Effects(
        benefits=tuple(
            BenefitEffect(one, effect_of(one, standing.get(one.ladder, {}), used[one.code], given.get(one.code)))
            for one in matrix.benefits
        ),
        coupons=tuple(_coupon(*row) for row in sql.fetch("benefits", "effect_of_coupons", **dates, **instants)),
        tiers=_tiers(standing.get(MAIN, {}), sql.fetch("benefits", "cost_by_tier", **dates)),
    )


def _coupon(code: str, names: str, times: int, saved: Decimal, cost: Decimal, users: int, *groups: Any) -> CouponEffect:
    effect = Effect(Group(*groups[:3]), Group(*groups[3:]), users, times, saved, cost)
    return CouponEffect(code, json.loads(names), effect)


def _tiers(standing: Mapping[str, Group], costs: Sequence[tuple[Any, ...]]) -> tuple[TierCost, ...]:
    known = {tier: (times, saved, cost) for tier, times, saved, cost in costs}
    nothing = (0, Decimal(0), Decimal(0))
    return tuple(
        TierCost(code, *known.get(code, nothing), members=standing.get(code, Group()))
        for code in dict.fromkeys((*standing, *known))
    )
