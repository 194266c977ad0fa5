"""Points' enums."""

from enum import StrEnum


class Wallet(StrEnum):
    """A kind of units: `points` can be spent, `growth` is status and never spent."""

    POINTS = "points"
    GROWTH = "growth"


class EntryKind(StrEnum):
    """What a line of the ledger is."""

    ACCRUAL = "accrual"
    REDEMPTION = "redemption"
    EXPIRY = "expiry"
    REVERSAL = "reversal"


class RefundPolicy(StrEnum):
    """What a refund may take back of points that were already spent."""

    PENDING_ONLY = "pending_only"
    WITHIN_BALANCE = "within_balance"
    FULL = "full"
