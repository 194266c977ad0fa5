"""Senders that are killed again and again: nobody gets a message twice, nobody is lost without a name.

Three thousand recipients in the suite; TORTURE=20000 for as many as others were measured with (see docs).
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from django.db import connection

from bench import crowd
from kit import clock
from membership_site.flows import proof
from messaging import actions, jobs, queries
from messaging.models import Message
from messaging.rules.caps import Cap
from tests.messaging.outbox import awake

RECIPIENTS = int(os.environ.get("TORTURE") or 3000)
SENDERS = 3
EVERY_SECONDS = 0.25
PATIENCE = 12
"""So many looks without progress are waited for before somebody is killed all the same."""
LEASE_SECONDS = 3

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Senders:
    """A worker with senders, of whom one may be killed at any time."""

    def __init__(self, port):
        name = connection.settings_dict["NAME"]
        server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
        environment = os.environ | {
            "DATABASE_URL": f"{server}/{name}",
            "MESSAGE_EMAIL": "smtp",
            "MESSAGE_SMTP_URL": f"smtp://127.0.0.1:{port}?tls=off",
        }
        command = [sys.executable, "-m", "tests.messaging.sender_process", str(SENDERS), str(LEASE_SECONDS)]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.pids = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.pids = [*self.pids[-SENDERS + 1 :], int(line)]

    def kill_one(self, chance):
        """Will kill -9 one of them; says whether there was one."""
        alive = list(self.pids)
        if not alive:
            return 0
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(alive), signal.SIGKILL)
            return 1
        return 0

    def end(self):
        """Will end all of them."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def sink(tmp_path):
    """A mail server in a process of its own: its port, and the file of what it took."""
    took = tmp_path / "took"
    took.touch()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.messaging.sink_process", str(took)], stdout=subprocess.PIPE, text=True
    )
    try:
        yield int(process.stdout.readline()), took
    finally:
        process.kill()
        process.wait()


def test_killed_senders_send_nobody_twice_and_lose_nobody(sink):
    port, took = sink
    at = clock.now()
    actions.publish_rules(rules=awake(caps=(Cap(1000, 7, "email"),)), at=at, actor="test")
    crowd.gather(RECIPIENTS, at)
    dispatch = crowd.write_to(RECIPIENTS, "trial", crowd.words(), at, errors_max=10_000)
    senders, chance, kills = Senders(port), random.Random(7), 0
    grown, patience = 0, 0
    paused_at = RECIPIENTS // 3
    # It ends when everything is through; so long it may take on a machine that others use too.
    ends = time.monotonic() + max(300, RECIPIENTS / 30)
    try:
        while left(dispatch) and time.monotonic() < ends:
            time.sleep(EVERY_SECONDS)
            # On a machine that is slow just now none would ever get anywhere: some progress between two kills.
            size, patience = took.stat().st_size, patience + 1
            if size > grown or patience > PATIENCE:
                kills += senders.kill_one(chance)
                grown, patience = size, 0
            if paused_at and len(took.read_text().splitlines()) >= paused_at:
                paused_at = 0
                pause_and_resume(dispatch, took)
    finally:
        senders.end()
    jobs.keep(at=clock.now(), sending_max=clock.now() - clock.now())
    counts = queries.progress(dispatch).by_state
    print(f"{RECIPIENTS} recipients, {kills} kills, {counts['unknown']} unknown")
    taken = Counter(line.split()[0] for line in took.read_text().splitlines())
    sent = {str(token) for token in Message.objects.filter(state="sent").values_list("token", flat=True)}
    unknown = {str(one.token) for one in queries.unknown_messages(limit=RECIPIENTS)}
    assert kills >= 10
    assert max(taken.values()) == 1, "somebody got it twice"
    assert counts["sent"] + counts["unknown"] == RECIPIENTS, counts
    assert sent <= set(taken), "it says sent, and nobody took it"
    assert set(taken) <= sent | unknown
    assert len(unknown) <= kills
    assert queries.progress(dispatch).dispatch.state in ("finished", "running")
    assert not [sentence for sentence in proof.violations() if "essage" in sentence]


def left(dispatch):
    """Will say whether anything is still to be sent or to be named."""
    counts = queries.progress(dispatch).by_state
    return counts["queued"] + counts["leased"] + counts["waiting"]


def pause_and_resume(dispatch, took):
    """Will see that hardly anything goes out from the commit of a pause on, and go on."""
    actions.pause(dispatch_id=dispatch, reason="A look at it", at=clock.now(), actor="staff:1")
    time.sleep(0.3)
    before = len(took.read_text().splitlines())
    time.sleep(1)
    assert len(took.read_text().splitlines()) == before
    actions.resume(dispatch_id=dispatch, at=clock.now(), actor="staff:1")
