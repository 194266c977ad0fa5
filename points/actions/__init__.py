"""Points' deeds: each locks, reads, asks the rules and writes; all in the caller's transaction."""

from points.actions.books import NoWallet, open_wallets
from points.actions.bulk import read_wallets, write_wallets
from points.actions.earning import EventBooked, OrderBooked, book_event, book_order, credit
from points.actions.gifts import give
from points.actions.policies import publish_first_policy
from points.actions.reservations import (
    NoReservation,
    OrderPaid,
    ReservationLapsed,
    ReservationReleased,
    ReservationTaken,
    confirm,
    lapse,
    release,
    reserve,
)
from points.actions.restoring import restore_spent
from points.actions.spending import spend
from points.rules.gifts import GiftCapReached, GiftRefused, GiftsOff, GiftToOneself, GiftTooSmall
from points.rules.ledger import KeyReused, NotEnoughPoints, NotPositive
from points.rules.redemption import BelowMinimum

__all__ = [
    "BelowMinimum",
    "EventBooked",
    "GiftCapReached",
    "GiftRefused",
    "GiftToOneself",
    "GiftTooSmall",
    "GiftsOff",
    "KeyReused",
    "NoReservation",
    "NoWallet",
    "NotEnoughPoints",
    "NotPositive",
    "OrderBooked",
    "OrderPaid",
    "ReservationLapsed",
    "ReservationReleased",
    "ReservationTaken",
    "book_event",
    "book_order",
    "confirm",
    "credit",
    "give",
    "lapse",
    "open_wallets",
    "publish_first_policy",
    "read_wallets",
    "release",
    "reserve",
    "restore_spent",
    "spend",
    "write_wallets",
]
