"""Guessing of coupons' codes: counted by member and by key, exactly also where many guess at once."""

import datetime as dt

import pytest
from django.core.cache import cache

from benefits import queries as benefits_queries
from tests.benefits.coupons import define
from tests.benefits.coupons import give as issue
from tests.kit.threads import kinds, together

SECOND = dt.timedelta(seconds=1)


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
