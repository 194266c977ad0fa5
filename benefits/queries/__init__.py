"""What others may ask of benefits."""

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
from benefits.queries.guessing import TooManyGuesses, admit_guesses, forgive_guesses
from benefits.queries.wallet import Candidate, Wallet, candidates_of, wallet_of

__all__ = [
    "BatchView",
    "Candidate",
    "CouponUse",
    "CouponView",
    "DefinitionView",
    "Tally",
    "TermsView",
    "TooManyGuesses",
    "Wallet",
    "admit_guesses",
    "candidates_of",
    "codes_of_batch",
    "coupons_to_give",
    "find_batch",
    "find_by_code",
    "find_coupon",
    "find_definition",
    "forgive_guesses",
    "list_batches",
    "list_definitions",
    "uses_of_coupon",
    "wallet_of",
]
