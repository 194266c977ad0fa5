"""The starter programme: what a fresh installation offers, loaded once and ready to be changed."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

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


@transaction.atomic
def load(*, at: dt.datetime, actor: str) -> bool:
    """Will publish the starter's points policy and ladder where nothing is published yet; True if it did."""
    points = points_actions.publish_first_policy(terms=POINTS_TERMS, effective_on=FIRST_DATE, at=at, actor=actor)
    ladder = tiers_actions.publish_first_ladder(
        tiers=TIERS, window_days=365, validity_years=1, grace_days=30, effective_on=FIRST_DATE, at=at, actor=actor
    )
    return points or ladder
