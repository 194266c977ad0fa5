"""Kit's jobs: a step of periodic work is done once per business date, alone, in chunks, and can go on."""

import datetime as dt
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max, Min

from kit import audit, clock, locks, sql
from kit.enums import RunState
from kit.models import IdempotentCall, JobRun

logger = logging.getLogger(__name__)

EVERYBODY = 2**63 - 1
"""The cursor of a step that is through: no member has a higher id."""

# What every step says of itself every night, whatever there is to do: kept planned.
OPEN = b"""
INSERT INTO kit_jobrun (step, business_date, state, attempts, cursor, rows, detail, error, started_at)
VALUES (%(step)s, %(business_date)s, %(state)s, 1, 0, 0, '{}', '', %(started_at)s)
ON CONFLICT (step, business_date) DO NOTHING RETURNING id
"""
ADVANCE = b"""
UPDATE kit_jobrun SET cursor = %(cursor)s, rows = %(rows)s, detail = %(detail)s::jsonb WHERE id = %(id)s
RETURNING detail::text
"""
CLOSE = b"UPDATE kit_jobrun SET state = %(state)s, finished_at = %(at)s WHERE id = %(id)s"
OPEN_ALL = b"""
INSERT INTO kit_jobrun (step, business_date, state, attempts, cursor, rows, detail, error, started_at)
SELECT step, %(business_date)s, %(state)s, 1, 0, 0, '{}', '', %(started_at)s
FROM unnest(%(steps)s::text[]) WITH ORDINALITY AS begun (step, place) ORDER BY place
ON CONFLICT (step, business_date) DO NOTHING
"""
CLOSE_ALL = b"""
UPDATE kit_jobrun run
SET state = %(state)s, cursor = done.cursor, rows = done.rows, detail = done.detail, started_at = done.started_at,
    finished_at = done.finished_at
FROM json_populate_recordset(NULL::kit_jobrun, %(runs)s::json) AS done
WHERE run.step = done.step AND run.business_date = %(business_date)s
"""

CALLS_KEPT_DAYS = 30
ERROR_LENGTH_MAX = 2000


class StepStopped(Exception):
    """A step stopped on purpose; `detail` is kept in its run, the message is what people read there.

    `keep` is called with that, for what it found is rolled back with what it did.
    """

    def __init__(self, message: str, detail: dict[str, Any], keep: Callable[[], object] | None = None) -> None:
        self.detail = detail
        self.keep = keep
        super().__init__(message)


class MovesTooMuch(StepStopped):
    """A step would move more members than its limit; it moved nobody and waits for a person."""

    def __init__(self, what: str, moves: int, limit: int, keep: Callable[[], object] | None = None) -> None:
        message = (
            f"{moves} members would {what}, more than the limit of {limit}. Nothing was changed. "
            "Look why; if it is right, approve it and run the step again."
        )
        super().__init__(message, {"moves": moves, "limit": limit}, keep)


class BegunBefore(Exception):
    """A step was begun on that date before, so that it cannot be done with others at once; nothing was done."""


class NotHeld(Exception):
    """There is nothing to approve: the step does not wait for a person on that date."""


@dataclass(frozen=True, slots=True)
class Night:
    """What a step is told.

    With `slice_only` everything up to the day before is known to be done, so that only what this date changed needs
    looking at. `approved` is how many moves a person has let pass where the step would hold; None is all of them.
    """

    date: dt.date
    slice_only: bool = False
    approved: int | None = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """One part of a step, committed by itself: members up to this id are done, so many rows were changed."""

    upto: int
    rows: int
    detail: dict[str, Any] = field(default_factory=dict)


Work = Callable[[Night, int], Iterator[Chunk]]
"""Does a step for the members above an id. What stands before each yield is one transaction."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the night: its name, its work, and the steps it needs done first.

    A step whose result is the same however many dates went before is run for the latest date only (`every_date`).
    """

    name: str
    work: Work
    after: tuple[str, ...] = ()
    every_date: bool = True


