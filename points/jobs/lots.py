"""Lots at night: pending ones released and ended ones expired for everybody, as points.rules.ledger does for one."""

from collections.abc import Iterator

from kit import clock, sql
from kit.dates import WHILE_ACTIVE
from kit.jobs import Chunk, Night
from points import queries

LOTS_A_CHUNK = 20_000


def release_lots(night: Night, after: int) -> Iterator[Chunk]:
    """Will book lots that became active by the end of the date from pending to available.

    Locks the wallets of a chunk in the order of members; the same statements serve late nights.
    """
    ask = sql.fetch_prepared if night.slice_only else sql.fetch
    for (upto,) in ask("points", "bounds_of_pending", date=night.date, after=after, lots=LOTS_A_CHUNK):
        chunk = {"date": night.date, "above": after, "upto": upto}
        ask("points", "lock_pending", **chunk)
        [(lots, points, wallets)] = ask("points", "release_lots", **chunk)
        yield Chunk(upto, lots + wallets, {"lots": lots, "points": points})
        after = upto


def expire_lots(night: Night, after: int) -> Iterator[Chunk]:
    """Will book the end of lots that expire on the date or expired before it, each on its own date.

    Locks the wallets of a chunk in the order of members; lots go, balances sink, an entry per wallet and date stays.
    """
    policies = queries.policies()
    ask = sql.fetch_prepared if night.slice_only else sql.fetch
    for (upto,) in ask("points", "bounds_of_ending", date=night.date, after=after, lots=LOTS_A_CHUNK):
        chunk = {"date": night.date, "above": after, "upto": upto}
        ask("points", "lock_ending", **chunk)
        dates = [date for (date,) in ask("points", "dates_of_ending", **chunk)]
        ends = [clock.day_end(date) for date in dates]
        in_force = [policies.on(date).id for date in dates]
        days = {"dates": dates, "ends": ends, "policies": in_force}
        [(entries, points, lots)] = ask("points", "expire_lots", **chunk, **days, while_active=WHILE_ACTIVE)
        yield Chunk(upto, lots + entries, {"entries": entries, "lots": lots, "points": points})
        after = upto
