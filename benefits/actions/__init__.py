"""Benefits' deeds: each locks, reads, asks the rules and writes; all in the caller's transaction."""

from benefits.actions.fulfilling import (
    NoFulfilment,
    OutOfStock,
    Parcel,
    Promised,
    UnknownItem,
    cancel_fulfilment,
    enter_address,
    move,
    promise,
    ship,
)
from benefits.actions.issuing import Issued, NotIssued, UnknownCoupon, issue, new_code, publish_first_coupon
from benefits.actions.pools import (
    NoCode,
    PoolEmpty,
    TakenCode,
    UnknownPool,
    give_back_code,
    reveal_code,
    take_code,
)

__all__ = [
    "Issued",
    "NoCode",
    "NoFulfilment",
    "NotIssued",
    "OutOfStock",
    "Parcel",
    "PoolEmpty",
    "Promised",
    "TakenCode",
    "UnknownCoupon",
    "UnknownItem",
    "UnknownPool",
    "cancel_fulfilment",
    "enter_address",
    "give_back_code",
    "issue",
    "move",
    "new_code",
    "promise",
    "publish_first_coupon",
    "reveal_code",
    "ship",
    "take_code",
]
