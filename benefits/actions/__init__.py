"""Benefits' deeds: each locks, reads, asks the rules and writes; all in the caller's transaction."""

from benefits.actions.checkouts import (
    CheckoutClosed,
    CheckoutKeyReused,
    CheckoutTaken,
    Held,
    NoCheckout,
    NoneLeft,
    OrderHasCheckout,
    confirm_checkout,
    extend,
    hold,
    hold_again,
    release_checkout,
    return_shares,
)
from benefits.actions.issuing import Issued, NotIssued, UnknownCoupon, issue, publish_first_coupon

__all__ = [
    "CheckoutClosed",
    "CheckoutKeyReused",
    "CheckoutTaken",
    "Held",
    "Issued",
    "NoCheckout",
    "NoneLeft",
    "NotIssued",
    "OrderHasCheckout",
    "UnknownCoupon",
    "confirm_checkout",
    "extend",
    "hold",
    "hold_again",
    "issue",
    "publish_first_coupon",
    "release_checkout",
    "return_shares",
]
