"""A member's benefits for the staff: what he has now, what he was given, and what can be given by hand."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from benefits import queries as benefits_queries
from benefits.queries import GivenRow, Usable
from benefits.rules.matrix import Matrix
from benefits.wording import matrix as wording
from benefits.wording.rewards import named
from benefits.wording.words import Words
from kit import clock
from membership_site import formats
from membership_site.console.pages.words import points
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording

GIVEN = 10
REDEEMED = 6


@dataclass(frozen=True)
class HavingRow:
    """A benefit that he has now, and how much is left of it."""

    name: str
    words: str
    left: str


@dataclass(frozen=True)
class GivenView:
    """Something that he was given, or uses of a period: used of how many."""

    name: str
    period: str
    used: str
    granted_at: dt.datetime
    reason: str


@dataclass(frozen=True)
class BenefitsCard:
    """The panel of the member's page; `saved` is what he saved in the calendar year."""

    saved: Decimal
    having: tuple[HavingRow, ...]
    given: tuple[GivenView, ...]


def benefits_card(member_id: int, at: dt.datetime) -> BenefitsCard:
    """Will assemble the panel. Eight queries; the tiers he holds are asked once for the page."""
    today = clock.business_date(at)
    matrix, named = benefits_queries.matrix_on(today), benefits_queries.nameable()
    words = Words(formats, named.coupons, named.items, named.pools)
    held = {one.ladder: one.held for one in tiers_queries.stands_of(member_id)}
    usable = benefits_queries.usable(member_id, at, held)
    return BenefitsCard(
        saved=benefits_queries.total_saved(member_id, today.year),
        having=tuple(_having(one, words) for one in usable),
        given=tuple(_given(row, matrix) for row in benefits_queries.given_to(member_id, GIVEN)),
    )


def _having(one: Usable, words: Words) -> HavingRow:
    return HavingRow(
        wording.benefit_name(one.benefit),
        wording.having_words(one.benefit, one.cell, one.tier, words),
        wording.left_words(one.left, one.until, formats),
    )


def _given(row: GivenRow, matrix: Matrix) -> GivenView:
    benefit = matrix.find(row.benefit)
    name = wording.benefit_name(benefit) if benefit else row.benefit
    used = "" if row.quota is None else f"{formats.num(row.used + row.held)} / {formats.num(row.quota)}"
    return GivenView(name, wording.period_words(row.period), used, row.granted_at, row.reason)


@dataclass(frozen=True)
class RewardRow:
    """A reward that he redeemed for points."""

    at: dt.datetime
    name: str
    points: str
    is_cancelled: bool


def rewards_card(member_id: int, at: dt.datetime) -> tuple[RewardRow, ...]:
    """Will list what a member has, or had, redeemed by an instant. One query."""
    rows = benefits_queries.redeemed_by(member_id, at, REDEEMED)
    return tuple(RewardRow(row.at, named(row.names, row.reward), points(row.points), row.is_cancelled) for row in rows)


def choices(at: dt.datetime) -> list[tuple[str, str]]:
    """Will return what can be given by hand: (benefit:tier, in words), a pair for each cell. Seven queries."""
    today = clock.business_date(at)
    matrix, named = benefits_queries.matrix_on(today), benefits_queries.nameable()
    ladders = benefits_queries.ladders_of(today)
    words = Words(formats, named.coupons, named.items, named.pools)
    return [
        (f"{one.code}:{tier.code}", f"{wording.benefit_name(one)} ({tiers_wording.tier_name(tier)}): {said}")
        for one in matrix.benefits
        if one.occasion is not None
        for ladder in ladders
        if ladder.code == one.ladder
        for tier in ladder.tiers
        if (said := wording.cell_words(one, tier.code, words))
    ]
