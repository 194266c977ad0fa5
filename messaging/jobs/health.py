"""Dispatches that had better stop: after errors in a row, or when too many messages bounce or are complained of."""

import datetime as dt

from django.db.models import F

from kit import audit, sql
from messaging.enums import DispatchState
from messaging.models import Dispatch
from messaging.queries.rules import rules_in_force
from messaging.rules.trying import Health, Limits, ailing
from messaging.wording.pauses import why_paused

ACTOR = "worker"
REASON_MAX = 300


def count_error(dispatch_id: int, text: str, at: dt.datetime) -> None:
    """Will count one more error in a row, and pause the dispatch where it was one too many. Locks its row."""
    Dispatch.objects.filter(id=dispatch_id).update(errors_in_row=F("errors_in_row") + 1)
    row = Dispatch.objects.values("errors_in_row", "errors_max").get(id=dispatch_id)
    if row["errors_in_row"] >= row["errors_max"]:
        pause_itself(dispatch_id, why_paused("errors", count=row["errors_in_row"], text=text), at)


def begin_again(dispatch_id: int) -> None:
    """Will count errors from none again, for one message went out."""
    Dispatch.objects.filter(id=dispatch_id, errors_in_row__gt=0).update(errors_in_row=0)


def pause_itself(dispatch_id: int, reason: str, at: dt.datetime) -> None:
    """Will pause a dispatch with a sentence why; one that is not running is left."""
    running = Dispatch.objects.filter(id=dispatch_id, state=DispatchState.RUNNING)
    if running.update(state=DispatchState.PAUSED, state_reason=reason[:REASON_MAX], paused_at=at):
        audit.record(
            at=at, actor=ACTOR, deed="dispatch.paused_itself", subject=f"dispatch:{dispatch_id}", reason=reason
        )


def pause_the_ailing(at: dt.datetime) -> int:
    """Will pause the dispatches whose bounces or complaints are above the rules; returns how many."""
    rules, paused = None, 0
    for dispatch_id, errors, errors_max, sent, bounced, complained in sql.fetch("messaging", "health_of_dispatches"):
        rules = rules or rules_in_force()
        limits = Limits(errors_max, rules.bounces_pause_share, rules.complaints_pause_share)
        why = ailing(Health(errors, sent, bounced, complained), limits)
        if why:
            count = {"errors": errors, "bounces": bounced, "complaints": complained}[why]
            pause_itself(dispatch_id, why_paused(why, count=count, sent=sent), at)
            paused += 1
    return paused
