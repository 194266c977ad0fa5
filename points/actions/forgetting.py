"""Forgetting erased members: what the staff noted with a request, and the year of birth that rules were asked with."""

import datetime as dt
from collections.abc import Sequence

from kit import sql
from points.models import Adjustment


def forget(*, member_ids: Sequence[int], at: dt.datetime, actor: str) -> None:
    """Will empty the notes of requests about erased members, and the year of their birthday in what was earned.

    The ledger itself stays as it was sealed: its words are codes, facts, and the reasons that the member could read.
    """
    Adjustment.objects.filter(member_id__in=member_ids).update(note="", decision_note="")
    sql.execute("points", "forget_birthdays", members=list(member_ids))
