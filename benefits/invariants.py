"""Benefits' invariants: coupons count what checkouts used and held, rewards and tiers gave what they say."""

from collections.abc import Iterator

from benefits.enums import RewardKind
from benefits.models import Redemption, Reward
from benefits.rules import lottery
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


ENTITLEMENTS = {
    "bookings": "Member {member} has used {benefit} {was} times in {period}; his bookings come to {found}.",
    "winners": "The draw of {benefit} for {period} has {was} winners; {found} members were given its prize.",
    "coupon": "Member {member} was given {benefit} for {period}, and has no coupon of it.",
    "held": "Of {benefit} for {period} member {member} holds {was} uses; his checkouts hold {found}.",
}


def entitlements_are_whole() -> Iterator[str]:
    """Will yield a sentence for each entitlement or draw that lacks what it counts or gives."""
    for claim, benefit, period, member, was, found in sql.fetch("benefits", "broken_entitlements"):
        yield ENTITLEMENTS[claim].format(benefit=benefit, period=period, member=member, was=was, found=found)


USES = {
    "checkout": "Checkout {cause} took {amount:f} off in {count} uses; its recorded uses come to {saved:f} in {uses}.",
    "given": "What was given for {cause} counts {count} times, and its recorded uses come to {uses}.",
}


def uses_say_what_was_saved() -> Iterator[str]:
    """Will yield a sentence for each checkout, gift and code whose recorded uses are not what it came to."""
    for claim, cause, uses, saved, count, amount in sql.fetch("benefits", "broken_uses"):
        yield USES[claim].format(cause=cause, uses=uses, saved=saved, count=count, amount=amount)


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
    Proof(
        (
            "Every booking that takes a place is counted as a use.",
            "Every draw gave its prize to as many as won.",
            "Whoever was given a coupon by his tier has it.",
            "Every quota is held as often as checkouts say.",
        ),
        entitlements_are_whole,
    ),
    Proof(
        (
            "What checkouts took off is what their uses say.",
            "Every gift that was not given up, and every code that was read, is one use.",
        ),
        uses_say_what_was_saved,
    ),
)
