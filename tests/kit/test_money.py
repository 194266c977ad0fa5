"""Sharing a whole loses nothing and is fair; amounts are exact whatever the currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import exponent_of, part_of, plain, share, share_money
from tests.kit.examples import MANY

amounts = st.decimals(min_value=0, max_value=10**9, places=2)
weights = st.lists(amounts, min_size=1, max_size=12)


@MANY
@given(total=st.integers(0, 10**13), weights=weights)
def test_shares_sum_to_the_whole_and_none_is_a_unit_off(total, weights):
    parts = share(total, weights)
    whole = sum(weights)
    assert sum(parts) == total
    if not whole:
        assert parts == [total] + [0] * (len(weights) - 1)
        return
    for part, weight in zip(parts, weights, strict=True):
        exact = Decimal(total) * weight / whole
        assert abs(part - exact) < 1
        assert part == 0 or weight > 0


@MANY
@given(total=st.integers(0, 10**6), weights=weights)
def test_missing_units_go_to_the_largest_remainders_and_ties_to_the_earlier_part(total, weights):
    whole = sum(weights)
    if not whole:
        return
    parts = share(total, weights)
    floors = [int(total * weight / whole) for weight in weights]
    remainders = [total * weight / whole - floor for weight, floor in zip(weights, floors, strict=True)]
    ranked = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    raised = [i for i in range(len(weights)) if parts[i] > floors[i]]
    assert sorted(raised) == sorted(ranked[: len(raised)])


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, ["1", "1", "1"], [4, 3, 3]),
        (1, ["1", "1", "1"], [1, 0, 0]),
        (100, ["33.33", "33.33", "33.34"], [33, 33, 34]),
        (7, ["0", "0"], [7, 0]),
        (5, ["0", "2", "0"], [0, 5, 0]),
        (0, ["3", "4"], [0, 0]),
        (1100, ["600.50", "499.70"], [600, 500]),
        (3, [], []),
    ],
)
def test_shares_by_hand(total, weights, parts):
    assert share(total, [Decimal(weight) for weight in weights]) == parts


@MANY
@given(total=st.integers(0, 10**9), weights=weights, exponent=st.sampled_from([0, 2, 3]))
def test_shared_money_is_whole_coins_that_sum_to_the_amount(total, weights, exponent):
    coin = Decimal(1).scaleb(-exponent)
    parts = share_money(total * coin, weights, exponent)
    assert sum(parts) == total * coin
    assert all(part >= 0 and part % coin == 0 for part in parts)


@MANY
@given(total=amounts, quantity=st.integers(1, 50), data=st.data())
def test_parts_of_an_amount_grow_with_the_units_and_end_at_the_whole(total, quantity, data):
    first = data.draw(st.integers(0, quantity))
    second = data.draw(st.integers(first, quantity))
    smaller, larger = part_of(total, first, quantity, 2), part_of(total, second, quantity, 2)
    assert 0 <= smaller <= larger <= total
    assert abs(smaller - total * first / quantity) <= Decimal("0.005")
    assert part_of(total, quantity, quantity, 2) == part_of(total, quantity + 1, quantity, 2) == total


def test_half_a_coin_is_rounded_up():
    assert part_of(Decimal("0.05"), 1, 2, 2) == Decimal("0.03")
    assert part_of(Decimal(5), 1, 2, 0) == Decimal(3)


@pytest.mark.parametrize(("currency", "decimals"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("EUR", 2)])
def test_a_currency_knows_its_smallest_coin(currency, decimals):
    assert exponent_of(currency) == decimals


@pytest.mark.parametrize(
    ("amount", "text"), [("100", "100"), ("1E+2", "100"), ("120.500", "120.5"), ("0.00", "0"), ("0.001", "0.001")]
)
def test_equal_amounts_are_written_alike(amount, text):
    assert plain(Decimal(amount)) == text
