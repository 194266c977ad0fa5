"""Points' tables."""

from points.models.deeds import Adjustment, ExpiryNotice, Reservation
from points.models.ledger import Balance, Entry, Lot
from points.models.policies import Earning, PolicyPreview, PolicyVersion, RuleBudget, RuleUse
from points.models.seals import DaySeal, Seal

__all__ = [
    "Adjustment",
    "Balance",
    "DaySeal",
    "Earning",
    "Entry",
    "ExpiryNotice",
    "Lot",
    "PolicyPreview",
    "PolicyVersion",
    "Reservation",
    "RuleBudget",
    "RuleUse",
    "Seal",
]
