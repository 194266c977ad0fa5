"""Reservations whose time has run out, given back: a short queue, dealt with member by member."""

from collections.abc import Iterator

from kit import clock
from kit.jobs import Chunk, Night
from points import actions, queries

MEMBERS_A_CHUNK = 500


def lapse_reservations(night: Night, after: int) -> Iterator[Chunk]:
    """Will give back what was held by reservations whose time ran out by the end of the date, each as of its own time.

    The minutely task leaves little to do. Locks the wallets of a chunk in the order of members.
    """
    end = clock.day_end(night.date)
    while members := queries.members_with_lapsed(end, above=after, limit=MEMBERS_A_CHUNK):
        lapsed = sum(actions.lapse(member_id=member_id, at=end, actor="night") for member_id in members)
        after = members[-1]
        yield Chunk(after, lapsed, {"lapsed": lapsed})
