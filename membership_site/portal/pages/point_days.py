"""Days on which orders earn more, as members read them: today's, or those that come next."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from campaigns import queries as campaigns_queries
from campaigns import wording as campaigns_wording
from campaigns.queries import PointDay
from kit import clock
from membership_site import formats
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording

DAYS_AHEAD = 45
"""A point day that is farther off is not told of yet."""


@dataclass(frozen=True)
class PointDaysCard:
    """What holds today, or comes next: in a sentence, with the name that the shop gave it."""

    is_today: bool
    name: str
    words: str


def point_days_cards(at: dt.datetime) -> tuple[PointDaysCard, ...]:
    """Will say what orders of today earn more, or where that is nothing, those of the next point day.

    One query, and two where one is from a tier on.
    """
    today = clock.business_date(at)
    last = today + dt.timedelta(days=DAYS_AHEAD)
    found = campaigns_queries.point_days_between(campaigns_queries.point_days(), today, last)
    next_ones = [day for day in found if day.date == found[0].date]
    tiers = _tiers(today) if any(day.tier for day in next_ones) else {}
    return tuple(_card(day, today, tiers) for day in next_ones)


def _tiers(today: dt.date) -> Mapping[str, str]:
    try:
        return {tier.code: tiers_wording.tier_name(tier) for tier in tiers_queries.tiers_of_ladder(today)}
    except tiers_queries.NoLadder:
        return {}


def _card(day: PointDay, today: dt.date, tiers: Mapping[str, str]) -> PointDaysCard:
    is_today = day.date == today
    facts = {
        "times": campaigns_wording.times_words(day.multiplier, formats),
        "date": formats.cal(day.date),
        "tier": tiers.get(day.tier, day.tier),
    }
    if day.tier:
        words = (
            _("From %(tier)s up, orders placed today earn %(times)s points.")
            if is_today
            else _("From %(tier)s up, orders placed on %(date)s earn %(times)s points.")
        )
    elif is_today:
        words = _("Orders placed today earn %(times)s points.")
    else:
        words = _("Orders placed on %(date)s earn %(times)s points.")
    return PointDaysCard(is_today, campaigns_wording.name_in(day.names), words % facts)
