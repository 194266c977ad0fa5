"""Previews of a draft: asked for once, worked out in parts that are kept, and kept with the version."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from kit import audit
from points.actions.policies import NoDraft
from points.enums import PreviewState
from points.models import PolicyPreview, PolicyVersion
from points.rules.policy import policy_from_terms
from points.rules.previews import MONTHS_MAX, terms_digest

OPEN = (PreviewState.WAITING, PreviewState.RUNNING)
ERROR_LENGTH_MAX = 2000


class BadMonths(Exception):
    """So much history cannot be replayed; nothing was started."""


class PreviewOver(Exception):
    """A preview that was being worked out is over: another one took its place, or it ended. Nothing was written."""


@transaction.atomic
def request_preview(*, version_id: int, months: int, at: dt.datetime, actor: str) -> tuple[int, bool]:
    """Will ask for a preview of a draft over so many months; returns its id and whether it is new.

    One that is still being worked out for the same terms and months is returned as it is; one for other terms or months
    is closed. Raises NoDraft, BadMonths and points.rules.policy.BadTerms. Locks the draft.
    """
    if not 1 <= months <= MONTHS_MAX:
        raise BadMonths(f"A preview looks back 1 to {MONTHS_MAX} months, not {months}. Nothing was started.")
    version = PolicyVersion.objects.select_for_update().filter(id=version_id, published_at=None).first()
    if version is None:
        raise NoDraft("This draft does not exist, or is published by now. Nothing was started.")
    policy_from_terms(version.id, version.terms)
    digest = terms_digest(version.terms)
    for other in PolicyPreview.objects.select_for_update().filter(version=version, state__in=OPEN).order_by("id"):
        if other.months == months and bytes(other.terms_digest) == digest:
            return other.id, False
        _end(other, PreviewState.FAILED, "A newer preview was asked for.", at)
    preview = PolicyPreview.objects.create(
        version=version, months=months, terms_digest=digest, actor=actor, requested_at=at
    )
    audit.record(
        at=at, actor=actor, deed="preview.request", subject=f"policy:{version.number}", becomes={"months": months}
    )
    return preview.id, True


@transaction.atomic
def begin_preview(*, preview_id: int, members_total: int, at: dt.datetime, actor: str) -> Mapping[str, Any]:
    """Will mark a preview as being worked out and return what was kept of it so far; raises PreviewOver. Locks it."""
    preview = _open(preview_id)
    preview.state, preview.members_total = PreviewState.RUNNING, members_total
    preview.result = preview.result or {"begun_at": at.isoformat(), "by": actor}
    preview.save(update_fields=["state", "members_total", "result"])
    return dict(preview.result)


@transaction.atomic
def keep_progress(*, preview_id: int, members_done: int, kept: Mapping[str, Any], at: dt.datetime, actor: str) -> None:
    """Will keep what a part of the work came to, so that it goes on from there; raises PreviewOver. Locks it."""
    preview = _open(preview_id)
    preview.members_done = members_done
    preview.result = {**kept, "kept_at": at.isoformat(), "by": actor}
    preview.save(update_fields=["members_done", "result"])


@transaction.atomic
def finish_preview(*, preview_id: int, result: Mapping[str, Any], at: dt.datetime, actor: str) -> None:
    """Will keep what a preview came to; raises PreviewOver. Locks it."""
    preview = _open(preview_id)
    preview.result = dict(result)
    preview.members_done = preview.members_total
    _end(preview, PreviewState.DONE, "", at)
    audit.record(at=at, actor=actor, deed="preview.finish", subject=f"preview:{preview_id}")


@transaction.atomic
def fail_preview(*, preview_id: int, error: str, at: dt.datetime, actor: str) -> None:
    """Will close a preview with the reason it could not be worked out; one that is over stays as it is. Locks it."""
    preview = PolicyPreview.objects.select_for_update().filter(id=preview_id, state__in=OPEN).first()
    if preview:
        _end(preview, PreviewState.FAILED, error, at)
        audit.record(at=at, actor=actor, deed="preview.fail", subject=f"preview:{preview_id}", reason=error[:300])


def _open(preview_id: int) -> PolicyPreview:
    preview = PolicyPreview.objects.select_for_update().filter(id=preview_id, state__in=OPEN).first()
    if preview is None:
        raise PreviewOver(f"Preview {preview_id} is over. Nothing was written.")
    return preview


def _end(preview: PolicyPreview, state: PreviewState, error: str, at: dt.datetime) -> None:
    preview.state, preview.error, preview.finished_at = state, error[:ERROR_LENGTH_MAX], at
    preview.save()
