"""Points' deeds: each locks, reads, asks the rules and writes; all in the caller's transaction."""

from points.actions.adjusting import (
    AlreadyDecided,
    Answer,
    approve,
    refuse,
    request_adjustment,
    request_reinstatement,
    request_write_off,
    undo,
)
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
from points.queries.adjustments import NotReinstatable, NotUndoable, UnknownAdjustment
from points.rules.adjusting import BadAdjustment, NotForOneself, NothingLeft, NotOwed, OwnRequest, WindowOver
from points.rules.ledger import KeyReused, NotEnoughPoints

__all__ = [
    "AlreadyDecided",
    "Answer",
    "BadAdjustment",
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
    "NotForOneself",
    "NotOwed",
    "NotReinstatable",
    "NotUndoable",
    "NothingLeft",
    "OrderBooked",
    "OwnRequest",
    "UnknownAdjustment",
    "WindowOver",
    "approve",
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
    "refuse",
    "request_adjustment",
    "request_reinstatement",
    "request_write_off",
    "spend",
    "undo",
    "write_wallets",
]
