"""Orders' enums."""

from enum import StrEnum


class OrderStatus(StrEnum):
    """What the shop says of an order."""

    PLACED = "placed"
    PAID = "paid"
    CANCELLED = "cancelled"


class Recorded(StrEnum):
    """What came of a delivery from the shop."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    STALE = "ignored_stale"
    PARKED = "parked"
