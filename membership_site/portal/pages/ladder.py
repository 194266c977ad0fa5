"""The tiers side by side: what each asks for and what it earns."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from kit import clock
from membership_site import formats
from membership_site.portal.pages.standing import TierBadge, TierCard, amount, badge, tier_card
from points import queries as points_queries
from tiers import queries as tiers_queries
from tiers.rules import Requirement


@dataclass(frozen=True)
class Column:
    """One tier of the comparison."""

    tier: TierBadge
    own: bool
    reach: str
    keep: str
    points: Decimal
    one_point: bool


@dataclass(frozen=True)
class Ladder:
    """The tiers, lowest first, and the rules they share."""

    card: TierCard | None
    columns: tuple[Column, ...]
    window_days: int
    validity_years: int
    grace_days: int
    same_to_keep: bool
    unit: str


def ladder(member_id: int, at: dt.datetime) -> Ladder:
    """Will assemble the comparison at an instant. At most thirteen queries."""
    today = clock.business_date(at)
    terms = tiers_queries.terms_on(today)
    views = tiers_queries.tiers_of_ladder(today)
    try:
        card = tier_card(member_id, at)
    except tiers_queries.NoStanding:
        card = None
    per_unit = points_queries.policy_on(today).points_per_unit
    by_rank = {rung.rank: rung for rung in terms.rungs}
    columns = []
    for view in views:
        tier = badge(view)
        columns.append(
            Column(
                tier=tier,
                own=card is not None and card.tier == tier,
                reach=_ways(by_rank[view.rank].reach),
                keep=_ways(by_rank[view.rank].keep),
                points=view.multiplier * per_unit,
                one_point=view.multiplier * per_unit == 1,
            )
        )
    return Ladder(
        card=card,
        columns=tuple(columns),
        window_days=terms.window_days,
        validity_years=terms.validity_years,
        grace_days=terms.grace_days,
        same_to_keep=all(rung.keep == rung.reach for rung in terms.rungs),
        unit=formats.money0(1),
    )


def _ways(asked: Requirement) -> str:
    """Will say what is asked for: CN¥1,000, 5 orders or 1,000 growth value; nothing where nothing is."""
    ways = (("spend", asked.spend), ("orders", asked.orders), ("growth", asked.growth))
    return formats.listing([amount(metric, Decimal(need)) for metric, need in ways if need is not None], either=True)
