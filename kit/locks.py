"""Kit's locks: PostgreSQL advisory locks by name."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models.expressions import RawSQL


class AlreadyRunning(Exception):
    """Somebody else holds the lock; nothing was done."""


def key_of(name: str) -> int:
    """Will return the signed 64-bit number under which PostgreSQL knows a lock's name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def take_turns(names: Iterable[str]) -> None:
    """Will hold locks of these names until the transaction ends, waiting for whoever has one, all in one order."""
    with connection.cursor() as cursor:
        for key in sorted({key_of(name) for name in names}):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


@contextmanager
def alone(*names: str) -> Iterator[None]:
    """Will hold the session locks of these names for the length of the block, or none and raise AlreadyRunning at once.

    One statement for all of them, and one to let them go.
    """
    keys = {key_of(name): name for name in names}
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, pg_try_advisory_lock(key) FROM unnest(%s::bigint[]) AS key", [list(keys)])
        taken = dict(cursor.fetchall())
    try:
        if busy := [keys[key] for key, is_ours in taken.items() if not is_ours]:
            raise AlreadyRunning(
                f"{busy[0]} is already running. Nothing was started; wait for it or look at the jobs page."
            )
        yield
    finally:
        ours = [key for key, is_ours in taken.items() if is_ours]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(key) FROM unnest(%s::bigint[]) AS key", [ours])


def held(names: Iterable[str]) -> set[str]:
    """Will return which of some locks are held by anybody just now. One query."""
    keys = {key_of(name): name for name in names}
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        return {keys[key] for (key,) in cursor.fetchall() if key in keys}


def held_beside() -> RawSQL:
    """Will return a column of the numbers of all locks that are held, to be read along with other rows. No query."""
    return RawSQL(f"ARRAY({HELD})", [])  # noqa: S611 - the text is ours


HELD = """
SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
