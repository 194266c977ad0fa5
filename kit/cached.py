"""Kit's cache: what may be forgotten at any moment, and is missed by nobody while the cache cannot be reached."""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

SLOW_SECONDS = 1.0
KEPT_SECONDS = 300


def find(name: str) -> Any:
    """Will return what was put under a name; None where it is over, or the cache cannot be reached."""
    try:
        return cache.get(name)
    except RedisError:
        logger.warning("%s is not looked up: the cache cannot be reached", name)
        return None


def put(name: str, value: object, seconds: int) -> None:
    """Will keep something for some seconds; not at all while the cache cannot be reached."""
    try:
        cache.set(name, value, seconds)
    except RedisError:
        logger.warning("%s is not kept: the cache cannot be reached", name)


def drop(name: str) -> None:
    """Will forget what was put under a name; it is over by itself where the cache cannot be reached."""
    try:
        cache.delete(name)
    except RedisError:
        logger.warning("%s is not dropped: the cache cannot be reached", name)


def count(name: str, seconds: int) -> None:
    """Will count something that happens, so many seconds from the first time; not while the cache cannot be reached."""
    try:
        cache.add(name, 0, seconds)
        cache.incr(name)
    except ValueError:  # it ran out between the two
        put(name, 1, seconds)
    except RedisError:
        logger.warning("%s is not counted: the cache cannot be reached", name)


def if_slow(name: str, ask: Callable[[], Answer]) -> Answer:
    """Will ask, or take what was answered some minutes ago where that took more than a second.

    `name` says all that the answer depends on, a number of its shape among it; the answer can be pickled.
    """
    found: Answer | None = find(name)
    if found is not None:
        return found
    started = perf_counter()
    answer = ask()
    if perf_counter() - started > SLOW_SECONDS:
        put(name, answer, KEPT_SECONDS)
    return answer
