"""Undoing what nights decided: everybody back to where he stood, by decisions of their own."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from kit import audit, clock, sql
from tiers import queries
from tiers.actions.giving import NoReason
from tiers.models import Ladder


class NothingToUndo(Exception):
    """Nobody stands where these nights left him, or they decided nothing; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Return:
    """So many members go from one tier back to another of the same ladder, both by code."""

    ladder: str
    from_tier: str
    to_tier: str
    members: int


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing nights does: who goes back, and how many are left, for something was decided on them since."""

    returns: tuple[Return, ...]
    left: int

    @property
    def members(self) -> int:
        """How many go back."""
        return sum(one.members for one in self.returns)


@transaction.atomic
def undo_nights(
    *,
    since: dt.date,
    date: dt.date,
    reason: str,
    key: str,
    at: dt.datetime,
    actor: str,
    preview: bool = False,
) -> Undone:
    """Will put back whomever the nights of some dates (both inclusive) moved or kept last, on every ladder.

    On whom anything was decided since, or who holds what was given, is left as he is. The next night looks at them
    again, as the facts and the ladder then are. A repeat under the same key finds nobody and raises NothingToUndo, as
    does a night that decided nothing. Raises NoReason. Locks the standings in the order of members; with `preview` all
    is worked out and rolled back.
    """
    if not reason.strip() and not preview:
        raise NoReason("Say why. Nothing was changed.")
    returns: list[Return] = []
    left = 0
    codes = queries.tier_codes()
    for ladder_id, ladder in Ladder.objects.order_by("id").values_list("id", "code"):
        nights = {"ladder": ladder_id, "since": since, "date": date}
        sql.execute("tiers", "lock_night", **nights)
        for from_id, to_id, members in sql.fetch(
            "tiers", "undo_night", **nights, at=at, on=clock.business_date(at), cause=f"undo:{date}:{key}", actor=actor,
            reason=reason.strip(),
        ):  # fmt: skip
            if from_id is None:
                left += members
            else:
                returns.append(Return(ladder, codes[from_id], codes[to_id], members))
    undone = Undone(tuple(returns), left)
    if not returns:
        raise NothingToUndo("Nobody stands where these nights left him. Nothing was changed.")
    if preview:
        transaction.set_rollback(True)
        return undone
    audit.record(
        at=at,
        actor=actor,
        deed="tiers.undone",
        subject=f"job:recalculate_tiers:{date}",
        becomes={"since": str(since), "members": undone.members, "left": left},
        reason=reason.strip()[:300],
    )
    return undone
