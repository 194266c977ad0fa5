"""A pytest plugin: workers that run side by side share the servers, each with databases of its own on both.

pytest-django names a PostgreSQL database for each worker; this does the same for Valkey, before settings are read.
Whole files are dealt: first those that need no database, while the one that all workers copy is being made; then those
that take long, and the rest by their number of tests, so that no worker begins much when the others are done. Within a
file come last the tests that share the programme, and after them those that build a story on it, so that the others do
not meet it.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import template_database

WORKER = os.environ.get("PYTEST_XDIST_WORKER")
if WORKER:
    server, _, _ = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{server}/{int(WORKER.removeprefix('gw')) + 1}"

STORY = "module_programme"
LONG = ("slow", "browser", "worker")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Will let tests of the programme share one, put files in order, and last in each the tests that share a story."""
    stories = {item for item in items if STORY in names(item)}
    for item in items:
        if "programme" in names(item) and not commits(item) and item not in stories:
            item.fixturenames = [STORY, *names(item)]
    of_file: dict[Path, list[pytest.Item]] = {}
    for item in items:
        of_file.setdefault(item.path, []).append(item)
    rank = {path: place for place, path in enumerate(sorted(of_file, key=lambda path: when(of_file[path])))}
    items.sort(key=lambda item: (rank[item.path], STORY in names(item), item in stories))


def when(tests: list[pytest.Item]) -> tuple[bool, bool, int]:
    """Will say when a file is dealt: without the database, then the long ones, then by the number of its tests."""
    long = any(test.get_closest_marker(mark) for test in tests for mark in LONG)
    stored = any("db" in names(test) or test.get_closest_marker("django_db") for test in tests)
    return stored or long, not long, -len(tests)


def names(item: pytest.Item) -> list[str]:
    """Will return the fixtures of a test."""
    found: list[str] = getattr(item, "fixturenames", [])
    return found


def commits(item: pytest.Item) -> bool:
    """Will tell whether a test commits, so that it cannot live in a transaction around its module."""
    marker = item.get_closest_marker("django_db")
    return "transactional_db" in names(item) or bool(marker and marker.kwargs.get("transaction"))


def pytest_collection_finish() -> None:
    """Will spare the garbage collector what stays to the end: it looks at tests' leavings, and less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(wrapper=True)
def pytest_sessionstart(session: pytest.Session) -> Iterator[Any]:
    """Will have the database begun that the workers copy."""
    if not WORKER and session.config.getoption("numprocesses", None) and not session.config.option.collectonly:
        maker = template_database.begin()
        session.config.add_cleanup(lambda: template_database.end(maker))
    return (yield)
