"""Forgetting erased members: what the staff noted with a request, and the year of birth that rules were asked with."""

import datetime as dt
from collections.abc import Sequence

from kit import sql
from points.enums import RequestState
from points.models import Adjustment


def lock_requests(*, member_ids: Sequence[int], at: dt.datetime, actor: str) -> None:
    """Will lock what waits for a second person about members, before their wallets are, as whoever agrees does."""
    waiting = Adjustment.objects.filter(member_id__in=member_ids, state=RequestState.WAITING)
    list(waiting.order_by("id").select_for_update(no_key=True).values_list("id"))


def forget(*, member_ids: Sequence[int], at: dt.datetime, actor: str) -> None:
    """Will empty the notes of requests about erased members, and the year of their birthday in what was earned.

    What waits for a second person is withdrawn. The ledger itself stays as it was sealed: its words are codes, facts,
    and the reasons that the member could read.
    """
    about = Adjustment.objects.filter(member_id__in=member_ids)
    about.filter(state=RequestState.WAITING).update(state=RequestState.WITHDRAWN, decided_at=at)
    about.update(note="", decision_note="")
    sql.execute("points", "forget_birthdays", members=list(member_ids))
