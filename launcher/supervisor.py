"""Keeps the whole product running on one machine: `make up`, `make down` and `make status`."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from launcher.health import why_not_ready
from launcher.places import (
    ROOT,
    Busy,
    Refused,
    free_port,
    is_locked,
    locked,
    port_is_free,
    recall,
    remember,
    state_folder,
)
from launcher.processes import Child, command_line, ends_with_us, say, send, set_aside, wait_until
from launcher.servers import HAS_SHARED_MEMORY, Server, Servers

HEALTHY_SECONDS_MAX = 120
FAILURES_MAX = 6  # within a minute; then it is no accident
SITE = "membership_site"
UNCHECKED = "--skip-checks"
"""What commands are told that need not look the whole site over, as one of them has, which takes longer than they."""


class Quit(Exception):
    """Ctrl-C, or `make down` from another terminal."""


class Watched:
    """A part that is started again when it dies: at once, then after longer and longer pauses."""

    def __init__(self, part: Child | Server) -> None:
        self.part = part
        self.failed_at: list[float] = []
        self.retry_at: float | None = None

    def look(self, now: float) -> bool:
        """Will tell whether the part should be started again now. Raises Refused when it dies again and again."""
        if self.retry_at is None and not self.part.alive():
            self.failed_at = [at for at in self.failed_at if at > now - 60] + [now]
            if len(self.failed_at) > FAILURES_MAX:
                raise Refused(f"{self.part.name} keeps failing; it says:\n{self.part.last_words()}")
            pause_seconds = min(0.5 * (2 ** (len(self.failed_at) - 1) - 1), 8)
            say("launcher", f"{self.part.name} ended unexpectedly: starting it again in {pause_seconds:g} seconds")
            self.part.sweep()
            self.retry_at = now + pause_seconds
        if self.retry_at is None or now < self.retry_at:
            return False
        self.retry_at = None
        return True


def up() -> int:
    """Will run everything until Ctrl-C or `make down`, and return the exit code. Raises Refused."""
    state = state_folder()
    try:
        with locked(state / "up.lock", wait=False), _quit_on_signals():
            return _run(state)
    except Busy:
        say("launcher", f"Already running at {recall(state / 'up.json').get('url')} (make down stops it).")
        return 0


def down() -> int:
    """Will stop what `make up` runs, and the servers that manage.py started."""
    state = state_folder()
    if is_locked(state / "up.lock"):
        pid = recall(state / "up.json").get("pid")
        if isinstance(pid, int):
            send(pid, signal.SIGTERM)
        if not wait_until(lambda: not is_locked(state / "up.lock"), 90, every=0.1):
            raise Refused(f"The launcher (process {pid}) does not stop.")
    Servers(state).stop()
    say("launcher", "stopped")
    return 0


def status() -> int:
    """Will say what runs where."""
    state = state_folder()
    run = recall(state / "up.json") if is_locked(state / "up.lock") else {}
    ready = "ready" if run.get("ready") else "starting"
    say("product", f"{run['url']} ({ready}, process {run['pid']})" if run else "not running (make up starts it)")
    servers = Servers(state)
    for name in servers.given:
        say("server", f"{name} is set: not embedded")
    for server in servers.all:
        pid = server.find_pid()
        say(server.name, f"127.0.0.1:{server.port} (process {pid})" if pid else "not running")
    say("state", f"{state}, logs in {state / 'logs'}")
    return 0


def clean() -> int:
    """Will stop everything and remove all state, the databases too."""
    down()
    shutil.rmtree(state_folder())
    return 0


def _run(state: Path) -> int:
    """Will start all parts in order, watch them, and stop them in reverse order whatever happens."""
    started_at = time.monotonic()
    port = _choose_port()
    _stop_leftovers(state)
    facts: dict[str, object] = {"pid": os.getpid(), "url": f"http://127.0.0.1:{port}"}
    remember(state / "up.json", facts)
    servers = Servers(state)
    children: list[Child] = []
    try:
        servers.start()
        environment = os.environ | servers.environment() | {"PYTHONUNBUFFERED": "1"}
        environment.setdefault("PUBLIC_URL", str(facts["url"]))
        environment.setdefault("MESSAGE_FOLDER", str(state / "mail"))
        environment.setdefault("DEMO_SHOP", "0" if environment.get("DEMO") == "0" else "1")
        environment.setdefault("STAFF_SECOND_FACTOR", "required" if environment.get("DEMO") == "0" else "optional")
        log_ins = _prepare(environment)
        for child in _children(state, environment, port):
            children.append(child)
            child.start()
        remember(state / "up.json", {**facts, "children": [c.process.pid for c in children if c.process]})
        _wait_until_healthy(children, port)
        remember(
            state / "up.json", {**facts, "ready": True, "children": [c.process.pid for c in children if c.process]}
        )
        for line in log_ins:
            say("demo", line)
        for line in _manage(["setup_link", UNCHECKED, "--url", str(facts["url"])], environment).splitlines():
            say("set-up", f"nobody may enter the console yet; make the first administrator at {line}")
        say("launcher", f"up after {time.monotonic() - started_at:.0f} seconds; Ctrl-C stops it; state in {state}")
        print(f"READY {facts['url']}", flush=True)
        _watch(servers, children)
    except Quit:
        return 0
    finally:
        with _deaf():
            for child in reversed(children):
                say("launcher", f"stopping {child.name}")
                child.stop()
            say("launcher", "stopping the servers")
            servers.stop()
            (state / "up.json").unlink(missing_ok=True)
            say("launcher", "stopped")


def _choose_port() -> int:
    """Will return the port asked for, 8000 or a free one. Raises Refused when the one asked for is taken."""
    wanted = os.environ.get("PORT")
    if not wanted:
        return free_port(8000)
    if not wanted.isdigit() or not 0 < int(wanted) < 65536:
        raise Refused(f"PORT={wanted} is not a port: choose a number between 1024 and 65535.")
    if not port_is_free(int(wanted)):
        raise Refused(
            f"Port {wanted} is taken: choose another with PORT=, or leave PORT out to have a free one chosen."
        )
    return int(wanted)


def _prepare(environment: dict[str, str]) -> list[str]:
    """Will bring database and static files up to date, load the programme and demo, and return the demo's log-ins."""
    demo = environment.get("DEMO", "1")
    with (
        _beside(["check", "--database", "default"], environment) as checked,
        _beside(["collectstatic", "--noinput"], environment) as gathered,
    ):
        _manage(["migrate", "--noinput", UNCHECKED], environment)
        checked()
        full = ["--full"] if demo == "full" else []
        load = ["load_starter"] if demo == "0" else ["load_demo", *full]
        printed = _manage([*load, UNCHECKED], environment)
        gathered()
    return printed.splitlines() if demo != "0" else []


