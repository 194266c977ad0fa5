"""Dispatches: opened, paused, resumed, cancelled; what failed in them tried again."""

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from kit import audit, sql
from messaging.actions.enqueuing import reopen, wake_sender
from messaging.enums import DispatchState, MessageState
from messaging.models import Dispatch, Message
from messaging.queries.outbox import UnknownDispatch

NAME_MAX = 200
REASON_MAX = 300


class DispatchOver(Exception):
    """The dispatch is cancelled or finished, so cannot be paused, resumed or cancelled; nothing was changed."""


@transaction.atomic
def open_dispatch(
    *,
    name: str,
    at: dt.datetime,
    actor: str,
    rate_per_minute: int | None = None,
    obeys_caps: bool = True,
    counts_for_caps: bool = True,
    ends_at: dt.datetime | None = None,
    errors_max: int = 50,
) -> int:
    """Will open a dispatch, running, and return its id."""
    dispatch = Dispatch.objects.create(
        name=name[:NAME_MAX],
        rate_per_minute=rate_per_minute,
        obeys_caps=obeys_caps,
        counts_for_caps=counts_for_caps,
        ends_at=ends_at,
        errors_max=errors_max,
        created_at=at,
        actor=actor,
    )
    return dispatch.id


@transaction.atomic
def pause(*, dispatch_id: int, reason: str, at: dt.datetime, actor: str) -> None:
    """Will keep a dispatch's messages from being begun, from the commit on; paused already, it is left.

    Raises UnknownDispatch, and DispatchOver where it is over. Locks the dispatch's row.
    """
    dispatch = _locked(dispatch_id)
    if dispatch.state == DispatchState.PAUSED:
        return
    _refuse_over(dispatch)
    dispatch.state, dispatch.state_reason, dispatch.paused_at = DispatchState.PAUSED, reason[:REASON_MAX], at
    dispatch.save(update_fields=["state", "state_reason", "paused_at"])
    _record(dispatch, "dispatch.pause", at, actor, reason)


@transaction.atomic
def resume(*, dispatch_id: int, at: dt.datetime, actor: str) -> None:
    """Will let a paused dispatch go on, its errors counted from none; running, it is left. Raises as pause does."""
    dispatch = _locked(dispatch_id)
    if dispatch.state == DispatchState.RUNNING:
        return
    _refuse_over(dispatch)
    dispatch.state, dispatch.state_reason = DispatchState.RUNNING, ""
    dispatch.errors_in_row, dispatch.paused_at = 0, None
    dispatch.save(update_fields=["state", "state_reason", "errors_in_row", "paused_at"])
    _record(dispatch, "dispatch.resume", at, actor)
    wake_sender()


@transaction.atomic
def cancel(*, dispatch_id: int, at: dt.datetime, actor: str, reason: str = "") -> int:
    """Will skip all of a dispatch that has not begun, for good, and return how many that were; again it skips none.

    One statement whatever the number. Raises UnknownDispatch. Locks the dispatch's row, then those of its messages.
    """
    dispatch = _locked(dispatch_id)
    if dispatch.state != DispatchState.CANCELLED:
        dispatch.state, dispatch.state_reason = DispatchState.CANCELLED, reason[:REASON_MAX]
        dispatch.save(update_fields=["state", "state_reason"])
        _record(dispatch, "dispatch.cancel", at, actor, reason)
    return sql.execute("messaging", "cancel_dispatch", dispatch=dispatch_id)


@transaction.atomic
def retry_failed(
    *, at: dt.datetime, actor: str, dispatch_id: int | None = None, message_ids: Collection[int] = ()
) -> int:
    """Will queue messages that failed once more, all of a dispatch's or those named, and return how many.

    Those that failed are known not to have been sent. A bounced address is suppressed, so that they are skipped then.
    """
    failed = Message.objects.filter(state=MessageState.FAILED)
    if dispatch_id is not None:
        _refuse_cancelled(_locked(dispatch_id))
        failed = failed.filter(dispatch_id=dispatch_id)
    else:
        failed = failed.filter(id__in=message_ids).exclude(dispatch__state=DispatchState.CANCELLED)
    dispatches = set(failed.exclude(dispatch=None).values_list("dispatch_id", flat=True).distinct())
    queued = failed.update(
        state=MessageState.QUEUED, reason="", detail="", attempts=0, lease=None, leased_until=None, due_at=at
    )
    if queued:
        for one in sorted(dispatches):
            reopen(one)
        subject = f"dispatch:{dispatch_id}" if dispatch_id else "messages"
        audit.record(at=at, actor=actor, deed="messages.retry", subject=subject, becomes={"messages": queued})
        wake_sender()
    return queued


def _locked(dispatch_id: int) -> Dispatch:
    dispatch = Dispatch.objects.select_for_update().filter(id=dispatch_id).first()
    if dispatch is None:
        raise UnknownDispatch("There is no such dispatch. Nothing was changed.")
    return dispatch


def _refuse_over(dispatch: Dispatch) -> None:
    if dispatch.state in (DispatchState.CANCELLED, DispatchState.FINISHED):
        raise DispatchOver(f"{dispatch.name} is {dispatch.state}. Nothing was changed.")


def _refuse_cancelled(dispatch: Dispatch) -> None:
    if dispatch.state == DispatchState.CANCELLED:
        raise DispatchOver(f"{dispatch.name} is cancelled, so nothing of it is sent again. Nothing was changed.")


def _record(dispatch: Dispatch, deed: str, at: dt.datetime, actor: str, reason: str = "") -> None:
    audit.record(at=at, actor=actor, deed=deed, subject=f"dispatch:{dispatch.id}", reason=reason[:REASON_MAX])
