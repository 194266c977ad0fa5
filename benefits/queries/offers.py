"""Rewards as they stand for anybody: what stock, gifts and codes allow together."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Count, Q

from benefits.models import PartnerCode, Reward
from benefits.rules.rewards import Offer, least


def offers_of(rewards: Sequence[Reward], today: dt.date) -> list[Offer]:
    """Will return rewards, read with coupon, item and pool, as the rules ask of them. One query, none without pools."""
    pools = [reward.pool_id for reward in rewards if reward.pool_id is not None]
    free = free_codes(pools, today) if pools else {}
    return [_offer(reward, free) for reward in rewards]


def free_codes(pool_ids: Sequence[int], today: dt.date) -> dict[int, int]:
    """Will return {pool id: codes that are free and have not ended} of pools that have any. One query."""
    free = PartnerCode.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), pool_id__in=pool_ids, member=None)
    return dict(free.values_list("pool_id").annotate(Count("id")))


def _offer(reward: Reward, free: dict[int, int]) -> Offer:
    left, given = reward.left, (reward.coupon, reward.item, reward.pool)
    if reward.item is not None:
        left = least(left, reward.item.left)
    if reward.pool_id is not None:
        left = least(left, free.get(reward.pool_id, 0))
    return Offer(
        prices=reward.prices,
        left=left,
        member_max=reward.member_max,
        starts_at=reward.starts_at,
        ends_at=reward.ends_at,
        is_on=reward.is_on and not any(thing is not None and thing.is_archived for thing in given),
    )
