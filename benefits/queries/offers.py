"""Rewards as they stand for anybody: what stock, gifts and codes allow together, and the odds of draws."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count, Q

from benefits.enums import PrizeKind, RewardKind
from benefits.models import CouponDefinition, GiftItem, PartnerCode, Pool, Reward
from benefits.rules import lottery
from benefits.rules.lottery import Odds, Prize
from benefits.rules.rewards import Offer, least


def offers_of(rewards: Sequence[Reward], today: dt.date) -> list[Offer]:
    """Will return rewards, read with coupon, item and pool, as the rules ask of them. One query, none without pools."""
    pools = [reward.pool_id for reward in rewards if reward.pool_id is not None]
    free = free_codes(pools, today) if pools else {}
    return [_offer(reward, free) for reward in rewards]


def free_codes(pool_ids: Iterable[int], today: dt.date) -> dict[int, int]:
    """Will return {pool id: codes that are free and have not ended} of pools that have any. One query."""
    free = PartnerCode.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), pool_id__in=pool_ids, member=None)
    return dict(free.values_list("pool_id").annotate(Count("id")))


def prizes_of(rewards: Sequence[Reward], today: dt.date) -> dict[int, tuple[tuple[Prize, ...], Odds]]:
    """Will return {reward id: its prizes and the odds as they stand} of the draws among rewards.

    Up to four queries, one for each kind of prize and the codes; none without draws.
    """
    draws = {one.id: lottery.prizes_from(one.prizes) for one in rewards if one.kind == RewardKind.DRAW}
    wanted: dict[PrizeKind, set[str]] = {kind: set() for kind in PrizeKind}
    for prizes in draws.values():
        for prize in prizes:
            wanted[prize.kind].add(prize.gives)
    there = _there(wanted, today)
    return {one: (prizes, lottery.odds(prizes, _gone(prizes, there))) for one, prizes in draws.items()}


def _there(wanted: Mapping[PrizeKind, set[str]], today: dt.date) -> dict[PrizeKind, set[str]]:
    """Will return which of the things that prizes name can be given now."""
    there: dict[PrizeKind, set[str]] = {kind: set() for kind in PrizeKind} | {PrizeKind.POINTS: {""}}
    if codes := wanted[PrizeKind.GIFT]:
        items = GiftItem.objects.filter(Q(left=None) | Q(left__gt=0), code__in=codes, is_archived=False)
        there[PrizeKind.GIFT] = set(items.values_list("code", flat=True))
    if codes := wanted[PrizeKind.COUPON]:
        coupons = CouponDefinition.objects.filter(code__in=codes, is_archived=False)
        there[PrizeKind.COUPON] = set(coupons.values_list("code", flat=True))
    if codes := wanted[PrizeKind.PARTNER_CODE]:
        pools = dict(Pool.objects.filter(code__in=codes, is_archived=False).values_list("id", "code"))
        there[PrizeKind.PARTNER_CODE] = {pools[pool_id] for pool_id in free_codes(pools, today)}
    return there


def _gone(prizes: Sequence[Prize], there: Mapping[PrizeKind, set[str]]) -> frozenset[int]:
    missing = (place for place, prize in enumerate(prizes) if prize.gives not in there[prize.kind])
    return lottery.emptied(prizes) | frozenset(missing)


def _offer(reward: Reward, free: Mapping[int, int]) -> Offer:
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
