"""What members gave each other."""

import datetime as dt

from django.db.models import Sum

from points.enums import EntryKind, Wallet
from points.models import Entry


def given_on(member_id: int, date: dt.date) -> int:
    """Will sum the points that a member has given away on a business date. One query, over his gifts by key."""
    given = Entry.objects.filter(
        member_id=member_id,
        wallet=Wallet.POINTS,
        kind=EntryKind.TRANSFER,
        source_key__gte="gift:",
        source_key__lt="gift;",
        business_date=date,
        points__lt=0,
    )
    return -int(given.aggregate(sum=Sum("points"))["sum"] or 0)
