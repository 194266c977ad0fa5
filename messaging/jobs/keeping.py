"""What is looked after every minute: senders that died, dispatches that are through or ail, calls that came early."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from kit import sql
from messaging.actions.telling import work_off_calls
from messaging.enums import DispatchState
from messaging.jobs.health import pause_the_ailing
from messaging.models import Dispatch

SENDING_MAX = dt.timedelta(minutes=15)
"""Far longer than any provider is waited for: who has been sending for so long is dead."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was found to be looked after."""

    returned: int
    unknown: int
    told: int
    paused: int
    finished: int


def keep(*, at: dt.datetime, sending_max: dt.timedelta = SENDING_MAX) -> Kept:
    """Will give back leases that ran out, name messages unknown whose sender died, and look after dispatches.

    Safe to run by several at once.
    """
    return Kept(
        returned=sql.execute("messaging", "return_leases", at=at),
        unknown=sql.execute("messaging", "mark_unknown", begun_before=at - sending_max),
        told=work_off_calls(at=at),
        paused=pause_the_ailing(at),
        finished=_finish(),
    )


@transaction.atomic
def _finish() -> int:
    """Will end the dispatches of which nothing is left; one under which somebody just puts more is passed over.

    Locked first and looked at then, by a statement of its own: so it sees whatever was committed before the lock.
    """
    running = Dispatch.objects.select_for_update(skip_locked=True).filter(state=DispatchState.RUNNING)
    dispatches = list(running.order_by("id").values_list("id", flat=True))
    return sql.execute("messaging", "finish_dispatches", dispatches=dispatches) if dispatches else 0
