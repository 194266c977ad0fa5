"""What must always hold, of every room, proved: nightly as the last step, and on demand by `manage.py verify`."""

import datetime as dt
from collections.abc import Iterator

from benefits import invariants as benefits_invariants
from campaigns import invariants as campaigns_invariants
from insights import invariants as insights_invariants
from kit.invariants import DayProof, Proof
from kit.jobs import EVERYBODY, Chunk, Night, StepStopped
from members import invariants as members_invariants
from messaging import invariants as messaging_invariants
from orders import invariants as orders_invariants
from points import invariants as points_invariants
from tiers import invariants as tiers_invariants

PROOFS: tuple[Proof, ...] = (
    *members_invariants.PROOFS,
    *orders_invariants.PROOFS,
    *points_invariants.PROOFS,
    *tiers_invariants.PROOFS,
    *benefits_invariants.PROOFS,
    *insights_invariants.PROOFS,
    *messaging_invariants.PROOFS,
    *campaigns_invariants.PROOFS,
)
PROOFS_OF_DAY: tuple[DayProof, ...] = points_invariants.PROOFS_OF_DAY
PROOFS_IN_DEPTH: tuple[Proof, ...] = points_invariants.PROOFS_IN_DEPTH
"""What `manage.py verify` proves besides: every seal ever made, worked out anew, and the proof sheet."""
PROOFS_OF_NIGHT: tuple[DayProof, ...] = points_invariants.PROOFS_OF_NIGHT
"""What the night proves of these instead: its own seals, another part of all chains each time, and the sheet."""
SENTENCES_KEPT = 100


def count_claims(*, of_day: bool = False, in_depth: bool = False) -> int:
    """Will return how many claims the proofs of all rooms make, with those of seals, or those of a single date."""
    proofs: tuple[Proof | DayProof, ...] = PROOFS_OF_DAY if of_day else PROOFS
    return sum(len(proof.claims) for proof in (*proofs, *(PROOFS_IN_DEPTH if in_depth else ())))


def violations() -> Iterator[str]:
    """Will yield a sentence for whatever does not hold, room by room; what is proved in depth aside."""
    for proof in PROOFS:
        yield from proof.violations()


def violations_in_depth() -> Iterator[str]:
    """Will yield a sentence for every entry, seal and root that is not what was sealed: reads the whole ledger."""
    for proof in PROOFS_IN_DEPTH:
        yield from proof.violations()


def violations_of_day(date: dt.date) -> Iterator[str]:
    """Will yield a sentence for whatever was booked on a business date and does not hold."""
    for proof in PROOFS_OF_DAY:
        yield from proof.violations(date)


def prove(night: Night, after: int) -> Iterator[Chunk]:
    """Will prove everything as it stands now, of the seals a part; if a claim fails the step does.

    The first sentences are kept in its detail.
    """
    found = [*violations(), *(sentence for proof in PROOFS_OF_NIGHT for sentence in proof.violations(night.date))]
    detail = {"claims": count_claims(in_depth=True), "violations": len(found)}
    if found:
        sentences = found[:SENTENCES_KEPT]
        raise StepStopped(f"{len(found)} violations. The first: {found[0]}", {**detail, "sentences": sentences})
    if after < EVERYBODY:
        yield Chunk(EVERYBODY, 0, detail)
