"""Starts child processes that end with us, and looks at those of earlier runs: the launcher's grip on the system."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from launcher.places import ROOT

LINUX = sys.platform.startswith("linux")
LOG_BYTES_MAX = 20_000_000
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if LINUX else None


def say(who: str, line: str) -> None:
    """Will print one line of output with its origin in front; a closed terminal is no reason to fall over."""
    with contextlib.suppress(OSError, ValueError):
        print(f"{who:>8} | {line}", flush=True)


def ends_with_us(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Will return what makes a child get `stop_signal` when we die, however we die (Linux only).

    Elsewhere the next start stops what is left. The child must be started from the main thread: the kernel watches
    the thread, not the process.
    """
    libc = _libc
    if libc is None:
        return None

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(stop_signal))

    return ask_kernel


def command_line(pid: int) -> str:
    """Will return the command line of a running process, empty if there is none (or only its zombie)."""
    if LINUX:
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def send(pid: int, number: signal.Signals) -> None:
    """Will signal a process that may be gone already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def wait_until(claim: Callable[[], bool], seconds: float, every: float = 0.03) -> bool:
    """Will wait at most `seconds` for `claim` to hold and tell whether it does."""
    end = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def set_aside(log: Path) -> None:
    """Will rename a log file that has grown long, in place of the one set aside before."""
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        log.replace(log.with_suffix(".old.log"))


def open_log(path: Path) -> int:
    """Will open a log file for appending, setting a long one aside first."""
    set_aside(path)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)


class Child:
    """A long-running part of the product, in a session of its own: Ctrl-C reaches only us, who stop parts in order."""

    def __init__(
        self, name: str, command: Sequence[str | Path], environment: Mapping[str, str], log: Path, grace_seconds: float
    ) -> None:
        self.name = name
        self.command = [str(part) for part in command]
        self.environment = dict(environment)
        self.log = log
        self.grace_seconds = grace_seconds
        self.tail: deque[str] = deque(maxlen=30)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Will start the program and print and keep what it says, each line with the name in front."""
        self.tail.clear()
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=ends_with_us(signal.SIGTERM),  # noqa: PLW1509 (it makes one system call, takes no lock)
        )
        threading.Thread(target=self._pass_on, args=(self.process,), daemon=True).start()

    def _pass_on(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with os.fdopen(open_log(self.log), "w", buffering=1) as log:
            for raw in process.stdout:
                line = raw.decode("utf-8", "replace").rstrip()
                self.tail.append(line)
                log.write(line + "\n")
                say(self.name, line)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def last_words(self) -> str:
        return "\n".join(self.tail)

    def stop(self) -> None:
        """Will ask the program to end and, once its grace is over, end it and all it started."""
        if self.process is None:
            return
        send(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(self.grace_seconds)
        except subprocess.TimeoutExpired:
            say("launcher", f"{self.name} did not stop within {self.grace_seconds:g} seconds and was ended")
        self.sweep()
        self.process.wait()

    def sweep(self) -> None:
        """Will end what a dead program left in its session, such as workers that still hold its port."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
