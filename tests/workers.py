"""A pytest plugin: workers that run side by side share the servers, each with databases of its own on both.

pytest-django names a PostgreSQL database for each worker; this does the same for Valkey, before settings are read.
Whole files are dealt, those that take long first, so that no worker begins one when the others are done. Within a file
come first the tests that share no story, so that they do not meet the one that others share.
"""

import os

import pytest

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    server, _, _ = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{server}/{int(worker.removeprefix('gw')) + 1}"

STORY = "module_programme"
LONG = ("slow", "browser", "worker")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Will put first the files of which any test is marked to take long, and last in each what shares a story."""
    long = {item.path for item in items if any(map(item.get_closest_marker, LONG))}
    items.sort(key=lambda item: (item.path not in long, STORY in getattr(item, "fixturenames", ())))
