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
    Tally,
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
from benefits.queries.guessing import (
    TooManyGuesses,
    admit_guesses,
    forgive_guesses,
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
    "CheckoutBenefits",
    "CheckoutView",
    "CouponUse",
    "CouponView",
    "DefinitionView",
    "DiscountBack",
    "Tally",
    "TermsView",
    "TooManyGuesses",
    "Wallet",
    "admit_guesses",
    "candidates_of",
    "checkout_id",
    "codes_of_batch",
    "coupons_to_give",
    "find_batch",
    "find_by_code",
    "find_checkout",
    "find_checkout_of_order",
    "find_coupon",
    "find_definition",
    "forgive_guesses",
    "lapsed_checkouts",
    "lapsed_of_member",
    "list_batches",
    "list_definitions",
    "returned_with",
    "usable_at_checkout",
    "uses_of_coupon",
    "wallet_of",
]
