"""The engine of the night: once per date, alone, in committed chunks, resumed, caught up, stopped and approved."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F

from kit import jobs, locks
from kit.enums import RunState
from kit.jobs import Chunk, Night, Step, StepStopped
from kit.models import ApiKey, IdempotentCall, JobRun
from membership_site import schedule
from membership_site.celery import app
from membership_site.flows import nightly, proof, tasks
from points.models import Entry, Lot
from tests.night import world
from tests.night.world import DAY

D = dt.date(2026, 3, 31)
KILLED = """
import sys, time
import django
django.setup()
import datetime as dt
from kit import jobs
from membership_site.flows import nightly
from points.jobs import lots as points_jobs
points_jobs.LOTS_A_CHUNK = 5
real = nightly.find_step("expire_lots")
def slowly(night, after):
    for number, chunk in enumerate(real.work(night, after), 1):
        print("done but not committed", number, flush=True)
        if number == 3:
            time.sleep(60)
        yield chunk
jobs.run(jobs.Step("expire_lots", slowly), jobs.Night(dt.date(2026, 3, 31)))
"""


def step(*chunks: object, name: str = "count", **options: Any) -> Step:
    """A step whose chunks are given: numbers are rows, exceptions are raised."""

    def work(night, after):
        for upto, chunk in enumerate(chunks, 1):
            if upto > after:
                if isinstance(chunk, Exception):
                    raise chunk
                yield Chunk(upto, chunk, {"seen": chunk, "slice": night.slice_only})

    return Step(name, work, **options)


@pytest.fixture
def steps(monkeypatch):
    """Puts other steps in the place of the night's."""

    def put(*others: Step) -> None:
        monkeypatch.setattr(nightly, "STEPS", others)

    return put


def states(outcomes: list[nightly.Outcome]) -> list[tuple[str, int, str]]:
    """(step, days after D, state) of each outcome."""
    return [(outcome.step, (outcome.date - D).days, outcome.state) for outcome in outcomes]


@pytest.mark.django_db
class TestARun:
    def test_done_once(self):
        job = jobs.run(step(2, 3), Night(D))
        assert (job.state, job.rows, job.cursor, job.detail) == (RunState.DONE, 5, 2, {"seen": 5, "slice": False})
        again = jobs.run(step(7), Night(D))
        assert again.rows == 5 and again.attempts == 1 and JobRun.objects.count() == 1

    def test_a_failure_is_kept_in_words_and_resumed_behind_its_last_chunk(self):
        job = jobs.run(step(2, ValueError("the shop is shut"), 4), Night(D))
        assert (job.state, job.error, job.rows, job.cursor) == ("failed", "ValueError: the shop is shut", 2, 1)
        assert job.finished_at
        job = jobs.run(step(99, 3, 4), Night(D))
        assert (job.state, job.error, job.rows, job.attempts, job.detail["seen"]) == ("done", "", 9, 2, 9)

    def test_what_stops_on_purpose_keeps_its_detail(self):
        job = jobs.run(step(StepStopped("not today", {"why": "rain"})), Night(D))
        assert (job.state, job.error, job.detail) == ("failed", "not today", {"why": "rain"})

    def test_again(self):
        jobs.run(step(2), Night(D))
        job = jobs.run(step(4), Night(D), again=True)
        assert (job.state, job.rows, job.attempts) == ("done", 6, 2)

    def test_nothing_to_approve(self):
        jobs.run(step(2), Night(D))
        with pytest.raises(jobs.NotHeld, match="Nothing was approved"):
            jobs.approve(step="count", date=D, at=world.noon(D), actor="staff:1")


@pytest.mark.django_db
class TestDates:
    def test_a_step_that_never_ran_begins_with_the_date(self):
        assert jobs.missing_dates(step(1), D) == [D]

    def test_missed_dates_oldest_first_and_closed_dates_not_again(self):
        jobs.run(step(1), Night(D))
        assert jobs.missing_dates(step(1), D + 3 * DAY) == [D + DAY, D + 2 * DAY, D + 3 * DAY]
        assert jobs.missing_dates(step(1, every_date=False), D + 3 * DAY) == [D + 3 * DAY]
        assert jobs.missing_dates(step(1), D) == jobs.missing_dates(step(1), D - 5 * DAY) == []

    def test_a_step_that_only_failed_begins_where_it_failed(self):
        jobs.run(step(ValueError()), Night(D))
        assert jobs.missing_dates(step(1), D + DAY) == [D, D + DAY]

    def test_a_catch_up_looks_at_everybody_first_and_then_at_slices(self, steps):
        steps(step(1))
        nightly.run(as_of=D)
        outcomes = nightly.run(as_of=D + 3 * DAY)
        assert [outcome.detail["slice"] for outcome in outcomes] == [False, True, True]
        assert nightly.run(as_of=D + 3 * DAY) == []


