"""Web and workers that are asked to stop finish what they are at: no call is lost, no task is cut off."""

from __future__ import annotations

import concurrent.futures
import json
import signal
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from launcher import throwaway
from launcher.places import state_folder
from tests.torture.__main__ import settle
from tests.torture.clockwork import Clock
from tests.torture.shop import Line
from tests.torture.stage import Stage

pytestmark = pytest.mark.slow

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Stage, str]]:
    """Everything, on servers of its own."""
    state = state_folder()
    with throwaway.folder(state) as folder:
        stage = Stage(folder, state, Clock(folder / "clock"), 1, 0)
        try:
            key = settle(stage)
            stage.wait_until_healthy()
            yield stage, key
        finally:
            stage.close()


def until(claim: Callable[[], bool]) -> None:
    """Will wait for something to come true."""
    end = time.monotonic() + 60
    while not claim():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def a_member(stage: Stage, key: str, name: str) -> Line:
    """Will register somebody and return a line to the shop's api."""
    line = Line(stage.port, key)
    body = json.dumps({"external_id": name, "email": f"{name}@example.com"})
    status, text, _ = line.until_answered("POST", "/api/v1/members", body, name)
    assert status == 201, text
    return line


def somebody_waits(connection: psycopg.Connection[object]) -> Callable[[], bool]:
    """Will return whether anybody waits for what this connection holds."""
    return lambda: bool(connection.execute(WAITING).fetchone()[0])


def test_web_answers_the_call_it_is_at_before_it_stops(running: tuple[Stage, str]) -> None:
    stage, key = running
    line = a_member(stage, key, "calm")
    told = {
        "event_id": "e1", "source": "web", "type": "survey", "member": {"external_id": "calm"},
        "occurred_at": stage.clock.now().isoformat(), "properties": {},
    }  # fmt: skip
    url = stage.environment["DATABASE_URL"]
    with (
        psycopg.connect(url, autocommit=True) as looking,
        psycopg.connect(url) as holding,
        concurrent.futures.ThreadPoolExecutor() as aside,
    ):
        holding.execute("SELECT 1 FROM points_balance FOR UPDATE")
        answer = aside.submit(line.once, "POST", "/api/v1/events", json.dumps(told), "e1")
        until(somebody_waits(looking))
        assert stage.web.process is not None
        stage.web.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert not answer.done()
        holding.rollback()
        status, text = answer.result(30)
    assert status == 200 and json.loads(text)["points"] == 30
    assert stage.web.process.wait(30) == 0
    stage.wait_until_healthy()


def test_a_worker_finishes_its_task_before_it_stops(running: tuple[Stage, str]) -> None:
    stage, key = running
    a_member(stage, key, "patient")
    url = stage.environment["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as looking, psycopg.connect(url) as holding:
        holding.execute("LOCK TABLE campaigns_campaign IN ACCESS EXCLUSIVE MODE")
        stage.run("-c", "from tests.torture.tasks import app; app.send_task('campaigns.go_on')")
        until(somebody_waits(looking))
        for worker in stage.workers:
            assert worker.process is not None
            worker.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert somebody_waits(looking)(), "the task was cut off"
        holding.rollback()
    for worker in stage.workers:
        assert worker.process is not None and worker.process.wait(60) == 0
        assert "Traceback" not in worker.log.read_text()
