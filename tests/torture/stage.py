"""The stage of a trial: servers that keep what they were told, web, worker and beat, and all the harm done to them."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg

from launcher.health import why_not_ready
from launcher.places import NAME, ROOT, Refused, free_port
from launcher.processes import ends_with_us, wait_until
from launcher.servers import HAS_SHARED_MEMORY, Server, Servers
from tests.torture.clockwork import VARIABLE, Clock

SENDERS = 2
COPY = "before"
"""The database as it was before anything happened."""
DISK_FULL_SECONDS = 2.0
DISK_LEFT_BYTES = 4 << 20
HEALTHY_SECONDS_MAX = 120


class Part:
    """A program of the trial, in a session of its own, that writes to a log; started again by `look` when it died."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.name = name
        self.command = [sys.executable, "-m", *command]
        self.environment = environment
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Will start it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=ends_with_us(signal.SIGKILL),  # noqa: PLW1509 - one system call, no lock
            )

    @property
    def pid(self) -> int:
        """The process; 0 before it was started."""
        return self.process.pid if self.process else 0

    def alive(self) -> bool:
        """Will tell whether it runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Will kill -9 it with all it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def end(self, seconds: float) -> int | None:
        """Will ask it to end; its exit code, None where it had to be killed."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None


class Stage:
    """Everything that runs in a trial, and the ways to harm it: on servers of its own, whatever others are named."""

    def __init__(self, folder: Path, binaries: Path, clock: Clock, sink_port: int, seed: int) -> None:
        self.folder = folder
        self.clock = clock
        self.chance = random.Random(seed)
        self.servers = Servers(folder, durable=True, binaries=binaries, takes_given=False)
        self.servers.start()
        self.port = free_port()
        self.environment = (
            os.environ
            | self.servers.environment()
            | {
                "DJANGO_SETTINGS_MODULE": "membership_site.settings",
                VARIABLE: str(folder / "clock"),
                "PROGRAMME_TIME_ZONE": "Europe/London",
                "MESSAGE_EMAIL": "smtp",
                "MESSAGE_SMTP_URL": f"smtp://127.0.0.1:{sink_port}?tls=off",
                "MESSAGE_SENDERS": str(SENDERS),
                "STATIC_ROOT": str(folder / "static"),
                "PYTHONUNBUFFERED": "1",
            }
        )
        self.harmed: Counter[str] = Counter()
        self.unknown_allowed = 0
        web = ["gunicorn", "tests.torture.web:application", "--bind", f"127.0.0.1:{self.port}", "--no-control-socket"]
        web += ["--worker-class", "gthread", "--threads", "4", "--workers", "2", "--graceful-timeout", "8"]
        celery = ["celery", "-A", "tests.torture.tasks"]
        worker = [*celery, "worker", "-l", "WARNING", "-c", "2", "--without-gossip", "--without-mingle"]
        worker += ["-P", "prefork" if HAS_SHARED_MEMORY else "threads", "-n"]
        beat = [*celery, "beat", "-l", "WARNING", "-s", str(folder / "beat"), "--pidfile="]
        self.web = self._part("web", web)
        self.workers = [self._part(name, [*worker, f"{name}@%h"]) for name in ("worker-1", "worker-2")]
        self.beat = self._part("beat", beat)
        self.night = self._part("night", ["tests.torture.night"])
        self.parts = [self.web, *self.workers, self.beat]

    def _part(self, name: str, command: list[str]) -> Part:
        return Part(name, command, self.environment, self.folder / "logs" / f"{name}.log")

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Will run a command of the trial to its end."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )

    def url_of(self, database: str) -> str:
        """Will return where another database of the same server is reached."""
        return self.environment["DATABASE_URL"].rpartition("/")[0] + f"/{database}"

    def keep_copy(self) -> None:
        """Will keep a copy of the database as it is before anything happened; nobody may be connected."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {COPY} TEMPLATE {NAME}")

    # ---- keeping it up

    def look(self) -> None:
        """Will start again whatever died, as the launcher would."""
        for server in self.servers.all:
            if not server.alive():
                with contextlib.suppress(Refused):
                    self.servers.restart(server)
        for part in self.parts:
            if not part.alive():
                part.kill()
                part.start()

    def wait_until_healthy(self) -> None:
        """Will wait until web says it is ready; raises Refused with what is amiss."""
        end = time.monotonic() + HEALTHY_SECONDS_MAX
        while True:
            self.look()
            matter = why_not_ready(self.port)
            if not matter:
                return
            if time.monotonic() > end:
                raise Refused(f"The stage does not get well: {matter}")
            time.sleep(0.3)

    def close(self) -> None:
        """Will end everything."""
        for part in (*self.parts, self.night):
            part.kill()
        self.servers.stop()

    # ---- harm

    def harm(self) -> str:
        """Will do some harm, count how many messages may be of unknown fate by it, and return what it was."""
        name, deed, unknown = self.chance.choice(self._ways(self.chance.choice(self.workers)))
        deed()
        self.harmed[name] += 1
        self.unknown_allowed += unknown
        return name

    def _ways(self, worker: Part) -> list[tuple[str, Callable[[], None], int]]:
        """What can be done, and how many senders it can take in mid-letter."""
        return [
            ("a process of web killed", lambda: self._kill_child(self.web.pid), 0),
            ("web killed", self.web.kill, 0),
            ("a process of a worker killed", lambda: self._kill_child(worker.pid), 1),
            ("a worker killed", worker.kill, SENDERS),
            ("beat killed", self.beat.kill, 0),
            ("the night killed", self.night.kill, 0),
            ("a back end of PostgreSQL killed", lambda: self._kill_child(self._server("postgres")), SENDERS),
            ("PostgreSQL killed", lambda: _kill(self._server("postgres")), SENDERS),
            ("the disk full", self._fill_disk, SENDERS),
            ("the broker killed", lambda: _kill(self._server("valkey")), 0),
            ("the broker's memory lost", self._forget, 0),
        ]

    def _server(self, name: str) -> int:
        found: Server = next(server for server in self.servers.all if server.name == name)
        return found.find_pid() or 0

    def _kill_child(self, pid: int) -> None:
        if children := _children(pid):
            _kill(self.chance.choice(children))

    def _fill_disk(self) -> None:
        """Will let PostgreSQL write no file beyond a few megabytes for a while, as if no room were left for more."""
        postmaster = self._server("postgres")
        if not postmaster:
            return
        _limit([postmaster, *_children(postmaster)], DISK_LEFT_BYTES)
        time.sleep(DISK_FULL_SECONDS)
        postmaster = self._server("postgres")
        _limit([postmaster, *_children(postmaster)], resource.RLIM_INFINITY)

    def _forget(self) -> None:
        import redis

        with contextlib.suppress(redis.RedisError):
            redis.Redis.from_url(self.environment["REDIS_URL"]).flushall()


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError, ValueError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _kill(pid: int) -> None:
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{pid}").exists() or _is_zombie(pid), 5)


def _is_zombie(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def _limit(pids: list[int], size: int) -> None:
    for pid in filter(None, pids):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
