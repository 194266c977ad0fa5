"""What points are worth: whatever the cut, the lines add up to the whole."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import dates
from points.rules import liability
from points.rules.liability import Held, Part
from tests.kit.examples import FEW

MAY = dt.date(2026, 5, 1)

parts = st.lists(
    st.builds(
        lambda tier, source, lapses, is_pending, points: Part(
            tier, source, *((None, False, -points) if source == "debt" else (lapses, is_pending, points))
        ),
        st.sampled_from(["member", "silver", "gold"]),
        st.sampled_from(["order", "sign_up", "event:review", "debt"]),
        st.sampled_from([MAY, dt.date(2027, 1, 1), dates.WHILE_ACTIVE, dates.NEVER]),
        st.booleans(),
        st.integers(1, 10**9),
    ),
    max_size=30,
)


@settings(FEW, suppress_health_check=[HealthCheck.too_slow])
@given(parts, st.sampled_from([0, 1, 3, 7, 100, 150]), st.sampled_from([0, 2, 3]))
def test_every_cut_adds_up(given_parts: list[Part], rate: int, exponent: int) -> None:
    """Points and money, by any key; no line is off by more than a coin."""
    total = liability.total(given_parts, rate, exponent)
    assert total.net == sum(part.points for part in given_parts) == total.lots - total.debt
    for key in ("tier", "source", "lapses"):
        cut = liability.cut(given_parts, lambda part, key=key: getattr(part, key), rate, exponent)
        for side in ("available", "pending", "debt", "worth"):
            assert sum(getattr(held, side) for held in cut.values()) == getattr(total, side), (key, side)
        coin = Decimal(1).scaleb(-exponent)
        for held in cut.values():
            assert not rate or abs(held.worth - Decimal(held.net) / rate) <= 2 * coin


def test_a_debt_is_taken_off() -> None:
    """1,000 usable, 50 on hold, 30 owed, at 100 points for a unit: 10.20."""
    rows = [
        Part("gold", "order", MAY, False, 1000),
        Part("gold", "order", MAY, True, 50),
        Part("member", "debt", None, False, -30),
    ]
    assert liability.total(rows, 100, 2) == Held(1000, 50, 30, Decimal("10.20"))
    assert liability.cut(rows, lambda part: part.tier, 100, 2) == {
        "gold": Held(1000, 50, 0, Decimal("10.50")),
        "member": Held(0, 0, 30, Decimal("-0.30")),
    }


@pytest.mark.parametrize(
    ("points", "rate", "exponent", "worth"),
    [(0, 100, 2, "0.00"), (1, 200, 2, "0.01"), (1, 201, 2, "0.00"), (7, 3, 0, "2"), (7, 0, 2, "0.00")],
)
def test_worth_is_rounded_half_up_once(points: int, rate: int, exponent: int, worth: str) -> None:
    """To the smallest coin; without a rate points are worth nothing."""
    assert str(liability.worth_of(points, rate, exponent)) == worth


@FEW
@given(st.integers(0, 10**9), st.floats(0, 1))
def test_expected_redemption_stays_within_what_is_outstanding(points: int, breakage: float) -> None:
    """Never below nought, never above."""
    assert 0 <= liability.expected_redemption(points, breakage) <= points


def test_months_of_expiry_are_listed_soonest_first() -> None:
    """Then what has no date, and debts at the end."""
    months = [None, dates.NEVER, MAY, dates.WHILE_ACTIVE, dt.date(2025, 1, 1)]
    assert sorted(months, key=liability.lapse_order) == [
        dt.date(2025, 1, 1),
        MAY,
        dates.WHILE_ACTIVE,
        dates.NEVER,
        None,
    ]
