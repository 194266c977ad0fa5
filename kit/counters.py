"""Kit's counters: what happened how often since the site began, summed over all its processes and hosts.

A process keeps what it counted for some seconds and then adds it to the sums in the cache, so that counting costs
nothing while an answer is waited for. A process that is killed takes some seconds of counts with it, a cache that
forgets begins anew: they are for watching, nothing is proved by them.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

KEY = "kit:counters"
SEPARATOR = "|"
FLUSH_SECONDS = 5.0


class _Kept:
    """What this process has counted and not yet handed over."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: dict[str, float] = defaultdict(float)
        self.flushed_at = time.monotonic()


_KEPT = _Kept()


def add(name: str, *labels: str, amount: float = 1) -> None:
    """Will count something, by labels that are words of ours: never what a stranger typed."""
    with _KEPT.lock:
        _KEPT.counts[SEPARATOR.join((name, *labels))] += amount
        if time.monotonic() - _KEPT.flushed_at < FLUSH_SECONDS:
            return
    flush()


def flush() -> None:
    """Will hand over what this process has counted; keeps it where the cache cannot be reached."""
    with _KEPT.lock:
        counts, _KEPT.counts, _KEPT.flushed_at = _KEPT.counts, defaultdict(float), time.monotonic()
    if not counts:
        return
    try:
        with _client().pipeline(transaction=True) as pipeline:
            for field, amount in counts.items():
                pipeline.hincrbyfloat(KEY, field, amount)
            pipeline.execute()
    except RedisError:
        with _KEPT.lock:
            for field, amount in counts.items():
                _KEPT.counts[field] += amount


def read() -> Mapping[tuple[str, ...], float]:
    """Will return all sums by name and labels, what this process has just counted included; raises RedisError."""
    flush()
    found = _client().hgetall(KEY)
    return {tuple(field.decode().split(SEPARATOR)): float(amount) for field, amount in found.items()}


def _client() -> Any:
    """The cache's own connection: the cache itself knows no sums of several fields in one step."""
    return cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
