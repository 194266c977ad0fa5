"""A draft of a ladder is tried on everybody who stands on it: found and counted at once, and kept with the version."""

import datetime as dt
import logging
from collections.abc import Callable

from django.db import connection, transaction

from kit import locks
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries

logger = logging.getLogger(__name__)

ACTOR = "preview"


def lock_of(version_id: int) -> str:
    """Will return the name of the lock under which one preview of a draft at a time is worked out."""
    return f"ladder-preview:{version_id}"


def run(*, preview_id: int, now: Callable[[], dt.datetime]) -> None:
    """Will work out a preview that waits or was cut off; `now` is the clock.

    Alone per draft: while another process is at it, nothing is done. A draft that was edited since is not tried. A
    fault closes the preview with its reason and is raised.
    """
    preview = tiers_queries.get_ladder_preview(preview_id)
    try:
        with locks.alone(lock_of(preview.version_id)):
            _work_out(preview_id, now)
    except locks.AlreadyRunning:
        return
    except tiers_actions.PreviewOver:
        logger.info("ladder preview %s is over", preview_id)
    except Exception as error:
        logger.exception("ladder preview %s failed", preview_id)
        reason = f"{type(error).__name__}: {error}"
        tiers_actions.fail_preview(preview_id=preview_id, error=reason, at=now(), actor=ACTOR)
        raise


def _work_out(preview_id: int, now: Callable[[], dt.datetime]) -> None:
    preview = tiers_queries.get_ladder_preview(preview_id)
    if not preview.is_open:
        return
    if preview.is_stale:
        error = "The draft was edited before its preview was through. Ask for a new one."
        tiers_actions.fail_preview(preview_id=preview_id, error=error, at=now(), actor=ACTOR)
        return
    tiers_actions.begin_preview(preview_id=preview_id, at=now(), actor=ACTOR)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute("SET LOCAL work_mem = '128MB'")  # sums of everybody that would be sorted on the disk otherwise
        result = tiers_actions.work_out(preview_id=preview_id, at=now(), actor=ACTOR)
    tiers_actions.finish_preview(preview_id=preview_id, result=result, at=now(), actor=ACTOR)
