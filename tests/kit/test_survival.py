"""Kaplan-Meier by a table from the paper's own kind of example, and against a reading one by one."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.survival import kaplan_meier
from tests.kit.examples import FEW


def test_who_lasts_still_counts_until_last_seen() -> None:
    """Deaths at 0.8, 3.1, 5.4, 9.2 and losses at 1.0, 2.7, 7.0, 12.1 months: Kaplan and Meier's first example."""
    found = kaplan_meier(
        [(8, 1, 0), (10, 0, 1), (27, 0, 1), (31, 1, 0), (54, 1, 0), (70, 0, 1), (92, 1, 0), (121, 0, 1)]
    )
    assert [days for days, _share in found.steps] == [8, 31, 54, 92]
    assert [share for _days, share in found.steps] == pytest.approx([7 / 8, 7 / 10, 21 / 40, 21 / 80])
    assert found.quantile(0.25) == 31 and found.quantile(0.5) == 92 and found.quantile(0.75) is None
    assert found.share_at(7) == 1 and found.share_at(53) == pytest.approx(7 / 10) and found.share_at(122) is None


def test_the_ends_of_what_can_be_asked() -> None:
    """Nothing observed, nothing ended, all ended at once."""
    assert kaplan_meier([]).steps == () and kaplan_meier([]).quantile(0.5) is None
    assert kaplan_meier([(5, 0, 9)]).share_at(5) == 1
    assert kaplan_meier([(0, 4, 0)]).quantile(0.25) == 0


@FEW
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=40))
def test_it_equals_a_reading_one_by_one(lives: list[tuple[int, bool]]) -> None:
    """Exactly, in fractions, on random lives; the order of rows is of no matter."""
    share = Fraction(1)
    expected = []
    for day in sorted({days for days, over in lives if over}):
        there = sum(days >= day for days, _over in lives)
        share *= 1 - Fraction(sum(over and days == day for days, over in lives), there)
        expected.append((day, float(share)))
    found = kaplan_meier((days, int(over), int(not over)) for days, over in lives)
    assert [days for days, _share in found.steps] == [days for days, _share in expected]
    assert [share for _days, share in found.steps] == pytest.approx([share for _days, share in expected])
