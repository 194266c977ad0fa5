"""What became of the trials that somebody sent to himself."""

import datetime as dt
from dataclasses import dataclass

from messaging.enums import MessageState
from messaging.models import Trial

SHOWN = 5


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A trial as its sender sees it."""

    language: str
    state: MessageState
    detail: str
    at: dt.datetime


def trials_of(account_id: int, template_id: int, since: dt.datetime) -> tuple[TrialRow, ...]:
    """Will return the latest trials that a person sent of a template since an instant. One query."""
    rows = Trial.objects.filter(account_id=account_id, template_id=template_id, created_at__gte=since)
    found = rows.order_by("-created_at").values_list("language", "state", "detail", "created_at")
    return tuple(TrialRow(language, MessageState(state), detail, at) for language, state, detail, at in found[:SHOWN])