@pytest.mark.django_db
class TestANight:
    def test_a_failure_stops_only_what_needs_it(self, steps):
        first, free = step(1, name="first"), step(1, name="free", after=("first",))
        needy = step(1, name="needs_bad", after=("bad",)), step(1, name="needs_that", after=("needs_bad",))
        steps(first, step(1, name="bad"), *needy, free)
        nightly.run(as_of=D - DAY)
        steps(first, step(ValueError("no"), name="bad"), *needy, free)
        outcomes = nightly.run(as_of=D)
        assert states(outcomes) == [
            ("first", 0, "done"),
            ("bad", 0, "failed"),
            ("needs_bad", 0, "waiting"),
            ("needs_that", 0, "waiting"),
            ("free", 0, "done"),
        ]
        assert outcomes[2].error == "bad of 2026-03-31 is failed."
        later = nightly.run(as_of=D + DAY)
        assert ("bad", 1, "waiting") in states(later) and ("free", 1, "done") in states(later)
        steps(first, step(1, name="bad"), *needy, free)
        mended = nightly.run(as_of=D + DAY)
        assert {state for _, _, state in states(mended)} == {"done"}
        assert [(name, days) for name, days, _ in states(mended)] == [
            (name, days) for days in (0, 1) for name in ("bad", "needs_bad", "needs_that")
        ]

    def test_a_dry_run_changes_nothing(self, programme):
        [ann] = world.people(1, D - 30 * DAY)
        world.give(ann, 10, (D - DAY, D), D - 9 * DAY)
        before = world.ledger_now()
        outcomes = nightly.run(as_of=D, dry_run=True)
        assert {outcome.state for outcome in outcomes} == {"done"}
        assert {outcome.step: outcome.rows for outcome in outcomes}["expire_lots"] == 2
        assert world.ledger_now() == before and not JobRun.objects.exists() and Entry.objects.count() == 1

    def test_an_unknown_step(self):
        with pytest.raises(nightly.UnknownStep, match="The steps are release_lots"):
            nightly.run_step(name="sing", as_of=D)

    def test_reliving_stops_the_history_at_a_failure(self, steps):
        steps(step(1, name="fine"), step(1, name="latest_only", every_date=False))
        nightly.relive(as_of=D)
        nightly.relive(as_of=D)
        assert list(JobRun.objects.values_list("step", "attempts")) == [("fine", 2)]
        steps(step(ValueError("no"), name="bad"))
        with pytest.raises(nightly.NotRelived, match="bad of 2026-03-31 failed"):
            nightly.relive(as_of=D)

    def test_reliving_does_a_date_at_once_or_step_by_step_where_one_fails(self, steps):
        steps(step(2, 3, name="first"), step(name="idle"), step(4, name="last"))
        nightly.relive(as_of=D)
        runs = JobRun.objects.order_by("id").filter(attempts=1, error="", finished_at__gte=F("started_at"))
        assert [(run.step, run.state, run.rows, run.cursor, run.detail.get("seen")) for run in runs] == [
            ("first", "done", 5, 2, 5),
            ("idle", "done", 0, 0, None),
            ("last", "done", 4, 1, 4),
        ]
        steps(step(2, name="first"), step(3, ValueError("no"), name="bad"), step(4, name="last"))
        with pytest.raises(nightly.NotRelived):
            nightly.relive(as_of=D + DAY)
        stopped = JobRun.objects.filter(business_date=D + DAY).order_by("id")
        assert [(run.step, run.state, run.rows, run.cursor, run.attempts) for run in stopped] == [
            ("first", "done", 2, 1, 1),
            ("bad", "failed", 3, 1, 1),
        ]

    def test_what_was_begun_before_is_not_done_at_once(self, steps):
        jobs.run(step(2, name="begun"), Night(D))
        with pytest.raises(jobs.BegunBefore):
            jobs.run_at_once([step(3, name="fresh"), step(4, name="begun")], Night(D))
        assert list(JobRun.objects.values_list("step", "rows")) == [("begun", 2)]

    def test_the_proof_fails_in_sentences(self, programme, monkeypatch):
        broken = jobs.Step("proof", proof.prove, every_date=False)
        assert jobs.run(broken, Night(D)).detail == {"claims": proof.count_claims(in_depth=True), "violations": 0}
        monkeypatch.setattr(proof, "violations", lambda: iter(["Two and two are five."]))
        job = jobs.run(broken, Night(D + DAY))
        assert job.state == "failed" and job.detail["sentences"] == ["Two and two are five."]
        assert job.error == "1 violations. The first: Two and two are five."

    def test_old_calls_are_cleared_and_young_ones_kept(self):
        key = ApiKey.objects.create(name="shop", prefix="p", digest=b"", created_at=world.noon(D))
        for number, days in enumerate((0, 29, 30, 31)):
            at = world.noon(D - days * DAY)
            IdempotentCall.objects.create(api_key=key, key=str(number), fingerprint=b"", started_at=at)
        assert world.night(nightly.find_step("clear_old_calls"), D).rows == 2
        assert set(IdempotentCall.objects.values_list("key", flat=True)) == {"0", "1"}

    def test_tasks_and_schedule_know_one_another(self, programme, time_machine):
        time_machine.move_to(dt.datetime(2026, 3, 31, 16, 10, tzinfo=dt.UTC))  # ten past midnight in Shanghai
        tasks.run_night()
        assert set(JobRun.objects.values_list("business_date", flat=True)) == {D}
        tasks.run_step("release_lots", "2026-04-01")
        assert JobRun.objects.filter(business_date=D + DAY).count() == 1
        assert {work["task"] for work in schedule.BEAT.values()} <= set(app.tasks)


