"""Orders' invariants: what was booked of an order is what it is worth by now."""

from collections.abc import Iterator

from babel.numbers import list_currencies

from kit import sql
from kit.invariants import Proof
from kit.money import exponent_of

SENTENCES = {
    "basis": "Order {order} of {source} has another basis than its lines sum to.",
    "returned": "Order {order} of {source} has returned units but no return that was booked.",
}


def orders_agree() -> Iterator[str]:
    """Will yield a sentence for each order that does not agree with its lines or returns."""
    for source, order, claim in sql.fetch("orders", "broken_orders"):
        yield SENTENCES[claim].format(order=order, source=source)


def spend_is_what_orders_are_worth() -> Iterator[str]:
    """Will yield a sentence for each member whose movements of spend do not sum to what his orders count for now."""
    exponents = {code: exponent_of(code) for code in sorted(list_currencies())}
    odd = {code: exponent for code, exponent in exponents.items() if exponent != 2}
    broken = sql.fetch("orders", "broken_spend", currencies=list(odd), exponents=list(odd.values()))
    for number, spend, orders, worth, kept in broken:
        yield (
            f"Member {number}'s movements of spend come to {spend:f} of {orders} orders; "
            f"his booked orders are worth {worth:f} and are {kept}."
        )


PROOFS = (
    Proof(
        (
            "The basis of every order is that of its lines.",
            "Units are returned only by returns that were booked.",
        ),
        orders_agree,
    ),
    Proof(
        ("Every member's movements of spend sum to what his orders are worth, and to how many they are.",),
        spend_is_what_orders_are_worth,
    ),
)
