"""Benefits' invariants: counts are what was used and held, and a batch has the coupons it says."""

from collections.abc import Iterator

from kit import sql
from kit.invariants import Proof

SENTENCES = {
    "coupon": "Coupon {code} counts {used} uses and {held} held; checkouts come to {used_by} and {held_by}.",
    "definition": "The coupon {code} counts {used} uses and {held} held; its codes come to {used_by} and {held_by}.",
    "spent": "Coupon {code} counts {used:f} spent and {held:f} held; checkouts come to {used_by:f} and {held_by:f}.",
    "member": "Member {member} counts {used} uses of {code}, {held} held; checkouts come to {used_by} and {held_by}.",
}


def coupons_agree() -> Iterator[str]:
    """Will yield a sentence for each count of coupons that is not what checkouts come to."""
    for claim, code, member, used, used_by, held, held_by in sql.fetch("benefits", "broken_coupons"):
        yield SENTENCES[claim].format(code=code, member=member, used=used, used_by=used_by, held=held, held_by=held_by)


def batches_agree() -> Iterator[str]:
    """Will yield a sentence for each batch that has more or fewer coupons than it says."""
    for batch_id, code, made, there in sql.fetch("benefits", "broken_batches"):
        yield f"Batch {batch_id} of the coupon {code} says that {made} were made; there are {there}."


PROOFS = (
    Proof(
        (
            "Every coupon is used and held as often as checkouts say.",
            "Every definition counts the uses of its coupons.",
            "What a definition took off, and holds, is the sum of its checkouts.",
            "Every member's uses of a definition are those of his checkouts.",
        ),
        coupons_agree,
    ),
    Proof(("Every batch has as many coupons as it says were made.",), batches_agree),
)
