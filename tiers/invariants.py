"""Tiers' invariants: where a member stands is what the decisions made of it, one after the other."""

from collections.abc import Iterator

from kit import sql
from kit.invariants import Proof
from tiers import queries
from tiers.models import Ladder

CLAIMS = {
    "standing": "Every standing is what its last decision made it.",
    "numbers": "The decisions on every member are numbered 1, 2, 3 ...",
    "chain": "Every decision begins with the tier and the end of validity that the one before it left.",
    "time": "No decision goes back in time.",
    "missing": "Every member who has joined stands on the main ladder.",
}
SENTENCES = {
    "standing": "Member {number} does not stand where the last decision put him.",
    "numbers": "The decisions on member {number} are not numbered without gaps.",
    "chain": "A decision on member {number} does not begin where the one before it ended.",
    "time": "A decision on member {number} is older than the one before it.",
    "missing": "Member {number} has joined but does not stand on the main ladder.",
}


def standings_follow_decisions() -> Iterator[str]:
    """Will yield a sentence for each member whose standing or decisions do not follow from what was decided before."""
    ladder = Ladder.objects.filter(code=queries.MAIN).values_list("id", flat=True).first()
    for number, claim in sql.fetch("tiers", "broken_standings", ladder=ladder):
        yield SENTENCES[claim].format(number=number)


PROOFS = (Proof(tuple(CLAIMS.values()), standings_follow_decisions),)
