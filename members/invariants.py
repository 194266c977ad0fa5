"""Members' invariants: what must always hold of people and of what they are known by."""

from collections.abc import Iterator

from kit import sql
from kit.invariants import Proof

SENTENCES = {
    "number": "Member {number} has a number that cannot be on a card.",
    "unknown": "Member {number} is known by nothing: no e-mail address, phone number or external id.",
    "erased": "Member {number} is erased but still has a name or something to be known by.",
    "merged": "Member {number} was merged into another but is still known by something himself.",
    "survivor": "Member {number} was merged into one who was merged himself.",
    "identity": "Member {number} has an e-mail address or phone number that is not normalised, so is not found by it.",
}


def members_can_be_known() -> Iterator[str]:
    """Will yield a sentence for each member whose number, identities or status cannot be."""
    for _, number, claim in sql.fetch("members", "broken_members"):
        yield SENTENCES[claim].format(number=number)


PROOFS = (
    Proof(
        (
            "Every member has a number that can be on a card.",
            "Every member who is not erased is known by something.",
            "Whoever was merged is known by nothing of his own, and leads to one who goes on.",
            "Nothing of an erased member's identity is left.",
            "Every e-mail address and phone number is normalised.",
        ),
        members_can_be_known,
    ),
)
