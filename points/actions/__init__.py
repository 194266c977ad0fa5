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
    withdraw,
)
from points.actions.books import (
    NoWallet,
    open_wallets,
)
from points.actions.bulk import (
    read_wallets,
    write_wallets,
)
from points.actions.earning import (
    EventBooked,
    OrderBooked,
    book_event,
    book_order,
    credit,
)
from points.actions.gifts import (
    give,
)
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
from points.actions.previews import (
    BadMonths,
    PreviewOver,
    begin_preview,
    fail_preview,
    finish_preview,
    keep_progress,
    request_preview,
)
from points.actions.reservations import (
    NoReservation,
    OrderPaid,
    ReservationLapsed,
    ReservationReleased,
    ReservationTaken,
    confirm,
    extend,
    lapse,
    release,
    reserve,
)
from points.actions.restoring import (
    restore_spent,
)
from points.actions.spending import (
    spend,
)
from points.queries.adjustments import (
    NotReinstatable,
    NotUndoable,
    UnknownAdjustment,
)
from points.rules.adjusting import (
    BadAdjustment,
    NotForOneself,
    NothingLeft,
    NotOwed,
    NotWhoAsked,
    OwnRequest,
    WindowOver,
)
from points.rules.gifts import (
    GiftCapReached,
    GiftRefused,
    GiftsOff,
    GiftToOneself,
    GiftTooSmall,
)
from points.rules.ledger import (
    KeyReused,
    NotEnoughPoints,
    NotPositive,
)
from points.rules.redemption import (
    BelowMinimum,
)

__all__ = [
    "AlreadyDecided",
    "AlreadyPublished",
    "Answer",
    "BadAdjustment",
    "BadMonths",
    "BelowMinimum",
    "DraftChanged",
    "EventBooked",
    "GiftCapReached",
    "GiftRefused",
    "GiftToOneself",
    "GiftTooSmall",
    "GiftsOff",
    "KeyReused",
    "NoDraft",
    "NoReservation",
    "NoWallet",
    "NotEnoughPoints",
    "NotForOneself",
    "NotOwed",
    "NotPositive",
    "NotReady",
    "NotReinstatable",
    "NotUndoable",
    "NotWhoAsked",
    "NothingChanged",
    "NothingLeft",
    "OrderBooked",
    "OrderPaid",
    "OwnRequest",
    "PreviewOver",
    "ReservationLapsed",
    "ReservationReleased",
    "ReservationTaken",
    "TooEarly",
    "UnknownAdjustment",
    "WindowOver",
    "approve",
    "begin_preview",
    "book_event",
    "book_order",
    "confirm",
    "credit",
    "discard_draft",
    "extend",
    "fail_preview",
    "finish_preview",
    "give",
    "keep_progress",
    "lapse",
    "open_wallets",
    "order_rules",
    "publish",
    "publish_first_policy",
    "read_wallets",
    "refuse",
    "release",
    "remove_rule",
    "request_adjustment",
    "request_preview",
    "request_reinstatement",
    "request_write_off",
    "reserve",
    "restore_spent",
    "save_rule",
    "save_settings",
    "spend",
    "start_draft",
    "switch_rule",
    "undo",
    "withdraw",
    "write_wallets",
]
