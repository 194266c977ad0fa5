"""Messages are sent: by as many senders side by side as the settings say, each for a while."""

import datetime as dt
from collections.abc import Callable

from django.conf import settings

from kit import locks
from messaging import jobs as messaging_jobs

Now = Callable[[], dt.datetime]


def send(now: Now, again: Callable[[], object], seconds: float = messaging_jobs.WORK_SECONDS) -> None:
    """Will send what is due for a while, unless enough are at it; asks for another turn where more is due."""
    more = False
    for place in _places():
        try:
            with locks.alone(place):
                more = messaging_jobs.send_due(now, seconds=seconds)
        except locks.AlreadyRunning:
            continue
        break
    if more:
        again()


def start_senders(now: Now, start: Callable[[], object]) -> int:
    """Will start as many senders as there may be and are not, where anything is due; returns how many."""
    if not messaging_jobs.any_due(at=now()):
        return 0
    places = _places()
    free = len(places) - len(locks.held(places))
    for _ in range(free):
        start()
    return free


def _places() -> list[str]:
    """The locks of senders: who holds none does not send, so that there are never more of them than set."""
    return [f"messaging.sender:{number}" for number in range(settings.MESSAGE_SENDERS)]
