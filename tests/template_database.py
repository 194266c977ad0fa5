"""The migrations, run once for all workers that run side by side: each copies the database they made.

The run begins to make it in a process of its own while the workers still read the tests, and throws it away at the end.
Where none comes of it a worker migrates its own database, and says what is the matter.
"""

import os
import subprocess
import sys
import uuid
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

NAME = "TEST_TEMPLATE_DATABASE"
"""In the environment of the run and its workers: the name of the database to copy."""

LOCK = 0x7E57
UNFINISHED = "_unfinished"
EXISTS = "SELECT count(*) FROM pg_database WHERE datname = %s"


def begin() -> "subprocess.Popen[bytes]":
    """Will have the database made by a process of its own."""
    os.environ[NAME] = f"test_template_{uuid.uuid4().hex[:12]}"
    return subprocess.Popen([sys.executable, "-m", __spec__.name])


def end(maker: "subprocess.Popen[bytes]") -> None:
    """Will throw it away, finished or not."""
    maker.terminate()
    maker.wait()
    name = os.environ.pop(NAME)
    with _server() as server:
        for each in (name, name + UNFINISHED):
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(each)))


def wait_for() -> str:
    """Will return the name of the database to copy once it is there; nothing where this run makes none, or cannot."""
    name = os.environ.get(NAME, "")
    if not name:
        return ""
    with _server() as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # whoever makes it holds it so long
        (found,) = server.execute(EXISTS, [name]).fetchone() or (0,)
    return name if found else ""


def make() -> None:
    """Will migrate a new database, and give it its name once it is whole."""
    name = os.environ[NAME]
    address = urlsplit(os.environ["DATABASE_URL"])
    with _server() as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        unfinished = sql.Identifier(name + UNFINISHED)
        server.execute(sql.SQL("CREATE DATABASE {}").format(unfinished))
        there = address._replace(path=f"/{name}{UNFINISHED}").geturl()
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            env={**os.environ, "DATABASE_URL": there},
            check=True,
        )
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(unfinished, sql.Identifier(name)))


def _server() -> "psycopg.Connection[tuple[int]]":
    """The server, at the database that is always there."""
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


if __name__ == "__main__":
    make()
