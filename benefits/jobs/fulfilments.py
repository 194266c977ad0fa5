"""Gifts that nobody said where to send, given up: a short queue, dealt with gift by gift."""

import datetime as dt
from collections.abc import Iterator

from benefits import actions, queries
from kit import clock
from kit.jobs import Chunk, Night

GIFTS_A_CHUNK = 200


def give_up_gifts(night: Night, after: int) -> Iterator[Chunk]:
    """Will give up gifts whose time for an address ran out by the end of the date: back on the shelf, and the points
    of those that were redeemed back to their lots.

    Gift by gift, for each ends as a redemption or an entitlement of its own: locks as benefits.actions.redeeming says.
    """
    end, over = clock.day_end(night.date), clock.day_start(night.date + dt.timedelta(days=1))
    while gifts := queries.without_address(over, above=after, limit=GIFTS_A_CHUNK):
        given_up = sum(actions.lapse_gift(fulfilment_id=one, at=end, actor="night") for one in gifts)
        after = gifts[-1]
        yield Chunk(after, given_up, {"given_up": given_up})
