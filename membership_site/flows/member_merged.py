"""Two memberships are made one, and two again: identity, ledger, spend, coupons and tier, in one transaction.

Nothing of a ledger is rewritten (docs/adr/0023): what the merged member holds is carried over by entries of its own, so
that both ledgers add up. Whatever is booked on him later - the return of an old order - goes over alike.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.actions import BenefitsCarried
from kit import clock
from kit.jobs import Chunk, Night
from members import actions as members_actions
from members import queries as members_queries
from members.queries import merging as merges
from membership_site.flows import tier_changed
from messaging import actions as messaging_actions
from orders import actions as orders_actions
from orders.actions import SpendCarried
from points import actions as points_actions
from points import queries as points_queries
from points.actions import CarriedOver, GivenBack
from points.queries import Balance
from tiers import queries as tiers_queries

REFUSALS = (members_actions.CannotMerge, members_actions.CannotUnmerge)
"""What a merge and its undoing may be refused with."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: what went over, and how the survivor stands before and after. No balance where he has none."""

    merge_id: int
    survivor: str
    merged: str
    profile: merges.MovedProfile
    carried: CarriedOver
    spent: SpendCarried
    benefits: BenefitsCarried
    before: Balance | None
    after: Balance | None
    tier_before: str
    tier_after: str


@dataclass(frozen=True, slots=True)
class Unmerged:
    """What undoing a merge gave back, and what of it could not be."""

    survivor: str
    merged: str
    points: GivenBack
    spent: SpendCarried
    benefits: BenefitsCarried


@transaction.atomic
def merge(*, survivor_id: int, merged_id: int, reason: str, form_key: uuid.UUID, at: dt.datetime, actor: str) -> Merged:
    """Will merge one member into another; the same form again changes nothing. Raises REFUSALS.

    Locks the merged one's orders, both members' wallets, both members, then the standing: in the order in which orders
    and erasures take them, each by id.
    """
    orders_actions.lock_deeds(member_ids=[merged_id], at=at, actor=actor)
    points_actions.lock_wallets(member_ids=[survivor_id, merged_id], at=at, actor=actor)
    if benefits_queries.holds_checkout(merged_id):
        raise members_actions.CannotMerge("at_checkout")
    before, tier_before = _balance(survivor_id, at), _tier(survivor_id)
    row, is_new = members_actions.merge(
        survivor_id=survivor_id, merged_id=merged_id, reason=reason, form_key=form_key, at=at, actor=actor
    )
    carried, spent, benefits = CarriedOver(), SpendCarried(), BenefitsCarried()
    if is_new:
        carried, spent, benefits = _carry_over(merged_id, at, actor)
        messaging_actions.carry_over(merged_id=merged_id, survivor_id=survivor_id, at=at, actor=actor)
        if _joined(survivor_id):
            cause = f"merge:{row.id}"
            tier_changed.evaluate(member_id=survivor_id, cause=cause, at=at, actor=actor)
    names = members_queries.rows_of([survivor_id, merged_id])
    return Merged(
        merge_id=row.id,
        survivor=names[survivor_id].number,
        merged=names[merged_id].number,
        profile=merges.moved_with(row.id),
        carried=carried,
        spent=spent,
        benefits=benefits,
        before=before,
        after=_balance(survivor_id, at),
        tier_before=tier_before,
        tier_after=_tier(survivor_id),
    )


def preview(*, survivor_id: int, merged_id: int, at: dt.datetime) -> Merged:
    """Will work out what a merge would do, by the function that books it, and roll it back. Raises REFUSALS."""
    with transaction.atomic():
        shown = merge(
            survivor_id=survivor_id,
            merged_id=merged_id,
            reason="preview",
            form_key=uuid.uuid4(),
            at=at,
            actor="preview",
        )
        transaction.set_rollback(True)
    return shown


