"""What was moved, summed by date."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Sum

from kit import sql
from points.enums import Wallet
from points.models import Entry
from points.queries.balances import Held


@dataclass(frozen=True, slots=True)
class MovedOnDate:
    """What a business date put into the wallet or took out of it by one kind of entry; signed."""

    date: dt.date
    kind: str
    points: int


def growth_in_window(member_id: int, starts_on: dt.date, ends_on: dt.date) -> int:
    """Will sum the growth that counts from starts_on to ends_on, inclusive, as known at the end of ends_on.

    One query.
    """
    entries = Entry.objects.filter(
        member_id=member_id,
        wallet=Wallet.GROWTH,
        counts_on__gte=starts_on,
        counts_on__lte=ends_on,
        business_date__lte=ends_on,
    )
    return int(entries.aggregate(sum=Sum("points"))["sum"] or 0)


def moved_and_held(starts_on: dt.date, ends_on: dt.date) -> tuple[list[MovedOnDate], Held]:
    """Will return what each date from starts_on to ends_on moved in all members' points, by kind, and what they hold.

    Both are as booked; dates are inclusive. One query.
    """
    moved = sql.part("points", "moved_by_date", wallet=Wallet.POINTS.value, starts_on=starts_on, ends_on=ends_on)
    rows = sql.fetch("points", "moved_and_held", moved=moved)
    held = {what: points for date, what, points in rows if date is None}
    return [MovedOnDate(*row) for row in rows if row[0] is not None], Held(**held)
