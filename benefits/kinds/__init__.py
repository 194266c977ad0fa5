"""Benefits' kinds: each a small room of rules and wording. A new one is a neighbour copied and a line of KINDS."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benefits.enums import BenefitKind
from benefits.kinds.birthday_gift import rules as birthday_gift
from benefits.kinds.birthday_gift import wording as birthday_gift_wording
from benefits.kinds.coupon import rules as coupon
from benefits.kinds.coupon import wording as coupon_wording
from benefits.kinds.coupon_pack import rules as coupon_pack
from benefits.kinds.coupon_pack import wording as coupon_pack_wording
from benefits.kinds.early_access import rules as early_access
from benefits.kinds.early_access import wording as early_access_wording
from benefits.kinds.event import rules as event
from benefits.kinds.event import wording as event_wording
from benefits.kinds.fast_refund import rules as fast_refund
from benefits.kinds.fast_refund import wording as fast_refund_wording
from benefits.kinds.free_shipping import rules as free_shipping
from benefits.kinds.free_shipping import wording as free_shipping_wording
from benefits.kinds.gift import rules as gift
from benefits.kinds.gift import wording as gift_wording
from benefits.kinds.member_day import rules as member_day
from benefits.kinds.member_day import wording as member_day_wording
from benefits.kinds.member_goods import rules as member_goods
from benefits.kinds.member_goods import wording as member_goods_wording
from benefits.kinds.member_price import rules as member_price
from benefits.kinds.member_price import wording as member_price_wording
from benefits.kinds.partner import rules as partner
from benefits.kinds.partner import wording as partner_wording
from benefits.kinds.points_multiplier import rules as points_multiplier
from benefits.kinds.points_multiplier import wording as points_multiplier_wording
from benefits.kinds.priority_dispatch import rules as priority_dispatch
from benefits.kinds.priority_dispatch import wording as priority_dispatch_wording
from benefits.kinds.service import rules as service
from benefits.kinds.service import wording as service_wording
from benefits.kinds.surprise import rules as surprise
from benefits.kinds.surprise import wording as surprise_wording
from benefits.kinds.trial import rules as trial
from benefits.kinds.trial import wording as trial_wording
from benefits.rules.cells import KindRules
from benefits.wording.words import Words


@dataclass(frozen=True)
class Kind:
    """A kind: its rules, what it is called, and what a cell of it says to members of a tier."""

    rules: KindRules
    name: Callable[[], str]
    says: Callable[[Any, Words, str], str]


KINDS: dict[BenefitKind, Kind] = {
    BenefitKind.COUPON: Kind(coupon.RULES, coupon_wording.name, coupon_wording.says),
    BenefitKind.COUPON_PACK: Kind(coupon_pack.RULES, coupon_pack_wording.name, coupon_pack_wording.says),
    BenefitKind.BIRTHDAY_GIFT: Kind(birthday_gift.RULES, birthday_gift_wording.name, birthday_gift_wording.says),
    BenefitKind.GIFT: Kind(gift.RULES, gift_wording.name, gift_wording.says),
    BenefitKind.PARTNER: Kind(partner.RULES, partner_wording.name, partner_wording.says),
    BenefitKind.SURPRISE: Kind(surprise.RULES, surprise_wording.name, surprise_wording.says),
    BenefitKind.TRIAL: Kind(trial.RULES, trial_wording.name, trial_wording.says),
    BenefitKind.FREE_SHIPPING: Kind(free_shipping.RULES, free_shipping_wording.name, free_shipping_wording.says),
    BenefitKind.SERVICE: Kind(service.RULES, service_wording.name, service_wording.says),
    BenefitKind.EVENT: Kind(event.RULES, event_wording.name, event_wording.says),
    BenefitKind.MEMBER_PRICE: Kind(member_price.RULES, member_price_wording.name, member_price_wording.says),
    BenefitKind.MEMBER_GOODS: Kind(member_goods.RULES, member_goods_wording.name, member_goods_wording.says),
    BenefitKind.PRIORITY_DISPATCH: Kind(
        priority_dispatch.RULES, priority_dispatch_wording.name, priority_dispatch_wording.says
    ),
    BenefitKind.FAST_REFUND: Kind(fast_refund.RULES, fast_refund_wording.name, fast_refund_wording.says),
    BenefitKind.EARLY_ACCESS: Kind(early_access.RULES, early_access_wording.name, early_access_wording.says),
    BenefitKind.MEMBER_DAY: Kind(member_day.RULES, member_day_wording.name, member_day_wording.says),
    BenefitKind.POINTS_MULTIPLIER: Kind(
        points_multiplier.RULES, points_multiplier_wording.name, points_multiplier_wording.says
    ),
}

RULES: dict[BenefitKind, KindRules] = {kind: one.rules for kind, one in KINDS.items()}
