"""What the files of the set-up promise to each other and to the tools that read them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import yaml

from launcher.places import ROOT
from launcher.servers import TUNING

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def lines_of(name: str) -> list[str]:
    return [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]


def test_the_compose_file_is_valid() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, "docker-compose.yml"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_compose_database_is_tuned_and_sorted_as_the_embedded_one() -> None:
    database = COMPOSE["services"]["db"]
    assert database["command"] == ["postgres", *(f"-c{name}={value}" for name, value in TUNING.items())]
    servers = (ROOT / "launcher/servers.py").read_text()
    assert all(f'"{option}"' in servers for option in database["environment"]["POSTGRES_INITDB_ARGS"].split())


def test_every_part_waits_for_the_migration() -> None:
    for part in ("web", "worker", "beat"):
        after = COMPOSE["services"][part]["depends_on"]["migrate"]
        assert after == {"condition": "service_completed_successfully"}


def test_what_the_dockerfile_copies_exists_and_is_let_through() -> None:
    ignored = lines_of(".dockerignore")
    copied = [words.split()[0] for words in re.findall(r"^COPY ((?!--from).*)$", DOCKERFILE, re.MULTILINE)]
    assert "requirements/base.txt" in copied
    for name in (*copied, "manage.py", "launcher", "membership_site", "static", "templates"):
        assert (ROOT / name).exists()
        assert name not in ignored


def test_modules_named_in_container_files_exist() -> None:
    named = set(re.findall(r"\b(?:membership_site|launcher)\.\w+", DOCKERFILE + str(COMPOSE)))
    assert named
    for module in named:
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists(), module


def test_every_setting_of_the_example_is_read_somewhere() -> None:
    readers = "".join((ROOT / name).read_text() for name in ("membership_site/settings.py", "docker-compose.yml"))
    settings = {line.partition("=")[0] for line in lines_of(".env.example")}
    # gunicorn reads this one itself
    assert {name for name in settings - {"WEB_CONCURRENCY"} if not re.search(rf"\b{name}\b", readers)} == set()


def test_locks_are_pinned_by_hash_and_name_no_index() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text, lock
        for requirement in re.split(r"\n(?=[a-z])", text)[1:]:
            assert "==" in requirement and "--hash=sha256:" in requirement, requirement


def test_the_launcher_knows_nothing_of_the_product() -> None:
    allowed = {*sys.stdlib_module_names, "launcher", "psycopg", "brotli"}
    for file in (ROOT / "launcher").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            strangers = {name.split(".")[0] for name in names} - allowed
            assert not strangers, f"{Path(file).name} imports {strangers}: the launcher starts programs, it knows none"
