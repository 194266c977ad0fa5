"""Starts this checkout, or a copy of it, as a person would, for the tests of the launcher."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from launcher.places import ROOT, free_port
from launcher.processes import command_line, ends_with_us

WAIT_SECONDS_MAX = 120  # on two cores that others use too
OURS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORT", "DEMO", "STATE_DIR", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}


class Product:
    """One run of `make up` without demo members, with a state folder and a port of its own."""

    def __init__(self, state: Path, checkout: Path = ROOT, **environment: str) -> None:
        self.state = state
        self.checkout = checkout
        self.port = free_port()
        inherited = {name: value for name, value in os.environ.items() if name not in OURS}
        self.environment = {**inherited, "STATE_DIR": str(state), "DEMO": "0", "PORT": str(self.port), **environment}
        self.process: subprocess.Popen[str] | None = None
        self.output = state / "output"

    def start(self) -> None:
        """Will start it and wait for the READY line."""
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "launcher", "up"],
                cwd=self.checkout,
                env=self.environment,
                stdout=output,
                stderr=output,
                text=True,
                start_new_session=True,
                preexec_fn=ends_with_us(signal.SIGTERM),  # noqa: PLW1509 (one system call, no lock)
            )
        ready = f"READY http://127.0.0.1:{self.port}"
        process = self.process
        eventually(lambda: process.poll() is not None or ready in self.said())
        assert ready in self.said(), self.output.read_text()

    def said(self) -> list[str]:
        return self.output.read_text().splitlines()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Will run another command of the same checkout and wait for it."""
        return subprocess.run(
            command, cwd=self.checkout, env=self.environment, capture_output=True, text=True, timeout=90, check=False
        )

    def launcher(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "launcher", *arguments)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "manage.py", *arguments)

    def pid(self, name: str) -> int:
        """Will return the process of a part, as `make status` and the system's list of processes tell it."""
        if name in ("postgres", "valkey"):
            line = next(line for line in self.launcher("status").stdout.splitlines() if line.strip().startswith(name))
            return int(line.rpartition("process ")[2].rstrip(")"))
        word = {"web": "gunicorn", "worker": " worker ", "beat": " beat "}[name]
        assert self.process is not None
        return next(pid for pid in children(self.process.pid) if word in command_line(pid))

    def interrupt(self) -> int:
        """Will press Ctrl-C and return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(WAIT_SECONDS_MAX)

    def processes(self) -> list[int]:
        """Will return all that runs with our state folder: the servers work in it, the others inherit its name."""
        mark = f"STATE_DIR={self.state}\0".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                works_in_it = (folder / "cwd").readlink().is_relative_to(self.state)
                if works_in_it or mark in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
        return found


def children(parent: int) -> Iterator[int]:
    """Will yield the processes that `parent` started."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(stat.parent.name)


def eventually(claim: Callable[[], bool], seconds: float = WAIT_SECONDS_MAX) -> None:
    """Will wait for `claim` to hold; what goes wrong on the way counts as not yet."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError, StopIteration, ValueError):
            if claim():
                return
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
