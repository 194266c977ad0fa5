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
from benefits.queries.entitlements import CheckoutBenefits, usable_at_checkout
from benefits.queries.wallet import Candidate, Wallet, candidates_of, wallet_of

__all__ = [
    "Candidate",
    "CheckoutBenefits",
    "CheckoutView",
    "DiscountBack",
    "Wallet",
    "candidates_of",
    "checkout_id",
    "find_checkout",
    "find_checkout_of_order",
    "lapsed_checkouts",
    "lapsed_of_member",
    "returned_with",
    "usable_at_checkout",
    "wallet_of",
]
