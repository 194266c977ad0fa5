"""Benefits' invariants: what was given is there, what was drawn was won, what was booked is counted."""

from collections.abc import Iterator

from kit import sql
from kit.invariants import Proof

ENTITLEMENTS = {
    "bookings": "Member {member} has used {benefit} {was} times in {period}; his bookings come to {found}.",
    "winners": "The draw of {benefit} for {period} has {was} winners; {found} members were given its prize.",
    "coupon": "Member {member} was given {benefit} for {period}, and has no coupon of it.",
}


def entitlements_are_whole() -> Iterator[str]:
    """Will yield a sentence for each entitlement or draw that lacks what it counts or gives."""
    for claim, benefit, period, member, was, found in sql.fetch("benefits", "broken_entitlements"):
        yield ENTITLEMENTS[claim].format(benefit=benefit, period=period, member=member, was=was, found=found)


PROOFS = (
    Proof(
        (
            "Every booking that takes a place is counted as a use.",
            "Every draw gave its prize to as many as won.",
            "Whoever was given a coupon by his tier has it.",
        ),
        entitlements_are_whole,
    ),
)
