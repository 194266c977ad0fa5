"""What a member can redeem, and what he has redeemed."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from benefits.enums import FulfilmentState, RedemptionState, RewardKind
from benefits.models import Fulfilment, Redemption, Reward, Taken
from benefits.queries.offers import offers_of, prizes_of
from benefits.rules import lottery
from benefits.rules.fulfilment import NOT_SENT
from benefits.rules.lottery import Odds, Prize
from benefits.rules.rewards import Offer, Purse, Refusal, cancels_until, fault_of, price_for
from kit import clock
from members import queries as members_queries
from points import queries as points_queries
from tiers import queries as tiers_queries


@dataclass(frozen=True, slots=True)
class PrizeView:
    """A prize of a draw: its share of the chances as they stand, and how many are left (None: any number)."""

    names: dict[str, str]
    chance: Decimal
    left: int | None
    is_gone: bool
    is_rest: bool


@dataclass(frozen=True, slots=True)
class RewardView:
    """A reward as one member sees it; `price` is None where it is not for his tier, `refusal` why not now.

    `chance_of_nothing` is None but for draws.
    """

    code: str
    kind: str
    names: dict[str, str]
    says: dict[str, str]
    how: dict[str, str]
    icon: str
    price: int | None
    left: int | None
    member_max: int | None
    times: int
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    cancel_days: int
    tiers: tuple[str, ...]
    prizes: tuple[PrizeView, ...]
    chance_of_nothing: Decimal | None
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a member may look at, and what he has to pay with."""

    spendable: int
    debt: int
    tier: str
    rewards: tuple[RewardView, ...]


@dataclass(frozen=True, slots=True)
class RedemptionView:
    """A redemption with what came of it.

    `partner_code` is empty until the member has read it; `cancels_until` is None where he cannot give it back himself
    now; `prize` names what a draw gave, empty for nothing.
    """

    id: uuid.UUID
    member_id: int
    reward: str
    kind: str
    names: dict[str, str]
    icon: str
    how: dict[str, str]
    points: int
    state: str
    redeemed_at: dt.datetime
    cancelled_at: dt.datetime | None
    coupon: str
    coupon_ends_at: dt.datetime | None
    coupon_used: bool
    partner_code_id: int | None
    partner_code: str
    code_ends_on: dt.date | None
    drawn: dict[str, Any] | None
    prize: dict[str, str]
    prize_points: int
    fulfilment_id: int | None
    fulfilment: str
    address_until: dt.datetime | None
    carrier: str
    tracking: str
    cancels_until: dt.date | None


def catalogue(member_id: int, at: dt.datetime) -> Catalogue:
    """Will return the rewards that a member may look at: on, not over, for his tier or another.

    Six to nine queries, and up to four where there are draws, however many rewards there are.
    """
    return _catalogue(member_id, at, Reward.objects.all())


def find_reward(member_id: int, code: str, at: dt.datetime) -> tuple[Catalogue, RewardView] | None:
    """Will return a reward that a member may look at, and what he has to pay with; None for others.

    Six to nine queries, and up to four where it is a draw.
    """
    found = _catalogue(member_id, at, Reward.objects.filter(code=code))
    return (found, found.rewards[0]) if found.rewards else None


def _catalogue(member_id: int, at: dt.datetime, wanted: Any) -> Catalogue:
    today = clock.business_date(at)
    shown = wanted.filter(Q(ends_at=None) | Q(ends_at__gt=at), is_on=True)
    rows = list(shown.select_related("coupon", "item", "pool").order_by("position", "id"))
    balance = points_queries.get_balance(member_id, at)
    tier = tiers_queries.tier_before(member_id, at, "").code
    times = dict(Taken.objects.filter(member_id=member_id).values_list("reward_id", "times"))
    draws = prizes_of(rows, today)
    spendable = 0 if balance.debt else balance.available
    views = []
    for row, offer in zip(rows, offers_of(rows, today), strict=True):
        if offer.is_on:
            purse = Purse(tier, spendable, balance.debt, times.get(row.id, 0))
            views.append(_view(row, offer, purse, draws.get(row.id), at))
    return Catalogue(spendable, balance.debt, tier, tuple(views))


