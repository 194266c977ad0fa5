"""Points' deeds: each locks, reads, asks the rules and writes; all in the caller's transaction."""

from points.actions.books import NoWallet, open_wallets
from points.actions.bulk import read_wallets, write_wallets
from points.actions.earning import EventBooked, OrderBooked, book_event, book_order, credit
from points.actions.policies import (
    AlreadyPublished,
    DraftChanged,
    NoDraft,
    NothingChanged,
    NotReady,
    TooEarly,
    discard_draft,
    order_rules,
    publish,
    publish_first_policy,
    remove_rule,
    save_rule,
    save_settings,
    start_draft,
    switch_rule,
)
from points.actions.spending import spend
from points.rules.ledger import KeyReused, NotEnoughPoints

__all__ = [
    "AlreadyPublished",
    "DraftChanged",
    "EventBooked",
    "KeyReused",
    "NoDraft",
    "NoWallet",
    "NotEnoughPoints",
    "NotReady",
    "NothingChanged",
    "OrderBooked",
    "TooEarly",
    "book_event",
    "book_order",
    "credit",
    "discard_draft",
    "open_wallets",
    "order_rules",
    "publish",
    "publish_first_policy",
    "read_wallets",
    "remove_rule",
    "save_rule",
    "save_settings",
    "spend",
    "start_draft",
    "switch_rule",
    "write_wallets",
]
