"""Campaigns' invariants: budgets count what was given, nobody addressed is lost, and control members are left alone."""

from collections.abc import Iterator

from campaigns.enums import Group
from kit import sql
from kit.invariants import Proof


def budgets_count_what_was_given() -> Iterator[str]:
    """Will yield a sentence for each budget that is not the sum of what was given, or of what was booked."""
    for name, kind, spent, given, booked in sql.fetch("campaigns", "broken_budgets"):
        ledger = "" if booked is None else f", and the ledger has {booked}"
        yield f"The campaign {name} counts {spent} of its {kind} as spent; its recipients were given {given}{ledger}."


def nobody_is_lost_and_control_is_left_alone() -> Iterator[str]:
    """Will yield a sentence for each recipient who is addressed without a message, or kept apart with one."""
    for name, number, group in sql.fetch("campaigns", "broken_recipients"):
        what = "is addressed and has no message" if group == Group.TREATED else "is kept apart and has a message"
        yield f"Member {number} {what} of the campaign {name}."


PROOFS = (
    Proof(
        (
            "Every campaign's budget counts what its recipients were given.",
            "Points that campaigns gave stand in the ledger.",
        ),
        budgets_count_what_was_given,
    ),
    Proof(
        ("Whoever a campaign addresses has a message.", "Whoever a campaign keeps apart has none."),
        nobody_is_lost_and_control_is_left_alone,
    ),
)
