"""What the cache keeps for some minutes, and that nobody misses it."""

import itertools

import pytest
from django.core.cache import cache

from kit import cached


@pytest.fixture(autouse=True)
def _empty():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def away(settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    cache.close()


@pytest.mark.parametrize(("slower_than", "answers"), [(10.0, [1, 2, 3]), (-1.0, [1, 1, 1])])
def test_slow_answers_are_kept_and_fast_ones_asked_anew(monkeypatch, slower_than, answers):
    monkeypatch.setattr(cached, "SLOW_SECONDS", slower_than)
    asked = itertools.count(1)
    assert [cached.if_slow("test", asked.__next__) for _time in range(3)] == answers


def test_what_is_put_is_found_until_it_is_dropped():
    cached.put("test", {"a": 1}, 60)
    assert cached.find("test") == {"a": 1}
    cached.drop("test")
    assert cached.find("test") is None


def test_counting_begins_with_one():
    for expected in (1, 2, 3):
        cached.count("test", 60)
        assert cached.find("test") == expected


def test_nobody_misses_a_cache_that_is_away(away, monkeypatch, caplog):
    monkeypatch.setattr(cached, "SLOW_SECONDS", -1.0)
    cached.put("test", 1, 60)
    cached.count("test", 60)
    cached.drop("test")
    assert cached.find("test") is None
    asked = itertools.count(1)
    assert [cached.if_slow("test", asked.__next__) for _time in range(2)] == [1, 2]
    assert caplog.text.count("the cache cannot be reached") == 8