def missing_dates(step: Step, date: dt.date) -> list[dt.date]:
    """Will return the dates up to `date` on which a step is not done, oldest first.

    They begin after the last date it was done; a step that was never done begins where it first stopped, or with
    `date` alone. A date before the last one done is closed by that one.
    """
    runs = JobRun.objects.filter(step=step.name)
    last: dt.date | None = runs.filter(state=RunState.DONE).aggregate(date=Max("business_date"))["date"]
    if last and last >= date:
        return []
    if not step.every_date:
        return [date]
    begun: dt.date | None = runs.filter(business_date__lte=date).aggregate(date=Min("business_date"))["date"]
    first = last + dt.timedelta(days=1) if last else begun or date
    return [first + dt.timedelta(days=days) for days in range((date - first).days + 1)]


def last_done(step: str, before: dt.date) -> dt.date | None:
    """Will return the latest date before another for which a step is done, or None. One query."""
    done = JobRun.objects.filter(step=step, state=RunState.DONE, business_date__lt=before)
    return done.aggregate(date=Max("business_date"))["date"]  # type: ignore[no-any-return]


def last_runs() -> list[JobRun]:
    """Will return the run of each step's latest date, by step. One query."""
    return list(JobRun.objects.order_by("step", "-business_date").distinct("step"))


def run(step: Step, night: Night, *, again: bool = False) -> JobRun:
    """Will do a step for one date, or what is left of it, and return its run: done, failed or held.

    Alone under the advisory lock job:<step>; raises kit.locks.AlreadyRunning. Each chunk is committed with the
    cursor, so that a killed run goes on where it stopped. One that is done is left, or with `again` done anew.
    """
    with alone(step):
        return run_alone(step, night, again=again)


def alone(*steps: Step) -> AbstractContextManager[None]:
    """Will keep everybody else from these steps for the length of the block; raises kit.locks.AlreadyRunning."""
    return locks.alone(*(f"job:{step.name}" for step in steps))


def run_alone(step: Step, night: Night, *, again: bool = False) -> JobRun:
    """Will do what run does, for a caller who holds the step by `alone`: many dates or steps under one lock."""
    job = _begin(step.name, night.date, again=again)
    if job.state == RunState.DONE:
        return job
    approved = night.approved if night.approved is None else job.detail.get("approved", {}).get("moves", 0)
    try:
        _work_through(step, Night(night.date, night.slice_only, approved), job)
    except MovesTooMuch as held:
        return _stop(job, RunState.HELD, held)
    except StepStopped as stopped:
        return _stop(job, RunState.FAILED, stopped)
    except Exception as error:
        logger.exception("%s for %s failed", step.name, night.date)
        return _end(job, RunState.FAILED, f"{type(error).__name__}: {error}".strip(), {})
    job.state, job.finished_at = RunState.DONE, clock.now()
    sql.execute_text(CLOSE, {"id": job.id, "state": job.state.value, "at": job.finished_at})
    return job


def run_at_once(steps: Sequence[Step], night: Night) -> None:
    """Will do steps one after the other in a single transaction, each from its beginning, and note their runs together.

    For a date among hundreds, of which little is to be done: its runs would take longer than its work. The caller
    holds the steps by `alone`. Raises BegunBefore, and whatever a step raises: nothing was done then, and nothing is
    noted of it, which run_alone does.
    """
    asked = {"business_date": night.date, "steps": [step.name for step in steps], "started_at": clock.now()}
    with transaction.atomic():
        if sql.execute_text(OPEN_ALL, {**asked, "state": RunState.RUNNING.value}) < len(steps):
            raise BegunBefore
        runs = json.dumps([_worked_through(step, night) for step in steps], default=str)
        sql.execute_text(CLOSE_ALL, {"business_date": night.date, "state": RunState.DONE.value, "runs": runs})


