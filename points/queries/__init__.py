"""What others may ask of points."""

from points.queries.balances import Balance, Expiring, Held, available_of, get_balance, get_balance_as_of, held_by_all
from points.queries.gifts import given_on
from points.queries.policies import NoPolicy, policies, policy_by_id, policy_on
from points.queries.reservations import (
    Reservation,
    find_reservation,
    held_now,
    members_with_lapsed,
    orders_paid,
    reservation_of_order,
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
    "MovedOnDate",
    "NoPolicy",
    "Reservation",
    "StatementRow",
    "WhyEarned",
    "available_of",
    "booked_rate",
    "earned_by_keys",
    "entries_of",
    "find_reservation",
    "get_balance",
    "get_balance_as_of",
    "given_on",
    "growth_in_window",
    "held_by_all",
    "held_now",
    "list_besides_orders",
    "list_statement",
    "members_with_lapsed",
    "moved_by_date",
    "orders_paid",
    "policies",
    "policy_by_id",
    "policy_on",
    "reservation_of_order",
    "why_earned",
]
