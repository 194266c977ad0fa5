"""What a reward costs whom, and why it cannot be had: tables and random members."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benefits.rules.pools import BadRow, PoolRow, read_row
from benefits.rules.rewards import (
    BadReward,
    Offer,
    Purse,
    cancels_until,
    check_frame,
    check_prices,
    fault_of,
    least,
    price_for,
)

NOON = dt.datetime(2026, 3, 3, 4, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 3)
COUNTS = st.none() | st.integers(0, 3)


@given(
    prices=st.dictionaries(st.sampled_from(["*", "gold"]), st.integers(1, 9)),
    tier=st.sampled_from(["gold", "silver"]),
    spendable=st.integers(0, 9),
    debt=st.integers(0, 2),
    left=COUNTS,
    most=COUNTS,
    times=st.integers(0, 3),
    window=st.tuples(st.integers(-1, 1), st.integers(-1, 1)),
    is_on=st.booleans(),
)
def test_a_member_has_it_if_and_only_if_nothing_speaks_against(
    prices, tier, spendable, debt, left, most, times, window, is_on
):
    hour = dt.timedelta(hours=1)
    spendable = 0 if debt else spendable
    starts, ends = NOON + window[0] * hour, NOON + window[1] * hour
    offer = Offer(prices, left, most, starts, ends, is_on)
    price = prices.get(tier, prices.get("*"))
    may = (
        is_on and starts <= NOON < ends and price is not None and left != 0
        and (most is None or times < most) and not debt and spendable >= price
    )  # fmt: skip
    fault = fault_of(offer, Purse(tier, spendable, debt, times), NOON)
    assert (fault is None) == may
    assert price_for(prices, tier) == price
    if fault and fault.code == "not_enough":
        assert fault.facts["missing"] == price + debt - spendable > 0


def test_small_things():
    assert (least(None, 3, 2), least(None, None), least()) == (2, None, None)
    assert (cancels_until(TODAY, 0), cancels_until(TODAY, 7)) == (None, dt.date(2026, 3, 10))
    assert check_prices({"*": 5, "gold": 3}, {"gold": None}) == {"*": 5, "gold": 3}
    check_frame(code="a-1", starts_at=None, ends_at=NOON, cancel_days=365, names={"en": "A"})


@pytest.mark.parametrize(
    ("prices", "field", "code"),
    [
        ({}, "price_*", "no_price"),
        ({"*": 0}, "price_*", "price"),
        ({"*": True}, "price_*", "price"),
        ({"*": "5"}, "price_*", "price"),
        ({"*": 10**9 + 1}, "price_*", "price"),
        ({"iron": 5}, "price_iron", "unknown_tier"),
    ],
)
def test_prices_that_are_none_are_refused(prices, field, code):
    with pytest.raises(BadReward) as refused:
        check_prices(prices, {"gold": None})
    assert (refused.value.field, refused.value.code) == (field, code)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "A"}, "code"),
        ({"code": ""}, "code"),
        ({"code": "a" * 61}, "code"),
        ({"names": {"zh-hans": "好"}}, "name_en"),
        ({"starts_at": NOON, "ends_at": NOON}, "ends_on"),
        ({"cancel_days": -1}, "cancel_days"),
        ({"cancel_days": 366}, "cancel_days"),
    ],
)
def test_what_every_reward_has_goes_together(changes, field):
    whole = {"code": "a", "starts_at": None, "ends_at": None, "cancel_days": 0, "names": {"en": "A"}}
    with pytest.raises(BadReward) as refused:
        check_frame(**(whole | changes))
    assert refused.value.field == field


def test_a_partners_row_is_read_letter_by_letter():
    assert read_row(" aB-1 ", " ", TODAY) == PoolRow("aB-1", None)
    assert read_row("x", "2026-03-03", TODAY) == PoolRow("x", TODAY)
    for code, ends_on, fault in (
        (" ", "", "missing"), ("x" * 201, "", "too_long"), ("a\tb", "", "characters"), ("x", "3.3.2026", "date"),
        ("x", "2026-03-02", "over"),
    ):  # fmt: skip
        with pytest.raises(BadRow) as refused:
            read_row(code, ends_on, TODAY)
        assert refused.value.code == fault
