"""Two hosts that both start a beat and a worker: everything falls due twice at once, and is done once."""

import contextlib
import datetime as dt
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery.beat import PersistentScheduler
from django.db import connection

from campaigns.models import Recipient, Run
from kit import clock
from kit.models import JobRun
from launcher.supervisor import HAS_SHARED_MEMORY
from membership_site import schedule
from membership_site.celery import app
from membership_site.flows import nightly, proof
from messaging import actions as messaging_actions
from messaging.models import Message, TemplateVersion
from tests.campaigns.cast import reachable, started
from tests.messaging.outbox import awake, words

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.worker]

MEMBERS = 60
PATIENCE_SECONDS = 180
QUEUES = "15"
"""The place on the server in which the hosts find each other, so that they find nothing of other tests."""
DONE = re.compile(r"Task ([\w.]+)\[[\w-]+\] succeeded")
DUE = re.compile(r"Sending due task (\w+)")


class Host:
    """A worker and a beat as `make up` starts them; the beat was down for two hours, so that all has fallen due."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.worker_log, self.beat_log = folder / f"{name}-worker.log", folder / f"{name}-beat.log"
        self.environment, self.kept = environment, folder / f"{name}-schedule"
        beat = PersistentScheduler(app, schedule_filename=str(self.kept))
        for entry in beat.schedule.values():
            entry.last_run_at = app.now() - dt.timedelta(hours=2)
        beat.close()
        pool = "prefork" if HAS_SHARED_MEMORY else "threads"
        worker = ["worker", "-l", "INFO", "-c", "2", "-P", pool, "-n", f"{name}@here"]
        self.processes = [self._start([*worker, "--without-gossip", "--without-mingle"], self.worker_log)]

    def start_beat(self) -> None:
        """Will start the beat."""
        beat = ["beat", "-l", "INFO", "-s", str(self.kept), "--pidfile="]
        self.processes.append(self._start(beat, self.beat_log))

    def _start(self, command: list[str], log: Path) -> "subprocess.Popen[bytes]":
        with log.open("wb") as file:
            return subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "membership_site", *command],
                env=self.environment, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def is_ready(self) -> bool:
        """Whether the worker waits for work."""
        return " ready." in self.worker_log.read_text()

    def sent(self) -> Counter[str]:
        """What the beat has had done, and how often."""
        return Counter(DUE.findall(self.beat_log.read_text())) if self.beat_log.exists() else Counter()

    def done(self) -> Counter[str]:
        """What the worker is through with, and how often."""
        return Counter(DONE.findall(self.worker_log.read_text()))

    def end(self) -> None:
        """Will end both at once."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def took(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A mail server in a process of its own: its port, and the file of what it took."""
    file = tmp_path / "took"
    file.touch()
    command = [sys.executable, "-m", "tests.messaging.sink_process", str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), file
    finally:
        process.kill()
        process.wait()


def waited_for(what: object, ends: float) -> None:
    """Will wait until something holds, and fail with the last that was seen when it does not in time."""
    assert callable(what)
    while not what():
        assert time.monotonic() < ends, "it did not come in time"
        time.sleep(0.5)


def test_what_two_beats_start_is_done_once(programme: None, took: tuple[int, Path], tmp_path: Path) -> None:
    port, file = took
    at = clock.now()
    messaging_actions.publish_rules(rules=awake(), at=at, actor="test")
    members = {reachable(f"m{number}").id for number in range(MEMBERS)}
    said = TemplateVersion.objects.get(id=words()).template_id
    campaign = started(at, channels=["email"], variants=[{"code": "A", "template": said}])
    database, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    queues, _, _ = os.environ["REDIS_URL"].rpartition("/")
    environment = os.environ | {
        "DATABASE_URL": f"{database}/{connection.settings_dict['NAME']}",
        "REDIS_URL": f"{queues}/{QUEUES}",
        "MESSAGE_EMAIL": "smtp",
        "MESSAGE_SMTP_URL": f"smtp://127.0.0.1:{port}?tls=off",
    }
    ends = time.monotonic() + PATIENCE_SECONDS
    hosts = [Host(name, tmp_path, environment) for name in ("one", "two")]
    try:
        waited_for(lambda: all(host.is_ready() for host in hosts), ends)
        for host in hosts:
            host.start_beat()
        waited_for(lambda: sum((host.done() for host in hosts), Counter())["night.run"] >= 2, ends)
        waited_for(lambda: sum((host.done() for host in hosts), Counter())["campaigns.go_on"] >= 2, ends)
        waited_for(lambda: Message.objects.filter(state="sent").count() == MEMBERS, ends)
    finally:
        for host in hosts:
            host.end()
    assert all(set(host.sent()) == set(schedule.BEAT) for host in hosts), "both beats had everything done"
    assert Run.objects.get().campaign_id == campaign.id
    assert Counter(Recipient.objects.values_list("member_id", flat=True)) == Counter(members)
    tokens = Counter(line.split()[0] for line in file.read_text().splitlines())
    assert tokens == Counter(str(token) for token in Message.objects.values_list("token", flat=True))
    assert len(tokens) == MEMBERS and max(tokens.values()) == 1, "somebody got it twice"
    nights = Counter(JobRun.objects.values_list("step", flat=True))
    assert nights == Counter(step.name for step in nightly.STEPS), "each step once, for one date"
    assert set(JobRun.objects.values_list("state", "attempts")) == {("done", 1)}
    assert not list(proof.violations())
