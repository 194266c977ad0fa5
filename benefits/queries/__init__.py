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
from benefits.queries.wallet import Candidate, Wallet, candidates_of, wallet_of

__all__ = [
    "Candidate",
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
    "wallet_of",
]
