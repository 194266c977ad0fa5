"""What `make up` promises: it says READY, keeps its parts alive, refuses in one sentence, and stops in order."""

from __future__ import annotations

import os
import signal
import socket
import stat

import psycopg
import pytest

from launcher.health import why_not_ready
from tests.setup.product import Product, eventually

pytestmark = pytest.mark.slow


def database_url(product: Product) -> str:
    lines = product.manage("env").stdout.splitlines()
    return next(line for line in lines if line.startswith("export DATABASE_URL=")).partition("=")[2]


def kill(product: Product, name: str) -> None:
    """Will end a part the hard way and wait until another process has taken its place."""
    before = product.pid(name)
    os.kill(before, signal.SIGKILL)
    eventually(lambda: product.pid(name) != before)


def test_a_ready_product_answers(running: Product) -> None:
    assert why_not_ready(running.port) == ""
    assert f"http://127.0.0.1:{running.port} (ready" in running.launcher("status").stdout


def test_a_second_start_is_refused_in_one_sentence(running: Product) -> None:
    second = running.launcher("up")
    assert second.stdout == f"launcher | Already running at http://127.0.0.1:{running.port} (make down stops it).\n"
    assert second.stderr == ""


def test_manage_py_uses_the_servers_that_run(running: Product) -> None:
    with psycopg.connect(database_url(running)) as connection:
        applied = connection.execute("select count(*) from django_migrations").fetchone()
    assert applied and applied[0] > 0
    assert len([line for line in running.launcher("status").stdout.splitlines() if "127.0.0.1:" in line]) == 3


def test_a_killed_web_part_comes_back(running: Product) -> None:
    kill(running, "web")
    eventually(lambda: why_not_ready(running.port) == "")


def test_a_killed_worker_comes_back(running: Product) -> None:
    kill(running, "worker")


def test_a_killed_database_comes_back_with_its_data(running: Product) -> None:
    with psycopg.connect(database_url(running), autocommit=True) as connection:
        connection.execute("create table kept as select generate_series(1, 1000) as number")
    kill(running, "postgres")
    with psycopg.connect(database_url(running), autocommit=True) as connection:
        kept = connection.execute("select sum(number) from kept").fetchone()
        connection.execute("drop table kept")
    assert kept == (500_500,)
    eventually(lambda: why_not_ready(running.port) == "")


def test_a_killed_broker_comes_back(running: Product) -> None:
    kill(running, "valkey")
    eventually(lambda: why_not_ready(running.port) == "")


def test_secrets_and_data_are_the_owners_alone(running: Product) -> None:
    secrets = list(running.state.glob("*.secret"))
    assert {secret.name for secret in secrets} == {"django.secret", "postgres.secret", "valkey.secret"}
    private = [*secrets, running.state / "postgres", running.state / "valkey", running.state / "valkey/valkey.conf"]
    assert [path for path in private if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_ctrl_c_stops_everything_in_order(running: Product) -> None:
    assert running.interrupt() == 0
    stops = [line.partition("| ")[2] for line in running.said() if line.startswith("launcher | stop")]
    assert stops == ["stopping beat", "stopping worker", "stopping web", "stopping the servers", "stopped"]
    assert running.processes() == []
    assert "not running" in running.launcher("status").stdout


def test_a_taken_port_is_refused_with_the_way_out(product: Product) -> None:
    with socket.create_server(("127.0.0.1", product.port)):
        refused = product.launcher("up")
    assert refused.returncode == 1
    assert refused.stdout == (
        f"launcher | Port {product.port} is taken: choose another with PORT=,"
        " or leave PORT out to have a free one chosen.\n"
    )


def test_a_wrong_setting_stops_the_start_with_a_hint(product: Product) -> None:
    refused = Product(product.state, PROGRAMME_CURRENCY="GOLD").launcher("up")
    assert refused.returncode == 1
    assert "Use three letters such as CNY." in refused.stdout
    assert product.processes() == []
