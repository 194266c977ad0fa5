"""What a bench reports, and how statements are timed."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction


@dataclass(frozen=True, slots=True)
class Result:
    """One measured bench: ours beside the limit, in seconds (less is better) or deeds per second (more is better)."""

    name: str
    ours: float
    limit: float
    goal: float
    more_is_better: bool = False

    @property
    def ratio(self) -> float:
        """How many times the limit ours is."""
        return self.ours / self.limit

    @property
    def reached(self) -> bool:
        """Whether the ratio keeps to the goal."""
        return self.ratio >= self.goal if self.more_is_better else self.ratio <= self.goal

    def __str__(self) -> str:
        return (
            f"bench {self.name} ours={self.ours:.4g} limit={self.limit:.4g} ratio={self.ratio:.3f} "
            f"goal={self.goal:g} {'ok' if self.reached else 'short'}"
        )


def scale() -> int:
    """Will return how many members the benches are to have: SCALE, or 100,000."""
    return int(os.environ.get("SCALE") or 100_000)


def say(text: str) -> None:
    """Will tell the person who waits what is happening, beside the results."""
    print(text, file=sys.stderr, flush=True)


def seconds(work: Callable[[], object]) -> float:
    """Will return how long something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def best_undone(work: Callable[[], object], times: int = 2) -> float:
    """Will return the shortest of several runs in transactions that are rolled back."""
    return min(seconds(lambda: _undone(work)) for _ in range(times))


def _undone(work: Callable[[], object]) -> None:
    with transaction.atomic():
        work()
        transaction.set_rollback(True)


def run_sql(statement: str, parameters: dict[str, Any] | None = None) -> int:
    """Will run one statement and return its row count."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def fetch_one(statement: str) -> tuple[object, ...]:
    """Will run one statement and return its first row."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    assert row is not None
    return tuple(row)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Will say how long a part of the preparation took."""
    started = time.perf_counter()
    yield
    say(f"  {what}: {time.perf_counter() - started:.1f} s")
