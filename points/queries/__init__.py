"""What others may ask of points."""

from points.queries.balances import Balance, Expiring, Held, available_of, get_balance, get_balance_as_of, held_by_all
from points.queries.policies import NoPolicy, policies, policy_by_id, policy_on
from points.queries.previews import (
    MoveOfRange,
    PreviewView,
    budgets_used_before,
    earned_between,
    find_preview,
    get_preview,
    lots_of_range,
    moves_of_range,
    remembered_of_range,
    used_before_range,
)
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
    "Expiring",
    "Held",
    "MoveOfRange",
    "MovedOnDate",
    "NoPolicy",
    "PreviewView",
    "StatementRow",
    "WhyEarned",
    "available_of",
    "booked_rate",
    "budgets_used_before",
    "earned_between",
    "earned_by_keys",
    "entries_of",
    "find_preview",
    "get_balance",
    "get_balance_as_of",
    "get_preview",
    "growth_in_window",
    "held_by_all",
    "list_besides_orders",
    "list_statement",
    "lots_of_range",
    "moved_by_date",
    "moves_of_range",
    "policies",
    "policy_by_id",
    "policy_on",
    "remembered_of_range",
    "used_before_range",
    "why_earned",
]
