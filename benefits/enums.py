"""Benefits' enums."""

from enum import StrEnum


class BenefitKind(StrEnum):
    """What a benefit is; each has a room of its own under kinds/."""

    COUPON = "coupon"
    COUPON_PACK = "coupon_pack"
    FREE_SHIPPING = "free_shipping"
    POINTS_MULTIPLIER = "points_multiplier"
    MEMBER_PRICE = "member_price"
    MEMBER_GOODS = "member_goods"
    EARLY_ACCESS = "early_access"
    PRIORITY_DISPATCH = "priority_dispatch"
    SERVICE = "service"
    FAST_REFUND = "fast_refund"
    BIRTHDAY_GIFT = "birthday_gift"
    MEMBER_DAY = "member_day"
    SURPRISE = "surprise"
    PARTNER = "partner"
    GIFT = "gift"
    EVENT = "event"
    TRIAL = "trial"


class Family(StrEnum):
    """How a kind works: something is issued on an occasion, used so often a period, open while held, or only shown."""

    ISSUED = "issued"
    COUNTED = "counted"
    OPEN = "open"
    SHOWN = "shown"


class Occasion(StrEnum):
    """When a benefit that is issued is issued."""

    ACTIVATION = "activation"
    UPGRADE = "upgrade"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    BIRTHDAY = "birthday"
    ANNIVERSARY = "anniversary"
    BY_HAND = "by_hand"


class Per(StrEnum):
    """The period for which a quota is: a part of the calendar, or the whole membership."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    EVER = "ever"


class CouponKind(StrEnum):
    """What a coupon takes off: an amount, a share of the goods, the shipping, or the price of one gift."""

    AMOUNT = "amount"
    PERCENT = "percent"
    FREE_SHIPPING = "free_shipping"
    GIFT = "gift"


class ValidityKind(StrEnum):
    """How the last date of a coupon is found: so many days after it was issued, or between two dates for everybody."""

    DAYS = "days"
    DATES = "dates"


class BatchState(StrEnum):
    """Where the making of a batch of codes stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class CouponState(StrEnum):
    """Where one coupon stands at an instant; worked out when read, not kept."""

    COMING = "coming"
    READY = "ready"
    HELD = "held"
    USED = "used"
    LAPSED = "lapsed"
    VOID = "void"


class CheckoutState(StrEnum):
    """Where a checkout stands: it holds coupons, points and quotas, has paid for an order, or gave them back."""

    HELD = "held"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    LAPSED = "lapsed"


class DiscountKind(StrEnum):
    """What lowered a price at a checkout."""

    MEMBER_PRICE = "member_price"
    MEMBER_DAY = "member_day"
    COUPON = "coupon"
    FREE_SHIPPING = "free_shipping"


class SavedBy(StrEnum):
    """On what basis it is said how much a use saved: the discount of an order, its shipping, or a stated value."""

    DISCOUNT = "discount"
    SHIPPING = "shipping"
    VALUE = "value"


class RewardKind(StrEnum):
    """What points are redeemed for."""

    COUPON = "coupon"
    GIFT = "gift"
    PARTNER_CODE = "partner_code"
    DRAW = "draw"


class PrizeKind(StrEnum):
    """What a draw gives."""

    COUPON = "coupon"
    GIFT = "gift"
    PARTNER_CODE = "partner_code"
    POINTS = "points"


class RedemptionState(StrEnum):
    """Where a redemption stands; what is to be sent stands in its fulfilment."""

    DONE = "done"
    CANCELLED = "cancelled"


class FulfilmentState(StrEnum):
    """Where something that is sent to a member stands."""

    NEEDS_ADDRESS = "needs_address"
    READY = "ready"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class BookingState(StrEnum):
    """Where a member's request for a service, a seat or a trial stands."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    DONE = "done"


class GoodsKind(StrEnum):
    """What members have of an article that others have not."""

    MEMBER_PRICE = "member_price"
    MEMBER_ONLY = "member_only"
    EARLY_ACCESS = "early_access"
