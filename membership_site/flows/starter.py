"""The starter programme: what a fresh installation offers, loaded once and ready to be changed."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.actions import RewardTerms
from benefits.enums import CouponKind, RewardKind, ValidityKind
from benefits.rules.rewards import ANY_TIER
from points import actions as points_actions
from tiers import actions as tiers_actions

FIRST_DATE = dt.date(1970, 1, 1)
"""The starter is in force for every order a shop may bring along."""

POINTS_TERMS: dict[str, Any] = {
    "points_per_unit": "1",
    "growth_per_unit": "1",
    "return_window_days": 7,
    "expiry": {"kind": "end_of_month", "count": 12},
    "refund": "full",
    "sign_up_points": 100,
    "events": {
        "check_in": {"streak": [5, 5, 10, 10, 15, 15, 50], "growth": 2, "day_max": 1},
        "review": {"points": 20, "points_with_photo": 50, "growth": 10},
        "share": {"points": 5, "growth": 5, "day_max": 3},
        "profile_completed": {"points": 50, "once": True},
        "survey": {"points": 30},
        "referral": {"points": 200},
    },
    "redemption": {"points_per_unit": 100, "points_min": 100, "share_max": "0.5"},
}

TIERS: list[dict[str, Any]] = [
    {
        "code": "member",
        "names": {"en": "Member", "zh-hans": "普通会员", "zh-hant": "普通會員"},
        "look": "bronze",
        "icon": "leaf",
        "multiplier": 1,
    },
    {
        "code": "silver",
        "names": {"en": "Silver", "zh-hans": "银卡", "zh-hant": "銀卡"},
        "look": "silver",
        "icon": "medal",
        "multiplier": 2,
        "thresholds": (Decimal(1000), 5, 1000),
    },
    {
        "code": "gold",
        "names": {"en": "Gold", "zh-hans": "金卡", "zh-hant": "金卡"},
        "look": "gold",
        "icon": "crown",
        "multiplier": 3,
        "thresholds": (Decimal(5000), 20, 5000),
    },
    {
        "code": "diamond",
        "names": {"en": "Diamond", "zh-hans": "钻石卡", "zh-hant": "鑽石卡"},
        "look": "diamond",
        "icon": "gem",
        "multiplier": 4,
        "thresholds": (Decimal(15000), None, 15000),
    },
]


REWARDS: tuple[tuple[str, int, int], ...] = (("reward-10", 10, 1000), ("reward-50", 50, 4500))
"""Coupons that points buy: their code, what they take off, and how many points they cost; the more, the cheaper."""

REWARD_DAYS = 60
REWARD_CANCEL_DAYS = 7


@transaction.atomic
def offer_rewards(*, at: dt.datetime, actor: str) -> bool:
    """Will offer coupons for points where there are none of these yet; True if it did.

    Each takes its amount off an order of twice as much or more, within sixty days of being redeemed.
    """
    known = {row.code for row in benefits_queries.list_rewards(at)}
    for code, amount, price in REWARDS:
        if code in known:
            continue
        names = {
            "en": f"{amount} off from {amount * 2}",
            "zh-hans": f"满{amount * 2}减{amount}",
            "zh-hant": f"滿{amount * 2}減{amount}",
        }
        terms = {
            "kind": CouponKind.AMOUNT.value,
            "amount": str(amount),
            "minimum": str(amount * 2),
            "validity": {"kind": ValidityKind.DAYS.value, "days": REWARD_DAYS},
        }
        benefits_actions.publish_first_coupon(code=code, names=names, terms=terms, at=at, actor=actor)
        reward = RewardTerms(
            kind=RewardKind.COUPON,
            names=names,
            says={},
            icon="ticket",
            prices={ANY_TIER: price},
            gives=code,
            cancel_days=REWARD_CANCEL_DAYS,
        )
        benefits_actions.save_reward(code=code, terms=reward, revision=None, at=at, actor=actor)
    return not known.issuperset(code for code, _amount, _price in REWARDS)


@transaction.atomic
def load(*, at: dt.datetime, actor: str) -> bool:
    """Will publish the starter's points policy and ladder where nothing is published yet; True if it did."""
    points = points_actions.publish_first_policy(terms=POINTS_TERMS, effective_on=FIRST_DATE, at=at, actor=actor)
    ladder = tiers_actions.publish_first_ladder(
        tiers=TIERS, window_days=365, validity_years=1, grace_days=30, effective_on=FIRST_DATE, at=at, actor=actor
    )
    return points or ladder
