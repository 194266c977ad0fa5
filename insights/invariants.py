"""Insights' invariants: the stage of a member is the last that changed."""

from collections.abc import Iterator

from kit import sql
from kit.invariants import Proof


def stages_follow_their_changes() -> Iterator[str]:
    """Will yield a sentence for each member whose stage is not what its last change made it."""
    for number, stage, becomes in sql.fetch("insights", "broken_stages"):
        yield f"Member {number} is {stage}; the last change of his stage made it {becomes or 'nothing'}."


PROOFS = (Proof(("Every member's stage is what its last change made it.",), stages_follow_their_changes),)