@transaction.atomic
def unmerge(*, merge_id: int, reason: str, at: dt.datetime, actor: str) -> Unmerged:
    """Will undo a merge as far as what went over is still there, and say what could not be. Raises CannotUnmerge.

    Locks both members' wallets, both members, then the standings, each in order of their ids.
    """
    if found := merges.find_merge(merge_id):
        points_actions.lock_wallets(member_ids=[found.survivor_id, found.merged_id], at=at, actor=actor)
    row = members_actions.unmerge(merge_id=merge_id, reason=reason, at=at, actor=actor)
    key, both = f"merge:{row.id}", {"merged_id": row.merged_id, "survivor_id": row.survivor_id}
    names = members_queries.rows_of([row.survivor_id, row.merged_id])
    numbers = names[row.merged_id].number, names[row.survivor_id].number
    points, spent = GivenBack(), SpendCarried()
    if _joined(row.merged_id):
        points = points_actions.give_back(**both, merge_key=key, numbers=numbers, at=at, actor=actor)
        spent = orders_actions.give_back(**both, merge_key=key, at=at, actor=actor)
    messaging_actions.give_back(**both, since=row.merged_at, at=at, actor=actor)
    moved = merges.moved_with(row.id)
    benefits = benefits_actions.give_back(
        **both, coupons=moved.coupons, entitlements=moved.entitlements, at=at, actor=actor
    )
    for member_id in sorted((row.survivor_id, row.merged_id)):
        if _joined(member_id):
            tier_changed.evaluate(member_id=member_id, cause=f"un{key}", at=at, actor=actor, returned=key)
    return Unmerged(numbers[1], numbers[0], points, spent, benefits)


def preview_undo(*, merge_id: int, at: dt.datetime) -> Unmerged:
    """Will work out what undoing a merge would give back, and roll it back. Raises CannotUnmerge."""
    with transaction.atomic():
        shown = unmerge(merge_id=merge_id, reason="preview", at=at, actor="preview")
        transaction.set_rollback(True)
    return shown


def lock_both(member_id: int, *, at: dt.datetime, actor: str) -> int | None:
    """Will lock the wallets of a merged member and of his survivor before something is booked on the former.

    Returns the survivor; None, after one query, for a member who was not merged, and for one who was parted meanwhile.
    """
    survivor_id = members_queries.survivor_of(member_id)
    if survivor_id is None:
        return None
    points_actions.lock_wallets(member_ids=[member_id, survivor_id], at=at, actor=actor)
    return members_queries.survivor_of(member_id)


def carry_on(*, member_id: int, survivor_id: int, cause: str, at: dt.datetime, actor: str, returned: str = "") -> None:
    """Will carry over what was just booked on a merged member, and look at the survivor's tier."""
    _carry_over(member_id, at, actor)
    tier_changed.evaluate(member_id=survivor_id, cause=cause, at=at, actor=actor, returned=returned)


def carry_over_merged(night: Night, after: int) -> Iterator[Chunk]:
    """Will carry over what has come to merged members' wallets otherwise: given back by a checkout, booked by hand.

    One member is one transaction, so that the wallets of two pairs are never held together.
    """
    at = clock.day_end(night.date)
    for member_id in points_queries.merged_with_something():
        survivor_id = lock_both(member_id, at=at, actor="night")
        if survivor_id is not None:
            carry_on(member_id=member_id, survivor_id=survivor_id, cause=f"night:{night.date}", at=at, actor="night")
            yield Chunk(after, 1, {"carried": 1})


# ---- leaves


def _carry_over(merged_id: int, at: dt.datetime, actor: str) -> tuple[CarriedOver, SpendCarried, BenefitsCarried]:
    """Will bring a merged member to nought; a chain of merges is followed to whoever goes on now."""
    begun = members_actions.begin_round(merged_id=merged_id, at=at, actor=actor)
    if begun is None:
        raise ValueError("Nobody goes on for a member who was not merged.")
    survivor_id, merge_id, key = begun
    both = {"merged_id": merged_id, "survivor_id": survivor_id}
    carried, spent = CarriedOver(), SpendCarried()
    if _joined(merged_id):
        names = members_queries.rows_of([survivor_id, merged_id])
        numbers = names[merged_id].number, names[survivor_id].number
        carried = points_actions.carry_over(**both, key=key, numbers=numbers, at=at, actor=actor)
        spent = orders_actions.carry_over(**both, key=key, at=at, actor=actor)
    benefits = benefits_actions.carry_over(**both, at=at, actor=actor)
    members_actions.note_benefits(
        merge_id=merge_id, coupons=list(benefits.coupons), entitlements=list(benefits.entitlements), at=at, actor=actor
    )
    if members_queries.survivor_of(survivor_id) is not None:
        _carry_over(survivor_id, at, actor)
    return carried, spent, benefits


def _joined(member_id: int) -> bool:
    row = members_queries.rows_of([member_id]).get(member_id)
    return row is not None and row.joined_at is not None


def _balance(member_id: int, at: dt.datetime) -> Balance | None:
    return points_queries.get_balance(member_id, at) if _joined(member_id) else None


def _tier(member_id: int) -> str:
    held = tiers_queries.held_tiers(member_id).get(tiers_queries.MAIN)
    return held.code if held else ""
