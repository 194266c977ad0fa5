"""Draws: the stated odds are the odds, what is gone goes to the rest, and anybody can draw again."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benefits.rules import lottery
from benefits.rules.lottery import BadPrizes
from tests.benefits.shelf import prizes

ROWS = prizes(
    ("tea", "gift", "tea", "0.01", 2),
    ("film", "partner_code", "cinema", "0.05", None),
    ("ten", "coupon", "ten", "0.2", 9),
)
REST = [*ROWS, *prizes(("luck", "points", "20", "rest", None))]
CHI_SQUARE_999 = {2: 13.82, 3: 16.27}
"""The bound that one draw of a thousand would pass by chance, by degrees of freedom."""


def test_ten_thousand_draws_fit_the_stated_odds():
    source = random.Random(20260303)
    for rows, gone in ((ROWS, ()), (REST, ()), (REST, (1,))):
        read = lottery.prizes_from(rows)
        places = [lottery.draw(read, source.randbytes(32), gone).place for _draw in range(10_000)]
        odds = lottery.odds(read, gone)
        expected = {place: chance / 100 for place, chance in enumerate(odds.prizes)} | {None: odds.nothing / 100}
        expected = {place: count for place, count in expected.items() if count}
        assert set(places) <= set(expected)
        square = sum((places.count(place) - count) ** 2 / count for place, count in expected.items())
        assert square < CHI_SQUARE_999[len(expected) - 1], (gone, square)


def test_odds_are_those_stated_and_sum_to_one():
    read = lottery.prizes_from(ROWS)
    assert lottery.odds(read) == lottery.Odds((10_000, 50_000, 200_000), 740_000)
    assert lottery.odds(read, {2}) == lottery.Odds((10_000, 50_000, 0), 940_000, frozenset({2}))
    whole = lottery.prizes_from(REST)
    assert lottery.odds(whole) == lottery.Odds((10_000, 50_000, 200_000, 740_000), 0)
    assert lottery.odds(whole, {0, 3}).nothing == 750_000
    assert lottery.share(50_000) == Decimal("0.05") and lottery.share(0) == 0
    assert lottery.emptied(lottery.prizes_from(prizes(("a", "gift", "x", "0.1", 0)))) == {0}


@given(number=st.integers(0, 999_999), gone=st.sets(st.integers(0, 3)))
def test_every_number_falls_on_what_the_odds_give_room(number, gone):
    read = lottery.prizes_from(REST)
    place = lottery._under(read, number)
    drawn = lottery._rest(read, gone) if place is None or place in gone else place
    odds = lottery.odds(read, gone)
    assert (odds.nothing if drawn is None else odds.prizes[drawn]) > 0
    assert sum(odds.prizes) + odds.nothing == lottery.WHOLE


@given(seed=st.binary(min_size=1, max_size=64))
def test_a_seed_draws_the_same_again_after_being_kept(seed):
    read = lottery.prizes_from(REST)
    kept = [lottery.stored_prize(prize) for prize in read]
    assert lottery.prizes_from(kept) == read
    assert lottery.draw(lottery.prizes_from(kept), seed) == lottery.draw(read, seed)
    assert 0 <= lottery.number_of(seed) < lottery.WHOLE


def changed(**changes):
    """Will change the first prize."""
    return [ROWS[0] | changes, *ROWS[1:]]


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        ([], "none", None),
        (changed(chance="0.8"), "too_likely", None),
        ([*changed(chance="rest"), REST[-1]], "two_rests", None),
        (changed(key="film"), "key", None),
        (changed(chance="0"), "chance", 0),
        (changed(chance="1.1"), "chance", 0),
        (changed(chance="0.0000001"), "chance", 0),
        (changed(chance="NaN"), "chance", 0),
        (changed(chance="x"), "chance", 0),
        (changed(names={}), "name", 0),
        (changed(kind="car"), "kind", 0),
        (changed(gives=""), "gives", 0),
        (changed(points=5), "gives", 0),
        (changed(left=-1), "number", 0),
        (changed(left=True), "number", 0),
    ],
)
def test_prizes_that_do_not_go_together_are_refused(rows, code, place):
    with pytest.raises(BadPrizes) as refused:
        lottery.prizes_from(rows)
    assert (refused.value.code, refused.value.place) == (code, place)
