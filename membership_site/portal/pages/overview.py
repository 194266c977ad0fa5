"""The overview: tier card, points card, rewards in reach, last entries, coupons."""

import datetime as dt
from dataclasses import dataclass

from members import queries as members_queries
from members.queries import MemberKey
from membership_site.portal.pages.balance import PointsCard, points_card
from membership_site.portal.pages.checkin import CheckIn, check_in
from membership_site.portal.pages.coupons import CouponsCard, coupons_card
from membership_site.portal.pages.point_days import PointDaysCard, point_days_cards
from membership_site.portal.pages.rewards import Tile, rewards_in_reach
from membership_site.portal.pages.saved import SavedCard, saved_card
from membership_site.portal.pages.standing import TierCard, tier_card
from membership_site.portal.pages.statement import Entry, latest_entries
from tiers.queries import NoStanding


@dataclass(frozen=True)
class Overview:
    """What the first page shows; `tier` is missing for a member who has not joined yet."""

    name: str
    number: str
    joined_at: dt.datetime | None
    tier: TierCard | None
    points: PointsCard
    entries: tuple[Entry, ...]
    check_in: CheckIn | None
    saved: SavedCard | None
    point_days: tuple[PointDaysCard, ...]
    rewards: tuple[Tile, ...]
    coupons: CouponsCard | None


def overview(key: MemberKey, at: dt.datetime) -> Overview:
    """Will assemble the overview at an instant. At most 41 queries, however much there is to show."""
    names = members_queries.names_of([key.id])
    try:
        tier = tier_card(key.id, at)
    except NoStanding:
        tier = None
    return Overview(
        name=names[key.id][1],
        number=key.number,
        joined_at=key.joined_at,
        tier=tier,
        points=points_card(key.id, at),
        entries=latest_entries(key.id, at),
        check_in=check_in(key.id, at) if key.joined_at else None,
        saved=saved_card(key.id, at),
        point_days=point_days_cards(at),
        rewards=rewards_in_reach(key.id, at),
        coupons=coupons_card(key.id, at),
    )