@contextlib.contextmanager
def _beside(arguments: list[str], environment: dict[str, str]) -> Iterator[Callable[[], None]]:
    """Will run a command of manage.py while the block does other things, which calls what is yielded to wait for it.

    That raises Refused where the command failed. One that is not done when the block is left is ended.
    """
    with tempfile.TemporaryFile("w+") as printed:
        process = _begin(arguments, environment, stdout=printed, stderr=subprocess.STDOUT)

        def finish() -> None:
            if process.wait():
                printed.seek(0)
                raise Refused(f"manage.py {arguments[0]} failed: {printed.read()[-1000:]}")

        try:
            yield finish
        finally:
            process.terminate()
            process.wait()


def _begin(arguments: list[str], environment: dict[str, str], **output: Any) -> subprocess.Popen[str]:
    """Will start one command of manage.py."""
    say("launcher", f"manage.py {' '.join(arguments)}")
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        text=True,
        preexec_fn=ends_with_us(signal.SIGTERM),  # noqa: PLW1509 (one system call, no lock)
        **output,
    )


def _manage(arguments: list[str], environment: dict[str, str]) -> str:
    """Will run one command of manage.py, showing its progress, and return what it prints. Raises Refused."""
    with tempfile.TemporaryFile("w+") as printed:
        with _begin(arguments, environment, stdout=printed, stderr=subprocess.PIPE) as process:
            try:
                for line in process.stderr or ():
                    say("prepare", line.rstrip())
            except Quit:
                process.terminate()
                raise
        printed.seek(0)
        if process.returncode:
            raise Refused(f"manage.py {arguments[0]} failed: see above. {printed.read()[-1000:]}")
        return printed.read()


