"""Guessing of codes: counted by member and by key, over a sliding minute, exactly also where many guess at once."""

import datetime as dt
import uuid

import pytest
from django.core.cache import cache
from hypothesis import given, settings
from hypothesis import strategies as st

from benefits import queries as benefits_queries
from kit.throttle import Throttle
from tests.benefits.coupons import define
from tests.benefits.coupons import give as issue
from tests.kit.threads import kinds, together

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


# ---- codes of coupons


@pytest.fixture
def ann(join, settings):
    """Ann, who may guess twice a minute, and whom the shop's key may guess for three times."""
    settings.COUPON_GUESSES_A_MINUTE, settings.COUPON_GUESSES_A_MINUTE_OF_KEY = 2, 3
    cache.clear()
    define()
    return join("ann").id


@pytest.mark.django_db
def test_wrong_codes_are_counted_and_right_ones_are_not(ann, join, noon):
    mine, his = issue(ann), issue(join("bob").id)
    for _ in range(5):
        assert benefits_queries.find_by_code(mine.code.lower(), ann, noon).coupon_id == mine.id
    assert benefits_queries.find_by_code("NOSUCHCODE", ann, noon) is None
    assert not benefits_queries.find_by_code(his.code, ann, noon).standing.is_mine
    with pytest.raises(benefits_queries.TooManyGuesses) as refused:
        benefits_queries.find_by_code(mine.code, ann, noon)
    assert noon < refused.value.again_at <= noon + 120 * SECOND
    assert benefits_queries.find_by_code(mine.code, ann, noon + 120 * SECOND).coupon_id == mine.id


@pytest.mark.django_db
def test_a_key_is_counted_over_all_members(ann, join, noon):
    others = [join(name).id for name in ("bob", "cid", "dan")]
    for member_id in (ann, *others[:2]):
        benefits_queries.find_by_code("NOSUCHCODE", member_id, noon, api_key="shop")
    with pytest.raises(benefits_queries.TooManyGuesses):
        benefits_queries.find_by_code("NOSUCHCODE", others[2], noon, api_key="shop")
    for _ in range(2):  # what the key was refused for is not counted against the member
        benefits_queries.find_by_code("NOSUCHCODE", others[2], noon)


@pytest.mark.django_db
def test_known_and_unknown_codes_take_the_same_one_query(ann, noon, django_assert_num_queries):
    issued = issue(ann)
    for code in (issued.code, "NOSUCHCODE"):
        with django_assert_num_queries(1):
            benefits_queries.find_by_code(code, ann, noon)


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_do_not_get_past(ann, noon):
    answers = together([lambda: benefits_queries.find_by_code("NOSUCHCODE", ann, noon) for _ in range(16)])
    assert kinds(answers) == {"NoneType": 2, "TooManyGuesses": 14}
