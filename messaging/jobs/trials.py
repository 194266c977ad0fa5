"""Trials are sent: each begun in a transaction of its own before it is handed over, and never twice."""

import datetime as dt
import logging
from collections.abc import Callable

from django.conf import settings

from messaging.channels import CHANNELS
from messaging.enums import Channel, MessageState
from messaging.models import Trial
from messaging.providers import Provider
from messaging.rules.delivery import Accepted, Outcome, Outgoing, Unknown

logger = logging.getLogger(__name__)

Now = Callable[[], dt.datetime]
DETAIL_MAX = 500
SENDING_MAX = dt.timedelta(minutes=15)
"""Far longer than any provider is waited for: who has been sending for so long is dead."""


def send_trials(now: Now) -> int:
    """Will send the trials that wait, and name those unknown whose sender died; returns how many were handed over.

    Several may be at it: whoever takes a trial first sends it. One that a provider puts off is not tried again, for
    its sender looks at what came of it.
    """
    dead = Trial.objects.filter(state=MessageState.SENDING, sending_at__lt=now() - SENDING_MAX)
    dead.update(state=MessageState.UNKNOWN, parts={}, member=None)
    waiting = list(Trial.objects.filter(state=MessageState.QUEUED).order_by("id").values_list("id", flat=True))
    if not waiting:
        return 0
    provider = CHANNELS[Channel.EMAIL].provider()
    try:
        return sum(_send(one, provider, now) for one in waiting)
    finally:
        provider.close()


def _send(trial_id: int, provider: Provider, now: Now) -> bool:
    mine = Trial.objects.filter(id=trial_id, state=MessageState.QUEUED)
    if not mine.update(state=MessageState.SENDING, sending_at=now()):
        return False
    trial = Trial.objects.select_related("account").get(id=trial_id)
    outcome: Outcome = Unknown("")
    try:
        outcome = provider.deliver(_outgoing(trial, now()))
    except Exception as error:
        logger.exception("%s broke over trial %s", provider.name, trial_id)
        outcome = Unknown(f"{type(error).__name__}: {error}")
    state = MessageState.FAILED
    if isinstance(outcome, Accepted):
        state = MessageState.SENT
    elif isinstance(outcome, Unknown):
        state = MessageState.UNKNOWN
    Trial.objects.filter(id=trial_id).update(
        state=state,
        detail="" if isinstance(outcome, Accepted) else outcome.text[:DETAIL_MAX],
        sent_at=now() if state is MessageState.SENT else None,
        parts={},
        member=None,
    )
    return True


def _outgoing(trial: Trial, at: dt.datetime) -> Outgoing:
    """Will return a trial as its provider takes it: nobody's marketing, so without a way to unsubscribe."""
    return Outgoing(
        message_id=0,
        token=str(trial.token),
        member_id=0,
        member_number="",
        addresses=(trial.account.email or "",),
        parts=trial.parts,
        language=trial.language or settings.LANGUAGE_CODE,
        is_marketing=False,
        at=at,
    )
