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
from points.actions.policies import publish_first_policy
from points.actions.spending import spend
from points.queries.adjustments import NotReinstatable, NotUndoable, UnknownAdjustment
from points.rules.adjusting import BadAdjustment, NotForOneself, NothingLeft, NotOwed, OwnRequest, WindowOver
from points.rules.ledger import KeyReused, NotEnoughPoints

__all__ = [
    "AlreadyDecided",
    "Answer",
    "BadAdjustment",
    "EventBooked",
    "KeyReused",
    "NoWallet",
    "NotEnoughPoints",
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
    "credit",
    "open_wallets",
    "publish_first_policy",
    "read_wallets",
    "refuse",
    "request_adjustment",
    "request_reinstatement",
    "request_write_off",
    "spend",
    "undo",
    "write_wallets",
]
