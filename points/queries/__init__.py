"""What others may ask of points."""

from points.queries.balances import Balance, Expiring, Held, available_of, get_balance, get_balance_as_of, held_by_all
from points.queries.policies import NoPolicy, policies, policy_by_id, policy_on
from points.queries.seals import (
    BookedWallet,
    MemberSeal,
    SealedNight,
    SealedStatement,
    SealedText,
    all_nights,
    list_nights,
    sealed_statement,
)
from points.queries.sheet import Sheet, SheetMonth, proof_sheets
from points.queries.statement import (
    BookedRate,
    StatementRow,
    WhyEarned,
    booked_rate,
    earned_by_keys,
    entries_of,
    list_besides_orders,
    list_statement,
    why_earned,
)
from points.queries.sums import MovedOnDate, growth_in_window, moved_by_date

__all__ = [
    "Balance",
    "BookedRate",
    "BookedWallet",
    "Expiring",
    "Held",
    "MemberSeal",
    "MovedOnDate",
    "NoPolicy",
    "SealedNight",
    "SealedStatement",
    "SealedText",
    "Sheet",
    "SheetMonth",
    "StatementRow",
    "WhyEarned",
    "all_nights",
    "available_of",
    "booked_rate",
    "earned_by_keys",
    "entries_of",
    "get_balance",
    "get_balance_as_of",
    "growth_in_window",
    "held_by_all",
    "list_besides_orders",
    "list_nights",
    "list_statement",
    "moved_by_date",
    "policies",
    "policy_by_id",
    "policy_on",
    "proof_sheets",
    "sealed_statement",
    "why_earned",
]
