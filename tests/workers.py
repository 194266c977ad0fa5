"""A pytest plugin: workers that run side by side share the servers, each with databases of its own on both.

pytest-django names a PostgreSQL database for each worker; this does the same for Valkey, before settings are read.
"""

import os

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    server, _, _ = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{server}/{int(worker.removeprefix('gw')) + 1}"
