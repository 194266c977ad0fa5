"""Benefits' tables."""

from benefits.models.checkouts import BenefitUse, Checkout, Taking
from benefits.models.coupons import Coupon, CouponBatch, CouponCount, CouponDefinition, CouponTerms, MemberCount
from benefits.models.goods import MemberGoods
from benefits.models.matrix import BenefitVersion, Booking, Draw, Entitlement
from benefits.models.rewards import Fulfilment, FulfilmentStep, GiftItem, PartnerCode, Pool, Redemption, Reward, Taken

__all__ = [
    "BenefitUse",
    "BenefitVersion",
    "Booking",
    "Checkout",
    "Coupon",
    "CouponBatch",
    "CouponCount",
    "CouponDefinition",
    "CouponTerms",
    "Draw",
    "Entitlement",
    "Fulfilment",
    "FulfilmentStep",
    "GiftItem",
    "MemberCount",
    "MemberGoods",
    "PartnerCode",
    "Pool",
    "Redemption",
    "Reward",
    "Taken",
    "Taking",
]