def _view(
    row: Reward, offer: Offer, purse: Purse, draw: tuple[tuple[Prize, ...], Odds] | None, at: dt.datetime
) -> RewardView:
    prizes, odds = draw or ((), None)
    return RewardView(
        code=row.code,
        kind=row.kind,
        names=row.names,
        says=row.says,
        how=row.pool.instructions if row.pool else {},
        icon=row.icon,
        price=price_for(offer.prices, purse.tier),
        left=offer.left,
        member_max=row.member_max,
        times=purse.times,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        cancel_days=row.cancel_days,
        tiers=tuple(offer.prices),
        prizes=tuple(
            PrizeView(
                dict(prize.names), lottery.share(odds.prizes[place]), prize.left, place in odds.gone, prize.is_rest
            )
            for place, prize in enumerate(prizes)
        )
        if odds
        else (),
        chance_of_nothing=lottery.share(odds.nothing) if odds else None,
        refusal=fault_of(offer, purse, at),
    )


def redemptions_of(member_id: int, at: dt.datetime, *, limit: int = 50) -> list[RedemptionView]:
    """Will return what a member, and who was merged into him, has redeemed, latest first. Two queries."""
    mine = Redemption.objects.filter(members_queries.of_whole(member_id))
    return _redemptions(mine, member_id, at, limit)


def find_redemption(member_id: int, redemption_id: uuid.UUID, at: dt.datetime) -> RedemptionView | None:
    """Will return a redemption of a member's own or of one merged into him, or None. Two queries."""
    mine = Redemption.objects.filter(members_queries.of_whole(member_id), id=redemption_id)
    return next(iter(_redemptions(mine, member_id, at, 1)), None)


def _redemptions(rows: Any, member_id: int, at: dt.datetime, limit: int) -> list[RedemptionView]:
    found: Sequence[Redemption] = list(
        rows.select_related("reward", "reward__pool", "coupon", "partner_code", "partner_code__pool").order_by(
            "-redeemed_at", "id"
        )[:limit]
    )
    owners = {row.member_id for row in found} | {member_id}
    sent = Fulfilment.objects.filter(member_id__in=owners, redemption_id__in=[row.id for row in found])
    by_redemption = {one.redemption_id: one for one in sent}
    return [_redemption(row, by_redemption.get(row.id), clock.business_date(at)) for row in found]


def _redemption(row: Redemption, sent: Fulfilment | None, today: dt.date) -> RedemptionView:
    coupon, code = row.coupon, row.partner_code
    prize = _prize_of(row)
    return RedemptionView(
        id=row.id,
        member_id=row.member_id,
        reward=row.reward.code,
        kind=row.reward.kind,
        names=row.reward.names,
        icon=row.reward.icon,
        how=code.pool.instructions if code else {},
        points=row.points,
        state=row.state,
        redeemed_at=row.redeemed_at,
        cancelled_at=row.cancelled_at,
        coupon=coupon.code if coupon else "",
        coupon_ends_at=coupon.ends_at if coupon else None,
        coupon_used=bool(coupon and coupon.used),
        partner_code_id=code.id if code else None,
        partner_code=code.code if code and code.revealed_at else "",
        code_ends_on=code.ends_on if code else None,
        drawn=row.drawn,
        prize=prize.get("names", {}),
        prize_points=prize.get("points", 0),
        fulfilment_id=sent.id if sent else None,
        fulfilment=sent.state if sent else "",
        address_until=sent.address_until if sent and sent.state == FulfilmentState.NEEDS_ADDRESS else None,
        carrier=sent.carrier if sent else "",
        tracking=sent.tracking if sent else "",
        cancels_until=_cancels_until(row, sent, today),
    )


def _prize_of(row: Redemption) -> dict[str, Any]:
    if not row.drawn or row.drawn["place"] is None:
        return {}
    prize: dict[str, Any] = row.drawn["prizes"][row.drawn["place"]]
    return prize


def _cancels_until(row: Redemption, sent: Fulfilment | None, today: dt.date) -> dt.date | None:
    """The last date on which the member may take it back; None where that is over or something of it was used."""
    until = cancels_until(clock.business_date(row.redeemed_at), row.reward.cancel_days)
    if until is None or today > until or row.state != RedemptionState.DONE or row.reward.kind == RewardKind.DRAW:
        return None
    is_used = bool(row.coupon and (row.coupon.used or row.coupon.held))
    is_read = bool(row.partner_code and row.partner_code.revealed_at)
    is_sent = sent is not None and FulfilmentState(sent.state) not in NOT_SENT
    return None if is_used or is_read or is_sent else until
