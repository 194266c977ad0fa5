"""Runs the tests, benchmarks and other commands on servers of their own that leave nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from launcher import browser
from launcher.places import ROOT, Busy, locked, state_folder
from launcher.processes import ends_with_us
from launcher.servers import Servers

LENIENT = {"STAFF_SECOND_FACTOR": "optional", "STAFF_STEP_UP_MINUTES": "0"}
"""Whoever is logged in by a test shows no second factor; the tests of factors ask for them."""


def run(command: Sequence[str], *, durable: bool = False, with_browser: bool = False) -> int:
    """Will run `command` on fresh servers and return its exit code; several at once do not meet.

    Servers that are not durable are faster and lose everything in a crash. With a browser, TEST_BROWSER says how to
    launch it. Raises Refused.
    """
    state = state_folder()
    found = browser.find(state) if with_browser else None
    with folder(state) as place:
        servers = Servers(place, durable=durable, binaries=state)
        try:
            servers.start()
            environment = os.environ | servers.environment() | LENIENT
            if found:
                environment["TEST_BROWSER"] = json.dumps(found.as_dict())
            return _wait(command, environment)
        finally:
            servers.stop()


def _wait(command: Sequence[str], environment: dict[str, str]) -> int:
    """Will run the command; Ctrl-C reaches it directly, so we only wait for it to end."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=ends_with_us(signal.SIGTERM))  # noqa: PLW1509
    try:
        return process.wait()
    except KeyboardInterrupt:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.terminate()
        return 130


@contextlib.contextmanager
def folder(state: Path) -> Iterator[Path]:
    """Will make a folder for one run and remove it afterwards, with those of runs that were killed."""
    runs = state / "runs"
    with contextlib.ExitStack() as held:
        with locked(state / "runs.lock"):
            runs.mkdir(exist_ok=True)
            runs.chmod(0o711)
            for old in runs.iterdir():
                with contextlib.suppress(Busy, OSError), locked(old / "lock", wait=False):
                    shutil.rmtree(old)
            place = Path(tempfile.mkdtemp(dir=runs))
            held.enter_context(locked(place / "lock"))
        held.callback(shutil.rmtree, place, ignore_errors=True)
        place.chmod(0o711)
        (place / "logs").mkdir()
        yield place
