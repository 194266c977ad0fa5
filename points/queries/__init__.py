"""What others may ask of points."""

from points.queries.balances import Balance, Expiring, Held, available_of, get_balance, get_balance_as_of, held_by_all
from points.queries.policies import NoPolicy, policies, policy_by_id, policy_on
from points.queries.reports import DateMoved, Movement, cohort_flows, movement
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
    "DateMoved",
    "Expiring",
    "Held",
    "MovedOnDate",
    "Movement",
    "NoPolicy",
    "StatementRow",
    "WhyEarned",
    "available_of",
    "booked_rate",
    "cohort_flows",
    "earned_by_keys",
    "entries_of",
    "get_balance",
    "get_balance_as_of",
    "growth_in_window",
    "held_by_all",
    "list_besides_orders",
    "list_statement",
    "moved_by_date",
    "movement",
    "policies",
    "policy_by_id",
    "policy_on",
    "why_earned",
]
