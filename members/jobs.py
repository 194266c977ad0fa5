"""Members' work at night: what waited in vain is cleared away."""

import datetime as dt
from collections.abc import Iterator

from kit import clock, jobs, sql
from kit.jobs import Chunk, Night
from members.models import AddressCode

CODES_KEPT_HOURS = 24
WAITING_KEPT_DAYS = 30


def clear_waiting(night: Night, after: int) -> Iterator[Chunk]:
    """Will delete codes a day old, and give up memberships whose address was not verified within thirty days."""
    if after >= jobs.EVERYBODY:
        return
    end = clock.day_end(night.date)
    codes, _ = AddressCode.objects.filter(created_at__lt=end - dt.timedelta(hours=CODES_KEPT_HOURS)).delete()
    before = end - dt.timedelta(days=WAITING_KEPT_DAYS)
    [(given_up,)] = sql.fetch("members", "give_up_waiting", before=before)
    yield Chunk(jobs.EVERYBODY, codes + given_up, {"codes": codes, "given_up": given_up})
