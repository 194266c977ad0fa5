"""Breaking what the database promises: a constraint by its name, a guard by its words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError


@contextmanager
def breaks(constraint: str) -> Iterator[None]:
    """Will expect the block to break a constraint, and that one."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        yield
    assert refused.value.__cause__.diag.constraint_name == constraint


@contextmanager
def refused(words: str) -> Iterator[None]:
    """Will expect the database to refuse the block by a trigger that says these words."""
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        yield
    assert error.value.__cause__.sqlstate == "23001"
    assert words in str(error.value)


def run(statement: str, *parameters: Any) -> int:
    """Will run one statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def refuses_all_change(table: str) -> None:
    """Will expect UPDATE, DELETE and TRUNCATE of a table with rows to be refused, and the rows to be as they were."""
    columns = "SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM {} t"
    with connection.cursor() as cursor:
        cursor.execute(columns.format(table))
        before = cursor.fetchone()
        assert before and before[0], f"{table} has no rows to change"
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [table],
        )
        names = [row[0] for row in cursor.fetchall()]
    for name in names:
        with refused(f"{table} is append-only: UPDATE is refused"):
            run(f"UPDATE {table} SET {name} = {name}")
    with refused(f"{table} is append-only: DELETE is refused"):
        run(f"DELETE FROM {table}")
    # Tests with real transactions clean up by TRUNCATE, so the guard is off in the test database: on again here.
    with transaction.atomic():
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate")
        with refused(f"{table} is append-only: TRUNCATE is refused"):
            run(f"TRUNCATE {table} CASCADE")
        run(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_truncate")
    with connection.cursor() as cursor:
        cursor.execute(columns.format(table))
        assert cursor.fetchone() == before
