"""What others may ask of points."""

from points.queries.balances import Balance, Expiring, Held, available_of, get_balance, get_balance_as_of, held_by_all
from points.queries.policies import NoPolicy, PublishedPolicy, policies, policy_by_id, policy_on, published_policies
from points.queries.statement import (
    BookedRate,
    LotMoved,
    StatementRow,
    WhyEarned,
    booked_rate,
    earned_by_keys,
    entries_of,
    keys_with_entries,
    list_besides_orders,
    list_statement,
    lots_moved,
    spent_on_order,
    why_earned,
    whys_earned,
)
from points.queries.sums import MovedOnDate, growth_in_window, moved_by_date

__all__ = [
    "Balance",
    "BookedRate",
    "Expiring",
    "Held",
    "LotMoved",
    "MovedOnDate",
    "NoPolicy",
    "PublishedPolicy",
    "StatementRow",
    "WhyEarned",
    "available_of",
    "booked_rate",
    "earned_by_keys",
    "entries_of",
    "get_balance",
    "get_balance_as_of",
    "growth_in_window",
    "held_by_all",
    "keys_with_entries",
    "list_besides_orders",
    "list_statement",
    "lots_moved",
    "moved_by_date",
    "policies",
    "policy_by_id",
    "policy_on",
    "published_policies",
    "spent_on_order",
    "why_earned",
    "whys_earned",
]
