"""What manage.py promises: servers of its own where none are named, once, and a hint where a setting is wrong."""

from __future__ import annotations

import subprocess
import sys

from membership_site.settings import database_from_url
from tests.setup.product import Product


def test_two_commands_at_once_start_the_servers_once(product: Product) -> None:
    commands = [
        subprocess.Popen(
            [sys.executable, "manage.py", "env"],
            cwd=product.checkout,
            env=product.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    said = {command.communicate(timeout=60)[0] for command in commands}
    assert len(said) == 1
    assert [line.split("=")[0] for line in said.pop().splitlines()] == ["export DATABASE_URL", "export REDIS_URL"]
    assert len(product.processes()) >= 2


def test_the_servers_stay_until_make_down(product: Product) -> None:
    first = product.manage("env").stdout
    assert product.manage("env").stdout == first
    assert product.launcher("down").returncode == 0
    assert product.processes() == []


def test_what_libpq_takes_is_handed_on() -> None:
    found = database_from_url("postgresql://u:p@db:5433/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db", 5433, "shop")
    assert found["OPTIONS"] == {
        "application_name": "membership",
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
    }
    assert database_from_url("postgresql://u:p@db/shop")["OPTIONS"] == {"application_name": "membership"}


def test_a_wrong_setting_is_told_in_the_last_line() -> None:
    given = {"DATABASE_URL": "postgresql://localhost/x", "REDIS_URL": "redis://localhost:1/0", "SECRET_KEY": "k" * 50}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={**given, "PROGRAMME_TIME_ZONE": "Asia/Shangri-La"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Use a name such as Asia/Shanghai" in done.stderr.strip().splitlines()[-1]
