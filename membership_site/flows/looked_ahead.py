"""A member looks ahead: what comes of his tier up to a date, with and without an order. Books nothing."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from kit import clock
from points import queries as points_queries
from points.rules import earning
from tiers import queries as tiers_queries
from tiers import rules as tiers_rules

YEARS_AHEAD = 3


@dataclass(frozen=True, slots=True)
class Outlook:
    """What comes of a member on one ladder: without anything more, and with an order where one was named."""

    today: dt.date
    upto: dt.date
    stand: tiers_rules.Stand
    fall: tiers_queries.FallView | None
    nothing: tiers_queries.Future
    answer: tiers_rules.WhatIf | None
    doing: tiers_queries.Future | None
    tiers: dict[int, tiers_queries.TierView]

    @property
    def held(self) -> tiers_queries.TierView:
        """The tier held today."""
        return self.tiers[self.stand.held.tier_id]

    @property
    def shown(self) -> tiers_queries.Future:
        """What comes with the order, or without where none was named."""
        return self.doing or self.nothing

    @property
    def order(self) -> tuple[dt.date, Decimal] | None:
        """The date and the spend of the order, where one was named."""
        return (self.answer.deed.counts_on, self.answer.deed.spend) if self.answer else None


def look(
    *,
    member_id: int,
    at: dt.datetime,
    upto: dt.date | None = None,
    spend: Decimal | None = None,
    on: dt.date | None = None,
    ladder: str = tiers_queries.MAIN,
) -> Outlook:
    """Will look ahead to a date, by default to the end of what is held or a year; an order is of today by default.

    Raises tiers.queries.NoStanding, NoLadder. At most fourteen queries.
    """
    today = clock.business_date(at)
    stand = tiers_rules.caught_up(tiers_queries.stand_of(member_id, ladder), today)
    upto = upto or default_horizon(stand, today, on)
    fall = tiers_rules.foresee_fall(stand, today, tiers_queries.growth_per_unit(today))
    answer = None
    if spend is not None:
        deed = tiers_rules.order(on or today, spend, growth=growth_of(spend, on or today))
        answer = tiers_rules.what_if(stand, today, upto, deed)
    ahead = answer.nothing if answer else tiers_rules.look_ahead(stand, today, upto)
    named = [stand.held]
    if answer:
        named += [answer.rise.rung] if answer.rise else []
        named += [answer.above] if answer.above else []
        named += [fell.to for fell in (answer.fall, answer.fall_without) if fell]
    return Outlook(
        today=today,
        upto=upto,
        stand=stand,
        fall=tiers_queries.fall_view(fall) if fall else None,
        nothing=tiers_queries.future_of(stand, ahead, today),
        answer=answer,
        doing=tiers_queries.future_of(stand, answer.doing, today) if answer else None,
        tiers=tiers_queries.tier_views(named),
    )


def default_horizon(stand: tiers_rules.Stand, today: dt.date, on: dt.date | None = None) -> dt.date:
    """Will return how far to look where nobody said: past validity and grace, or a year; past the order too."""
    ends = tiers_rules.ends_on(stand)
    far = today + dt.timedelta(days=365)
    if ends and ends >= today:
        own = stand.own
        far = ends if stand.position.grace or stand.position.hold else own.grace_through(ends)
    return max(far, on or today)


def last_date(today: dt.date) -> dt.date:
    """Will return the last date that is looked ahead to."""
    return today + dt.timedelta(days=365 * YEARS_AHEAD)


def growth_of(spend: Decimal, on: dt.date) -> int:
    """Will return the growth value that an order brings, by the function that books it. One query."""
    try:
        policy = points_queries.policy_on(on)
    except points_queries.NoPolicy:
        return 0
    line = earning.LineFacts("1", spend, 1)
    return earning.plan_order(policy, earning.EarnRate(Decimal(1), ""), [line], on).growth