def _worked_through(step: Step, night: Night) -> dict[str, Any]:
    """Will do a step in the caller's transaction, and return what is to be kept of its run."""
    started_at, cursor, rows, detail = clock.now(), 0, 0, dict[str, Any]()
    for chunk in step.work(night, 0):
        cursor, rows, detail = chunk.upto, rows + chunk.rows, added(detail, chunk.detail)
    return {
        "step": step.name,
        "cursor": cursor,
        "rows": rows,
        "detail": detail,
        "started_at": started_at,
        "finished_at": clock.now(),
    }


def _begin(name: str, date: dt.date, *, again: bool) -> JobRun:
    """Will open the run of a date, or open it again. Nobody else does so meanwhile: the caller holds the step."""
    now = clock.now()
    fresh = {"step": name, "business_date": date, "state": RunState.RUNNING, "started_at": now}
    if opened := sql.fetch_text(OPEN, {**fresh, "state": RunState.RUNNING.value}):
        return JobRun(**fresh, id=opened[0][0])
    job = JobRun.objects.get(step=name, business_date=date)
    if again and job.state == RunState.DONE:
        job.state, job.cursor = RunState.RUNNING, 0
    if job.state != RunState.DONE:
        job.state, job.attempts, job.error = RunState.RUNNING, job.attempts + 1, ""
        job.started_at, job.finished_at = now, None
        job.save()
    return job


def _work_through(step: Step, night: Night, job: JobRun) -> None:
    work = step.work(night, job.cursor)
    while True:
        with transaction.atomic():
            chunk = next(work, None)
            if chunk is None:
                return
            job.cursor, job.rows = chunk.upto, job.rows + chunk.rows
            detail = json.dumps(added(job.detail, chunk.detail))
            so_far = {"id": job.id, "cursor": job.cursor, "rows": job.rows, "detail": detail}
            # As the database has it, which puts names in an order of its own.
            job.detail = json.loads(sql.fetch_text(ADVANCE, so_far)[0][0])


def _stop(job: JobRun, state: RunState, stopped: StepStopped) -> JobRun:
    with transaction.atomic():
        if stopped.keep:
            stopped.keep()
        return _end(job, state, str(stopped), stopped.detail)


def _end(job: JobRun, state: RunState, error: str, detail: dict[str, Any]) -> JobRun:
    """Will note how a run stopped; what a chunk counted that was rolled back is forgotten."""
    job.refresh_from_db()
    job.state, job.error, job.finished_at = state, error[:ERROR_LENGTH_MAX], clock.now()
    job.detail = {**job.detail, **detail}
    job.save()
    return job


def added(before: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Will return both details as one: numbers summed, anything else the later one."""
    both = dict(before)
    for name, value in more.items():
        number = isinstance(value, int) and isinstance(both.get(name), int)
        both[name] = both[name] + value if number else value
    return both


def approve(*, step: str, date: dt.date, at: dt.datetime, actor: str) -> JobRun:
    """Will let a held step move as many members as it said it would, when it is run again; raises NotHeld."""
    with transaction.atomic():
        job = JobRun.objects.select_for_update().filter(step=step, business_date=date, state=RunState.HELD).first()
        if job is None:
            raise NotHeld(f"{step} does not wait for anybody on {date}. Nothing was approved.")
        moves = job.detail["moves"]
        job.detail = {**job.detail, "approved": {"moves": moves, "by": actor, "at": at.isoformat()}}
        job.save(update_fields=["detail"])
        audit.record(at=at, actor=actor, deed="job.approve", subject=f"job:{step}:{date}", becomes={"moves": moves})
    return job


def clear_old_calls(night: Night, after: int) -> Iterator[Chunk]:
    """Will delete idempotent calls whose answer was promised until the end of the date."""
    oldest = clock.day_end(night.date) - dt.timedelta(days=CALLS_KEPT_DAYS)
    if after < EVERYBODY:
        deleted, _ = IdempotentCall.objects.filter(started_at__lt=oldest).delete()
        yield Chunk(EVERYBODY, deleted)