@pytest.mark.django_db(transaction=True)
class TestForReal:
    def test_alone(self, programme, steps):
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [locks.key_of("job:count")])
            with pytest.raises(locks.AlreadyRunning):
                jobs.run(step(1), Night(D))
            assert not JobRun.objects.exists()
            steps(step(1), step(1, name="free"))
            assert states(nightly.run(as_of=D)) == [("count", 0, "waiting"), ("free", 0, "done")]
        finally:
            other.close()

    def test_each_chunk_is_committed(self, programme):
        seen = []

        def work(night, after):
            for upto in (1, 2, 3):
                other = connection.copy()
                with other.cursor() as cursor:
                    cursor.execute("SELECT cursor FROM kit_jobrun")
                    seen.append(cursor.fetchone()[0])
                other.close()
                yield Chunk(upto, 1)

        assert jobs.run(Step("count", work), Night(D)).rows == 3
        assert seen == [0, 1, 2]

    def test_killed_in_the_middle_of_a_chunk_and_resumed(self, programme):
        ids = world.people(24, D - 30 * DAY)
        for member_id in ids:
            world.give(member_id, 10, (D - 9 * DAY, D), D - 9 * DAY)
            world.give(member_id, 20, (D - 9 * DAY, D + DAY), D - 9 * DAY)
        states = world.wallet_states()
        expected = world.close_one_by_one(states, D)
        self.kill_after_two_chunks()
        job = JobRun.objects.get()
        assert (job.state, job.detail["entries"]) == (RunState.RUNNING, 10) and job.cursor in ids
        assert Lot.objects.filter(expires_on=D).count() == 14 and Entry.objects.filter(kind="expiry").count() == 10
        outcomes = nightly.run_step(name="expire_lots", as_of=D)
        assert [(o.state, o.detail["entries"]) for o in outcomes] == [("done", 24)]
        assert JobRun.objects.get().attempts == 2
        assert world.entries_since(dict.fromkeys(states, 2)) == expected
        assert world.ledger_now() == world.ledger_of(states)
        assert not list(proof.violations())

    def kill_after_two_chunks(self) -> None:
        """Will run the step in a process of its own and kill it with its third chunk done but not committed."""
        url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + "/" + settings.DATABASES["default"]["NAME"]
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED],
            cwd=Path(settings.BASE_DIR),
            env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "membership_site.settings"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        while "3" not in (line := process.stdout.readline()):
            assert line, "the process ended before its third chunk"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for _ in range(100):  # until the server has noticed
            if not locks.held(["job:expire_lots"]):
                return
            time.sleep(0.1)
        raise AssertionError("the lock of a killed process is still held")
