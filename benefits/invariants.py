"""What must always hold of benefits, and the database cannot claim by itself: a sentence per violation."""

from collections.abc import Iterator

from benefits.enums import RewardKind
from benefits.models import Redemption, Reward
from benefits.rules import lottery
from kit import sql
from kit.invariants import Proof

# ---- rewards


def redemptions_are_whole() -> Iterator[str]:
    """Will yield a sentence for each redemption that was not paid, given or taken back as its state says."""
    for number, redemption, reward, claim, points, paid, returned in sql.fetch("benefits", "broken_redemptions"):
        what = {
            "paid": f"costs {points} points, and the ledger took {paid} for it",
            "kept": f"is not cancelled, and the ledger returned {returned} of its points",
            "returned": f"is cancelled; the ledger took {paid} and returned {returned}",
            "given": "is done, and the member has not got what it gives",
            "taken_back": "is cancelled, and what it gave was not taken back",
        }[claim]
        yield f"Redemption {redemption} of {reward} by member {number} {what}."


def limits_count_what_was_redeemed() -> Iterator[str]:
    """Will yield a sentence for each member and reward whose count is not that of the redemptions."""
    for number, reward, counted, done in sql.fetch("benefits", "broken_limits"):
        yield f"Member {number} is counted to have had {reward} {counted} times, and has had it {done} times."


def draws_come_out_again() -> Iterator[str]:
    """Will yield a sentence for each draw whose seed and odds give another prize than was given."""
    drawn = Redemption.objects.filter(reward__kind=RewardKind.DRAW, drawn__isnull=False)
    for redemption, kept in drawn.values_list("id", "drawn").iterator():
        assert kept is not None, "those without are left out"
        again = lottery.draw(lottery.prizes_from(kept["prizes"]), bytes.fromhex(kept["seed"]), kept["gone"])
        if (again.number, again.place) != (kept["number"], kept["place"]):
            yield f"Redemption {redemption} drew {kept['number']} and prize {kept['place']}; its seed gives {again}."


def prizes_are_never_short() -> Iterator[str]:
    """Will yield a sentence for each prize of which fewer than none are left."""
    for code, prizes in Reward.objects.filter(kind=RewardKind.DRAW).values_list("code", "prizes"):
        for prize in prizes:
            if prize["left"] is not None and prize["left"] < 0:
                yield f"Of prize {prize['key']} of {code} {prize['left']} are left."


PROOFS = (
    Proof(
        (
            "Every redemption took its points from the ledger, and gave them back once if it was cancelled.",
            "Every redemption that is done gave what its kind gives; of those cancelled it was taken back.",
        ),
        redemptions_are_whole,
    ),
    Proof(("Every member has had a reward as often as he is counted to.",), limits_count_what_was_redeemed),
    Proof(("Every draw comes out again from its seed and the odds it kept.",), draws_come_out_again),
    Proof(("No prize is given more often than there were.",), prizes_are_never_short),
)