def _children(state: Path, environment: dict[str, str], port: int) -> list[Child]:
    """Will return the parts of the product in the order in which they start."""
    python = [sys.executable, "-m"]
    logs = state / "logs"
    access_log = logs / "access.log"
    set_aside(access_log)
    host = environment.get("HOST", "127.0.0.1")
    web = ["gunicorn", f"{SITE}.wsgi", "--bind", f"{host}:{port}", "--worker-class", "gthread", "--threads", "4"]
    web += ["--workers", environment.get("WEB_CONCURRENCY", "2"), "--graceful-timeout", "8"]
    web += ["--access-logfile", str(access_log), "--no-control-socket"]
    worker = ["celery", "-A", SITE, "worker", "-l", "INFO", "-c", environment.get("WORKER_CONCURRENCY", "2")]
    worker += ["--without-gossip", "--without-mingle", "-P", "prefork" if HAS_SHARED_MEMORY else "threads"]
    beat = ["celery", "-A", SITE, "beat", "-l", "INFO", "-s", str(state / "beat-schedule"), "--pidfile="]
    return [
        Child("web", python + web, environment, logs / "web.log", grace_seconds=12),
        Child("worker", python + worker, environment, logs / "worker.log", grace_seconds=25),
        Child("beat", python + beat, environment, logs / "beat.log", grace_seconds=10),
    ]


def _wait_until_healthy(children: list[Child], port: int) -> None:
    """Will wait until web answers ready, the worker takes tasks and beat runs. Raises Refused."""
    web, worker, _ = children
    matter = ""
    end = time.monotonic() + HEALTHY_SECONDS_MAX
    while time.monotonic() < end:
        for child in children:
            if not child.alive():
                raise Refused(f"{child.name} does not start; it says:\n{child.last_words()}")
        if not any(" ready." in line for line in worker.tail):
            matter = f"worker is not ready; it says:\n{worker.last_words()}"
        elif matter := why_not_ready(port):
            matter += f"; web says:\n{web.last_words()}"
        else:
            return
        time.sleep(0.2)
    raise Refused(f"Not healthy after {HEALTHY_SECONDS_MAX} seconds: {matter}")


def _watch(servers: Servers, children: list[Child]) -> NoReturn:
    """Will start again what dies, until Quit. Raises Refused when one part dies again and again."""
    parts: list[Child | Server] = [*servers.all, *children]
    watched = [Watched(part) for part in parts]
    while True:
        for each in watched:
            if each.look(time.monotonic()):
                if isinstance(each.part, Server):
                    servers.restart(each.part)
                else:
                    each.part.start()
        time.sleep(0.2)


def _stop_leftovers(state: Path) -> None:
    """Will stop parts that outlived a launcher that was killed, where the system does not do so itself."""
    pids = recall(state / "up.json").get("children")
    for pid in pids if isinstance(pids, list) else []:
        if SITE in command_line(pid):
            say("launcher", f"stopping process {pid} of an earlier run")
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


@contextlib.contextmanager
def _quit_on_signals() -> Iterator[None]:
    """Will turn the first Ctrl-C, SIGTERM or SIGHUP into Quit and ignore further ones: stopping has its own limits."""

    def on_signal(_number: int, _frame: types.FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Quit

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Will ignore signals meanwhile."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    yield
