"""The throttle: so many misses within a minute that slides, what was right taken back, and no cache no refusal."""

import datetime as dt
import uuid

import pytest
from django.core.cache import cache
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.throttle import Throttle

SECOND = dt.timedelta(seconds=1)
BEGUN = dt.datetime(2026, 3, 3, 4, 0, tzinfo=dt.UTC)
"""The beginning of a minute."""


@pytest.fixture
def throttle():
    """Three misses a minute, of something that no other test tries."""
    return Throttle(f"test-{uuid.uuid4()}", 3)


def admitted(throttle, *seconds, who="ann"):
    return [throttle.admit(who, 1, BEGUN + second * SECOND) is None for second in seconds]


def test_so_many_are_allowed_within_a_minute(throttle):
    assert admitted(throttle, 0, 1, 2, 3, 59) == [True, True, True, False, False]
    assert admitted(throttle, 3, who="bob") == [True]


def test_the_minute_slides(throttle):
    assert admitted(throttle, 58, 58, 58) == [True] * 3
    assert admitted(throttle, 60, 62, 79) == [False] * 3
    assert admitted(throttle, 81, 82, 101, 102, 121) == [True, False, True, False, True]


def test_what_was_right_is_taken_back(throttle):
    for _ in range(5):
        assert throttle.admit("ann", 2, BEGUN) is None
        throttle.forgive("ann", 2, BEGUN)
    assert throttle.admit("ann", 3, BEGUN) is None
    assert throttle.admit("ann", 1, BEGUN) is not None


@settings(deadline=None)  # it asks the cache
@given(st.lists(st.integers(0, 59), max_size=12), st.lists(st.integers(60, 119), min_size=1, max_size=12))
def test_who_waits_until_he_is_told_is_admitted_and_not_before(before, after):
    throttle = Throttle(f"test-{uuid.uuid4()}", 3)
    for second in sorted(before) + sorted(after):
        at = BEGUN + second * SECOND
        again_at = throttle.admit("ann", 1, at)
        if again_at is not None:
            assert at < again_at <= at + 120 * SECOND
            assert throttle.admit("ann", 1, again_at - SECOND) is not None or again_at - SECOND < at
            assert throttle.admit("ann", 1, again_at + SECOND / 1000) is None
            return


def test_more_at_once_than_is_ever_allowed_is_refused(throttle):
    assert throttle.admit("ann", 4, BEGUN) is not None
    assert throttle.admit("ann", 3, BEGUN) is None


def test_while_the_cache_is_away_nobody_is_refused(throttle, settings, caplog):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    cache.close()
    assert admitted(throttle, *[0] * 5) == [True] * 5
    throttle.forgive("ann", 1, BEGUN)
    assert "is not throttled" in caplog.text
