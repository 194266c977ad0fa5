"""Orders' deeds: store what the shop states, once, and book the spend that follows from it."""

from orders.actions.bulk import NewOrder, insert_orders
from orders.actions.forgetting import (
    forget,
)
from orders.actions.merging import SpendCarried, carry_over, give_back, lock_deeds
from orders.actions.recording import (
    EventRecorded,
    OrderRecorded,
    RefundRecorded,
    StatementChanged,
    adopt,
    adopt_event,
    book_spend,
    mark_booked,
    mark_event_booked,
    record_event,
    record_order,
    record_refund,
    return_units,
)

__all__ = [
    "EventRecorded",
    "NewOrder",
    "OrderRecorded",
    "RefundRecorded",
    "SpendCarried",
    "StatementChanged",
    "adopt",
    "adopt_event",
    "book_spend",
    "carry_over",
    "forget",
    "give_back",
    "insert_orders",
    "lock_deeds",
    "mark_booked",
    "mark_event_booked",
    "record_event",
    "record_order",
    "record_refund",
    "return_units",
]
