"""Making the coupons of a batch: in chunks, each of which is committed with how far the batch is by it."""

import datetime as dt
import logging
from collections.abc import Callable, Sequence

from django.db import transaction

from benefits.actions.issuing import lifetime, new_codes
from benefits.enums import BatchState
from benefits.models import CouponBatch
from benefits.rules.coupons import terms_from
from kit import audit, sql

logger = logging.getLogger(__name__)

ACTOR = "worker"
CHUNK = 50_000
OPEN = (BatchState.WAITING, BatchState.RUNNING)
ERROR_LENGTH_MAX = 2000

Draw = Callable[[str, int], list[str]]
"""What draws so many codes after a prefix."""


def make_open_batches(now: Callable[[], dt.datetime]) -> int:
    """Will make all batches that wait or were cut off, oldest first; returns how many coupons. `now` is the clock."""
    open_ones = CouponBatch.objects.filter(state__in=OPEN).order_by("requested_at", "id")
    return sum(make_batch(batch_id, now) for batch_id in open_ones.values_list("id", flat=True))


def make_batch(batch_id: int, now: Callable[[], dt.datetime], chunk: int = CHUNK, draw: Draw = new_codes) -> int:
    """Will make what is missing of a batch and return how many coupons that were.

    A chunk is one transaction under the batch's row lock, and `made` says where it ends: a worker that is killed leaves
    whole chunks, the next one goes on behind them, and while one is at it another leaves it alone. A fault closes the
    batch with its reason and is raised.
    """
    made = 0
    try:
        while count := _make_chunk(batch_id, now(), chunk, draw):
            made += count
    except Exception as error:
        logger.exception("batch %s failed", batch_id)
        _fail(batch_id, f"{type(error).__name__}: {error}"[:ERROR_LENGTH_MAX], now())
        raise
    return made


@transaction.atomic
def _make_chunk(batch_id: int, at: dt.datetime, chunk: int, draw: Draw) -> int:
    """Will make the next coupons of a batch; none where it is over, or another worker is at it."""
    batches = CouponBatch.objects.select_for_update(of=("self",), skip_locked=True).select_related("terms__definition")
    batch = batches.filter(id=batch_id, state__in=OPEN).first()
    if batch is None:
        return 0
    wanted: Sequence[int | None] = (
        batch.members[batch.made : batch.made + chunk]
        if batch.members is not None
        else [None] * min(chunk, batch.size - batch.made)
    )
    _write(batch, wanted, draw)
    batch.made += len(wanted)
    batch.state = BatchState.DONE if batch.made == batch.size else BatchState.RUNNING
    batch.finished_at = at if batch.state == BatchState.DONE else None
    batch.save(update_fields=["made", "state", "finished_at"])
    if batch.finished_at:
        subject = f"coupon:{batch.terms.definition.code}"
        audit.record(at=at, actor=ACTOR, deed="coupon.batch_made", subject=subject, becomes={"batch": batch.id})
    return len(wanted)


def _write(batch: CouponBatch, wanted: Sequence[int | None], draw: Draw) -> None:
    """Will write a coupon for each; whose code was known already is written again with another one."""
    # As of when it was asked for, so that a batch that goes on later is of one piece.
    starts_at, ends_at = lifetime(batch.terms, batch.requested_at)
    facts = {
        "batch": batch.id,
        "terms": batch.terms_id,
        "definition": batch.terms.definition_id,
        "source_key": f"batch:{batch.id}",
        "issued_at": batch.requested_at,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "uses_max": terms_from(batch.terms.terms).uses_per_code,
    }
    while wanted:
        codes = draw(batch.prefix, len(wanted))
        written = {code for (code,) in sql.fetch("benefits", "make_codes", codes=codes, members=wanted, **facts)}
        if len(written) == len(wanted):
            return
        wanted = _unwritten(codes, wanted, written)


def _unwritten(codes: Sequence[str], wanted: Sequence[int | None], written: set[str]) -> list[int | None]:
    """Of a code that was drawn twice in one chunk, the first is the one that was written."""
    left = []
    for code, member_id in zip(codes, wanted, strict=True):
        if code in written:
            written.discard(code)
        else:
            left.append(member_id)
    return left


@transaction.atomic
def _fail(batch_id: int, error: str, at: dt.datetime) -> None:
    CouponBatch.objects.filter(id=batch_id, state__in=OPEN).update(state=BatchState.FAILED, error=error, finished_at=at)
