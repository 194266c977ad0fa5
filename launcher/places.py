"""Where this checkout keeps its state, secrets and locks, and which ports it takes: asked by the whole launcher."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "membership"
IS_ROOT = os.geteuid() == 0


class Refused(Exception):
    """Something a person has to mend; the message is all they will see."""


class Busy(Exception):
    """Somebody else holds the lock."""


def read_dotenv() -> None:
    """Will take from the file .env what the environment does not already say, as the site's settings do."""
    with contextlib.suppress(FileNotFoundError):
        for line in (ROOT / ".env").read_text().splitlines():
            name, is_setting, value = line.strip().removeprefix("export ").partition("=")
            if is_setting and not name.startswith("#") and value:
                os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def state_folder() -> Path:
    """Will return the folder of everything that outlives a run, made if it is missing; STATE_DIR chooses another.

    Root's lies outside the checkout: PostgreSQL then runs as a user who may not be able to walk into root's home.
    Raises Refused if it cannot be made.
    """
    if chosen := os.environ.get("STATE_DIR"):
        state = Path(chosen).resolve()
    elif IS_ROOT:
        base = Path("/var/lib" if os.access("/var/lib", os.W_OK) else tempfile.gettempdir())
        state = base / f"{NAME}-{hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:8]}"
    else:
        state = ROOT / "var"
    try:
        (state / "logs").mkdir(parents=True, exist_ok=True)
        (state / "logs").chmod(0o700)
        state.chmod(0o711 if IS_ROOT else 0o700)  # root's PostgreSQL has to pass through
    except OSError as error:
        raise Refused(f"{error}: set DATABASE_URL and REDIS_URL, or STATE_DIR for servers of our own.") from error
    return state


def secret(state: Path, name: str) -> str:
    """Will return a password that is made up once and kept in `state`, readable by its owner only."""
    kept = state / f"{name}.secret"
    if not kept.exists():
        handle, fresh = tempfile.mkstemp(dir=state)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(40))
        with contextlib.suppress(FileExistsError):  # another process was first: theirs counts
            os.link(fresh, kept)
        Path(fresh).unlink()
    return kept.read_text()


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Will hold the file lock `path` meanwhile; raises Busy when it is taken and `wait` is false."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy from error
        yield


def is_locked(path: Path) -> bool:
    """Will tell whether somebody holds the file lock `path`."""
    try:
        with locked(path, wait=False):
            return False
    except Busy:
        return True


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Will tell whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(preferred: int = 0) -> int:
    """Will return `preferred` if it is free, else some free port."""
    if preferred and port_is_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def remember(path: Path, facts: dict[str, object]) -> None:
    """Will write `facts` to `path` at one stroke, so that no reader sees half of them."""
    handle, fresh = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        json.dump(facts, file)
    Path(fresh).replace(path)


def recall(path: Path) -> dict[str, object]:
    """Will return what `remember` wrote to `path`, or nothing if there is nothing sensible."""
    try:
        facts = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}
