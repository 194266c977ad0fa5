"""What `make bench` measures: each bench beside the limit that the same server reaches with bare statements."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

GROUPS = ("bench.night", "bench.ledger", "bench.importing")
"""Modules whose measure(wanted) yields the results of those of their benches that are wanted."""


def load(group: str) -> Callable[[Callable[[str], bool]], Iterator[Any]]:
    """Will return the measure of a group."""
    measure: Callable[[Callable[[str], bool]], Iterator[Any]] = import_module(group).measure
    return measure
