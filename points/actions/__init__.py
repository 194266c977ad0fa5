"""Points' deeds: each locks, reads, asks the rules and writes; all in the caller's transaction."""

from points.actions.books import NoWallet, open_wallets
from points.actions.bulk import read_wallets, write_wallets
from points.actions.earning import EventBooked, OrderBooked, book_event, book_order, credit
from points.actions.policies import publish_first_policy
from points.actions.previews import (
    BadMonths,
    NoDraft,
    PreviewOver,
    begin_preview,
    fail_preview,
    finish_preview,
    keep_progress,
    request_preview,
)
from points.actions.spending import spend
from points.rules.ledger import KeyReused, NotEnoughPoints

__all__ = [
    "BadMonths",
    "EventBooked",
    "KeyReused",
    "NoDraft",
    "NoWallet",
    "NotEnoughPoints",
    "OrderBooked",
    "PreviewOver",
    "begin_preview",
    "book_event",
    "book_order",
    "credit",
    "fail_preview",
    "finish_preview",
    "keep_progress",
    "open_wallets",
    "publish_first_policy",
    "read_wallets",
    "request_preview",
    "spend",
    "write_wallets",
]
