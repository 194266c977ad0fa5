"""The staff's page of partners' codes."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.actions import Imported
from kit import clock
from membership_site import formats


@dataclass(frozen=True)
class PoolLine:
    """A pool with its counts; `next_ends_on` is when the next free code ends."""

    code: str
    name: str
    partner: str
    free: int
    given: int
    revealed: int
    ended: int
    next_ends_on: dt.date | None
    is_low: bool
    is_archived: bool


def pools_page(at: dt.datetime) -> tuple[PoolLine, ...]:
    """Will list the pools. Two queries."""
    return tuple(
        PoolLine(
            row.code,
            benefits_wording.named(row.names, row.code),
            row.partner,
            row.free,
            row.given,
            row.revealed,
            row.ended,
            row.next_ends_on,
            row.is_low,
            row.is_archived,
        )
        for row in benefits_queries.list_pools(clock.business_date(at))
    )


def imported_words(done: Imported) -> str:
    """Will say what came of a file."""
    words = {"new": formats.num(done.new), "known": formats.num(done.known), "bad": formats.num(done.bad)}
    return _("New codes: %(new)s; known already: %(known)s; rows to mend: %(bad)s.") % words
