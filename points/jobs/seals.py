"""Sealing at night: a head over each member's new entries, one root over all heads, as points.rules.sealing says."""

import datetime as dt
from collections.abc import Iterator

from kit import sql
from kit.jobs import EVERYBODY, Chunk, Night
from points.models import DaySeal
from points.rules import sealing

MEMBERS_A_CHUNK = 20_000


def seal_entries(night: Night, after: int) -> Iterator[Chunk]:
    """Will seal what was booked since the last seals, whatever its business date, and close the night with a root.

    Locks nothing. Dates that were missed are made up by one seal and one root of the later date; a date that has its
    root, or lies before one that has, is left as it is. What an interrupted night had sealed goes under the next root.
    """
    if DaySeal.objects.filter(sealed_on__gte=night.date).exists():
        return
    for (upto,) in sql.fetch("points", "bounds_of_members", after=after, members=MEMBERS_A_CHUNK):
        [(members, entries)] = sql.fetch("points", "seal_entries", date=night.date, above=after, upto=upto)
        yield Chunk(upto, members, {"members": members, "entries": entries})
        after = upto
    if after < EVERYBODY:
        root = _close(night.date)
        yield Chunk(EVERYBODY, 1, {"root": bytes(root.root).hex()})


def _close(date: dt.date) -> DaySeal:
    """Will write the root over all heads since the root before it. Three queries."""
    last = DaySeal.objects.order_by("-sealed_on").first()
    since = last.sealed_on if last else None
    rows = sql.fetch("points", "heads_of_nights", since=since, through=date)
    tree = sealing.tree_over([bytes(heads or b"") for _, _, heads, *_ in rows])
    members, entries = (sum(row[place] for row in rows) for place in (3, 4))
    before = bytes(last.root) if last else sealing.BEGINNING
    root = sealing.root_after(before, tree.top, date, members, entries)
    return DaySeal.objects.create(sealed_on=date, members=members, entries=entries, root=root, branches=tree.branches)
