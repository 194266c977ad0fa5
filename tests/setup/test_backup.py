"""A backup that is restored is the same programme, and whoever was erased since stays erased."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from launcher.places import ROOT, state_folder
from launcher.servers import Postgres
from members.rules import MemberReference
from membership_site.flows import member_erased
from tests.conftest import NOON, enrol
from tests.flows.shop import place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

RESTORED = "restored"


def manage(url: str, *arguments: str) -> str:
    """Will run a command on a database and return what it prints."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def names(url: str) -> set[str]:
    with psycopg.connect(url) as reading:
        return {name for (name,) in reading.execute("SELECT name FROM members_member").fetchall()}


def test_a_backup_is_restored_and_erasures_since_are_replayed(programme: None, tmp_path: Path) -> None:
    enrol("ann", reward=True)
    bob = enrol("bob", reward=True)
    place("o1", ["300"], NOON)
    place("o2", ["80"], NOON, who=MemberReference(external_id="c-bob"))
    programs = Postgres(state_folder(), durable=False, binaries=state_folder()).programs
    here = _url(str(connection.settings_dict["NAME"]))
    kept, there = tmp_path / "backup", _url(RESTORED)
    subprocess.run([programs / "pg_dump", "--format=custom", f"--file={kept}", here], check=True)

    member_erased.erase(member_id=bob.id, reason="He asked", by_request=True, at=NOON, actor="staff:1")
    list_of_erasures = io.StringIO()
    call_command("list_erasures", stdout=list_of_erasures)
    (tmp_path / "erasures").write_text(list_of_erasures.getvalue())

    with psycopg.connect(here, autocommit=True) as administering:
        administering.execute(f"CREATE DATABASE {RESTORED}")
    try:
        restore: list[str | Path] = [
            programs / "pg_restore",
            "--no-owner",
            "--exit-on-error",
            f"--dbname={there}",
            kept,
        ]
        subprocess.run(restore, check=True)
        assert manage(there, "verify").splitlines()[-1] == _claims()
        assert "Bob" in names(there)
        assert "erased=1" in manage(there, "replay_erasures", str(tmp_path / "erasures"))
        assert "Bob" not in names(there) and "Ann" in names(there)
        assert manage(there, "verify").splitlines()[-1] == _claims()
    finally:
        with psycopg.connect(here, autocommit=True) as administering:
            administering.execute(f"DROP DATABASE {RESTORED} WITH (FORCE)")


def _url(database: str) -> str:
    return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{database}"


def _claims() -> str:
    said = io.StringIO()
    call_command("verify", stdout=said)
    last: Any = said.getvalue().splitlines()[-1]
    assert last.endswith(" 0 violations")
    return str(last)
