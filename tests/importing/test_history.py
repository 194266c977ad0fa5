"""Orders booked in sets are the orders booked one by one: the same ledger, standings and spend to the last column."""

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from members.rules import MemberReference
from membership_site.flows import order_paid
from membership_site.flows.importing import history
from membership_site.flows.importing.rows import Item
from membership_site.flows.starter import POINTS_TERMS
from orders.enums import OrderStatus
from orders.rules import LineStatement, OrderStatement
from points.models import PolicyVersion

NAMES = ["ann", "bob", "cat", "dan"]


def random_orders(seed: int, start: dt.datetime, count: int) -> list[Item]:
    """Orders of a few members over three years, some at the same instant, some unpaid, some of nobody."""
    chance = random.Random(seed)
    items = []
    for number in range(count):
        at = start + dt.timedelta(hours=chance.randrange(24 * 1000) // 6 * 6)
        lines = tuple(
            LineStatement(
                line_id=str(line),
                quantity=chance.randint(1, 4),
                unit_price=Decimal(chance.randint(0, 40000)) / 100,
                discount=Decimal(0),
                name=chance.choice(["", "Tea", "护手霜"]),
            )
            for line in range(chance.randint(1, 4))
        )
        total = sum((line.quantity * line.unit_price for line in lines), Decimal(0))
        status = chance.choices(list(OrderStatus), [1, 12, 1])[0]
        statement = OrderStatement(
            "web",
            f"{number:04d}",
            status,
            at,
            at,
            "CNY",
            lines,
            discount=min(total, Decimal(chance.randint(0, 500)) / 100),
        )
        items.append(Item(at, statement.order_id, f"c-{chance.choice([*NAMES, 'nobody'])}", statement, []))
    return sorted(items, key=lambda item: (item.at, item.id))


def rows_of(table: str, columns: str, order: str) -> list[tuple[Any, ...]]:
    """The rows of a table, members named by their number's place, ids left out."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} ORDER BY {order}")
        return list(cursor.fetchall())


IDLE = "idle_until, idle_months"


def world() -> dict[str, list[tuple[Any, ...]]]:
    """Everything that orders leave behind."""
    member = "(SELECT i.value FROM members_identity i WHERE i.member_id = t.member_id AND i.kind = 'external')"
    return {
        "entries": rows_of(
            "points_entry t",
            f"{member}, wallet, seq, kind, points, debt_change, balance_after, source_key, at, business_date, "
            "counts_on, active_on, expires_on, lot_active_on, lot_expires_on, lot_points, explanation::text",
            "1, 2, 3",
        ),
        "lots": rows_of("points_lot t", f"{member}, wallet, active_on, expires_on, points, pending", "1, 2, 3, 4"),
        "balances": rows_of("points_balance t", f"{member}, wallet, available, pending, debt, seq, {IDLE}", "1, 2"),
        "standings": rows_of(
            "tiers_standing t",
            f"{member}, rank, since_date, until_date, grace_date, spend, orders, growth, seq, decided_at, "
            "highest_rank, granted_by, rank_before, until_before_date, hold_kind, next_date",
            "1",
        ),
        "decisions": rows_of(
            "tiers_decision t",
            f"{member}, seq, kind, at, business_date, until_before, until_date, grace_date, spend, orders, growth, "
            "reached_by, threshold, window_starts_date, cause, since_date, hold_kind, next_date, asked::text",
            "1, 2",
        ),
        "spend": rows_of(
            "orders_spendmovement t", f"{member}, source_key, counts_on, known_on, at, spend, orders", "1, 2"
        ),
        "orders": rows_of(
            "orders_order t",
            f"order_id, {member}, member_reference, status, placed_at, business_date, basis, digest, booked_at",
            "1",
        ),
        "lines": rows_of(
            "orders_orderline t JOIN orders_order o ON o.id = t.order_id",
            "o.order_id, position, line_id, quantity, unit_price, t.discount, t.basis, refunded_quantity",
            "1, 2",
        ),
    }


def live(items: list[Item], at: dt.datetime) -> None:
    for item in items:
        reference = MemberReference(anything=item.reference)
        order_paid.take_order(statement=item.statement, reference=reference, at=at, actor="test")


def in_sets(items: list[Item], at: dt.datetime, size: int) -> None:
    for start in range(0, len(items), size):
        with transaction.atomic():
            history.book_orders(items[start : start + size], source="web", at=at, actor="test")


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "sizes", "months"), [(1, (1, 7, 60, 300), 0), (2, (1, 7, 60, 300), 0), (5, (7,), 1), (6, (300,), 2)]
)
def test_sets_and_single_orders_leave_the_same_world(join, noon, seed, sizes, months):
    """Also where points last only while their owner buys something every so many months."""
    start = noon - dt.timedelta(days=1100)
    if months:
        terms = {**POINTS_TERMS, "expiry": {"kind": "inactivity", "count": months}}
        PolicyVersion.objects.create(number=2, effective_on=start.date(), terms=terms, published_at=noon, actor="test")
    for name in NAMES:
        join(name, at=start - dt.timedelta(days=1))
    items = random_orders(seed, start, 120)
    savepoint = transaction.savepoint()
    live(items, noon)
    expected = world()
    for size in sizes:
        transaction.savepoint_rollback(savepoint)
        in_sets(items, noon, size)
        found = world()
        for name, rows in expected.items():
            assert found[name] == rows, (name, size)
    assert any(row[-1] for row in found["balances"]) == bool(months)
    assert any('"idle"' in row[-1] for row in found["entries"]) == bool(months)


@pytest.mark.django_db
def test_orders_out_of_time_order_go_the_live_way(join, noon):
    start = noon - dt.timedelta(days=1100)
    for name in NAMES:
        join(name, at=start - dt.timedelta(days=1))
    items = random_orders(5, start, 80)
    shuffled = items[40:] + items[:40]
    savepoint = transaction.savepoint()
    live(shuffled, noon)
    expected = world()
    transaction.savepoint_rollback(savepoint)
    in_sets(items[40:], noon, 20)
    in_sets(items[:40], noon, 20)
    assert world() == expected
    in_sets(items, noon, 30)
    assert world() == expected
