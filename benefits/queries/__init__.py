"""What others may ask of benefits."""

from benefits.queries.checkouts import (
    CheckoutView,
    DiscountBack,
    checkout_id,
    find_checkout,
    find_checkout_of_order,
    lapsed_checkouts,
    lapsed_of_member,
    returned_with,
)
from benefits.queries.coupons import (
    BatchView,
    CouponUse,
    CouponView,
    DefinitionView,
    TermsView,
    codes_of_batch,
    coupons_to_give,
    find_batch,
    find_by_code,
    find_coupon,
    find_definition,
    list_batches,
    list_definitions,
    uses_of_coupon,
)
from benefits.queries.entitlements import (
    CheckoutBenefits,
    usable_at_checkout,
)
from benefits.queries.fulfilments import (
    FulfilmentRow,
    find_fulfilment,
    fulfilments_of,
)
from benefits.queries.guessing import (
    TooManyGuesses,
    admit_guesses,
    forgive_guesses,
)
from benefits.queries.matrix import (
    matrix_on,
)
from benefits.queries.rewards import (
    Catalogue,
    PrizeView,
    RedemptionView,
    RewardView,
    catalogue,
    find_redemption,
    find_reward,
    redemptions_of,
)
from benefits.queries.wallet import (
    Candidate,
    Wallet,
    candidates_of,
    wallet_of,
)

__all__ = [
    "BatchView",
    "Candidate",
    "Catalogue",
    "CheckoutBenefits",
    "CheckoutView",
    "CouponUse",
    "CouponView",
    "DefinitionView",
    "DiscountBack",
    "FulfilmentRow",
    "PrizeView",
    "RedemptionView",
    "RewardView",
    "TermsView",
    "TooManyGuesses",
    "Wallet",
    "admit_guesses",
    "candidates_of",
    "catalogue",
    "checkout_id",
    "codes_of_batch",
    "coupons_to_give",
    "find_batch",
    "find_by_code",
    "find_checkout",
    "find_checkout_of_order",
    "find_coupon",
    "find_definition",
    "find_fulfilment",
    "find_redemption",
    "find_reward",
    "forgive_guesses",
    "fulfilments_of",
    "lapsed_checkouts",
    "lapsed_of_member",
    "list_batches",
    "list_definitions",
    "matrix_on",
    "redemptions_of",
    "returned_with",
    "usable_at_checkout",
    "uses_of_coupon",
    "wallet_of",
]
