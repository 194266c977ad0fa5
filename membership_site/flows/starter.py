"""The starter programme: what a fresh installation offers, loaded once and ready to be changed."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.actions import RewardTerms
from benefits.enums import BenefitKind, CouponKind, RewardKind, ValidityKind
from benefits.rules.rewards import ANY_TIER
from campaigns import actions as campaigns_actions
from messaging import actions as messaging_actions
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


def _by_language(en: str, hans: str, hant: str) -> dict[str, str]:
    return {"en": en, "zh-hans": hans, "zh-hant": hant}


COUPONS: dict[str, dict[str, Any]] = {
    "newcomer": {
        "names": _by_language("10 off from 50", "满50减10", "滿50減10"),
        "terms": {"kind": "amount", "amount": "10", "minimum": "50", "validity": {"kind": "days", "days": 7}},
    },
    "birthday": {
        "names": _by_language("20% off, up to 50", "8折，最多减50", "8折，最多減50"),
        "terms": {"kind": "percent", "percent": "20", "cap": "50", "validity": {"kind": "days", "days": 30}},
    },
    "monthly": {
        "names": _by_language("10% off, up to 30", "9折，最多减30", "9折，最多減30"),
        "terms": {"kind": "percent", "percent": "10", "cap": "30", "validity": {"kind": "days", "days": 30}},
    },
    "quarterly": {
        "names": _by_language("20% off, up to 80", "8折，最多减80", "8折，最多減80"),
        "terms": {"kind": "percent", "percent": "20", "cap": "80", "validity": {"kind": "days", "days": 90}},
    },
}

GIFT = "monthly-gift"
SILVER_UP, GOLD_UP, DIAMOND = ("silver", "gold", "diamond"), ("gold", "diamond"), ("diamond",)
EVERYBODY = ("*",)


def _row(
    code: str, kind: BenefitKind, names: dict[str, str], tiers: tuple[str, ...], cell: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {"code": code, "kind": kind.value, "names": names, "cells": dict.fromkeys(tiers, cell), **more}


MATRIX_TERMS: dict[str, Any] = {
    "benefits": [
        _row(
            "points-multiplier", BenefitKind.POINTS_MULTIPLIER,
            _by_language("Points per order", "消费积分", "消費積分"), EVERYBODY, {},
        ),
        _row(
            "newcomer-coupon", BenefitKind.COUPON, _by_language("Newcomer coupon", "新人优惠券", "新人優惠券"),
            EVERYBODY, {"coupon": "newcomer"}, occasion="activation",
        ),
        _row(
            "birthday-coupon", BenefitKind.BIRTHDAY_GIFT, _by_language("Birthday coupon", "生日优惠券", "生日優惠券"),
            EVERYBODY, {"coupon": "birthday"}, occasion="birthday", window={"before": 15, "after": 15},
        ),
        _row(
            "monthly-coupon", BenefitKind.COUPON, _by_language("Monthly coupon", "每月优惠券", "每月優惠券"),
            SILVER_UP, {"coupon": "monthly"}, occasion="monthly",
        ),
        _row(
            "quarterly-coupon", BenefitKind.COUPON, _by_language("Quarterly coupon", "每季优惠券", "每季優惠券"),
            GOLD_UP, {"coupon": "quarterly"}, occasion="quarterly",
        ),
        _row(
            "monthly-gift", BenefitKind.GIFT, _by_language("Monthly gift", "每月礼品", "每月禮品"),
            DIAMOND, {"item": GIFT}, occasion="monthly",
        ),
        _row(
            "free-shipping", BenefitKind.FREE_SHIPPING, _by_language("Free shipping", "免运费", "免運費"),
            SILVER_UP, {},
        ),
        _row(
            "member-goods", BenefitKind.MEMBER_GOODS, _by_language("Member-only goods", "会员专享商品", "會員專享商品"),
            SILVER_UP, {},
        ),
        _row(
            "priority-line", BenefitKind.SERVICE, _by_language("Priority line", "优先客服", "優先客服"),
            EVERYBODY, {},
        ),
        _row(
            "priority-dispatch", BenefitKind.PRIORITY_DISPATCH,
            _by_language("Priority dispatch", "优先发货", "優先發貨"), GOLD_UP, {},
        ),
        _row(
            "dedicated-manager", BenefitKind.SERVICE, _by_language("Dedicated manager", "专属客户经理", "專屬客戶經理"),
            GOLD_UP, {"booking": True},
        ),
        _row(
            "instant-refund", BenefitKind.FAST_REFUND, _by_language("Instant refund", "极速退款", "極速退款"),
            DIAMOND, {},
        ),
        _row(
            "early-access", BenefitKind.EARLY_ACCESS, _by_language("Early access", "新品抢先购", "新品優先購"),
            DIAMOND, {"hours": 24},
        ),
        _row(
            "events", BenefitKind.EVENT, _by_language("Event invitations", "活动邀请", "活動邀請"),
            DIAMOND, {},
        ),
    ]
}  # fmt: skip
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
    """Will publish the starter's points policy, ladder and benefits where none is published yet; True if it did."""
    points = points_actions.publish_first_policy(terms=POINTS_TERMS, effective_on=FIRST_DATE, at=at, actor=actor)
    ladder = tiers_actions.publish_first_ladder(
        tiers=TIERS, window_days=365, validity_years=1, grace_days=30, effective_on=FIRST_DATE, at=at, actor=actor
    )
    benefits = _load_benefits(at, actor)
    sending = messaging_actions.publish_first_rules(at=at, actor=actor)
    campaigns_actions.publish_first_windows(at=at, actor=actor)
    return points or ladder or benefits or sending


def _load_benefits(at: dt.datetime, actor: str) -> bool:
    for code, coupon in COUPONS.items():
        benefits_actions.publish_first_coupon(code=code, **coupon, at=at, actor=actor)
    names = _by_language("Monthly gift", "每月礼品", "每月禮品")
    benefits_actions.open_first_gift(code=GIFT, names=names, at=at, actor=actor)
    return benefits_actions.publish_first_matrix(terms=MATRIX_TERMS, effective_on=FIRST_DATE, at=at, actor=actor)
