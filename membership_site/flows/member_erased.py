"""A member is erased: who he is leaves every room, his points and coupons end, and the ledger stays without a name."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from benefits import actions as benefits_actions
from kit import clock
from kit.jobs import Chunk, Night
from members import actions as members_actions
from members.queries import merging as merges
from members.queries import privacy
from messaging import actions as messaging_actions
from orders import actions as orders_actions
from points import actions as points_actions
from points import queries as points_queries
from tiers import actions as tiers_actions


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure ended: so many points and coupons, of so many memberships that were one person's."""

    points: int
    coupons: int
    memberships: int


@transaction.atomic
def erase(*, member_id: int, reason: str, by_request: bool, at: dt.datetime, actor: str) -> Erased:
    """Will erase a member and whoever was merged into him; a repeat takes out what came back since.

    Locks the orders, what waits for a second person, the wallets, then the members, each by id. No word of the person
    stays, in any room: a test looks through all columns.
    """
    ids = sorted({member_id, *merges.merged_into(member_id)})
    orders_actions.lock_deeds(member_ids=ids, at=at, actor=actor)
    points_actions.lock_requests(member_ids=ids, at=at, actor=actor)
    points = sum(points_actions.forfeit(member_id=one, at=at, actor=actor) for one in ids)
    forgotten = members_actions.erase(member_id=member_id, reason=reason, by_request=by_request, at=at, actor=actor)
    theirs = {"member_ids": forgotten.member_ids, "at": at, "actor": actor}
    orders_actions.forget(words=forgotten.words, **theirs)  # type: ignore[arg-type]
    points_actions.forget(**theirs)  # type: ignore[arg-type]
    tiers_actions.forget(**theirs)  # type: ignore[arg-type]
    coupons = benefits_actions.forget(**theirs)  # type: ignore[arg-type]
    messaging_actions.forget(addresses=forgotten.addresses, words=forgotten.words, **theirs)  # type: ignore[arg-type]
    return Erased(points, coupons, len(ids))


def preview(*, member_id: int, at: dt.datetime) -> Erased:
    """Will count what an erasure would end, by the function that does it, and roll it back."""
    with transaction.atomic():
        ended = erase(member_id=member_id, reason="", by_request=True, at=at, actor="preview")
        transaction.set_rollback(True)
    return ended


def erase_members(night: Night, after: int) -> Iterator[Chunk]:
    """Will erase who asked for it and had his time to think, and again whoever a restored backup brought back.

    What has come to erased members' wallets since is let go: given back by a checkout or a return, earned by an order
    that names the number. One member is one transaction.
    """
    at = clock.day_end(night.date)
    for member_id in privacy.due_erasures(night.date):
        erase(member_id=member_id, reason="", by_request=True, at=at, actor="night")
        yield Chunk(after, 1, {"erased": 1})
    for member_id in privacy.undone_erasures():
        erase(member_id=member_id, reason="", by_request=True, at=at, actor="night")
        yield Chunk(after, 1, {"again": 1})
    erased = [member_id for member_id, _at in privacy.list_erasures()]
    for member_id in points_queries.who_holds(erased):
        points_actions.forfeit(member_id=member_id, at=at, actor="night")
        yield Chunk(after, 1, {"forfeited": 1})


def replay(*, member_ids: Sequence[int], at: dt.datetime, actor: str) -> int:
    """Will erase again, after a backup was restored, those of a kept list who are members, and return how many."""
    found = privacy.existing(member_ids)
    for member_id in found:
        erase(member_id=member_id, reason="", by_request=True, at=at, actor=actor)
    return len(found)
