"""The least that averts a fall: by tables, and on random lives the least indeed."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiers.ladder import LADDER, ladder
from tiers.enums import AtEnd, HoldKind, Join, Window
from tiers.rules import (
    Counted,
    History,
    Hold,
    Ladders,
    Position,
    Requirement,
    Stand,
    foresee_fall,
    look_ahead,
    order,
)

DAY = dt.timedelta(days=1)
END = dt.date(2027, 3, 31)
TODAY = END - 60 * DAY
JOINED = dt.date(2024, 5, 5)
CENT = Decimal("0.01")
ONE = Decimal(1)


def counted(days_before_end: int, spend="0", orders=1, growth=0, **more) -> Counted:
    on = END - days_before_end * DAY
    return Counted(on, on, Decimal(spend), orders, growth, **more)


def stand(*rows, terms=LADDER, rank=2, **position) -> Stand:
    at = Position(rank, dt.date(2026, 3, 31), **({"until": END, "highest": rank} | position))
    return Stand(at, terms, dt.date(2026, 3, 31), History(JOINED, rows), Ladders(lambda _on: terms, (), terms.uses))


def told(fall):
    return [(dict(way.more), way.since, way.by) for way in fall.ways]


def test_the_night_of_the_end_lets_go_what_nothing_keeps():
    fall = foresee_fall(stand(counted(370, "9000"), counted(100, "3640")), TODAY)
    assert (fall.rung.code, fall.to.code, fall.ends_on, fall.falls_on) == ("gold", "silver", END, END + 30 * DAY)
    assert told(fall) == [
        ({"spend": Decimal(1360)}, TODAY, END),
        ({"orders": 19}, TODAY, END),
        ({"growth": 5000}, TODAY, END),
    ]


def test_growth_that_money_brings_is_a_matter_of_money():
    fall = foresee_fall(stand(counted(100, "3640", growth=4500)), TODAY, Decimal("0.4"))
    assert [way.money for way in fall.ways] == [Decimal(1250), None]  # 500 growth value at 0.4 each
    assert told(fall)[1][0] == {"orders": 19}


@pytest.mark.parametrize(
    "averted",
    [
        stand(counted(100, "5000")),
        stand(terms=ladder(at_end=AtEnd.NEVER)),
        stand(rank=0, until=None),
        stand(terms=ladder(rungs={"gold": {"never_lost": True}})),
        stand(hold=Hold(HoldKind.MANUAL, LADDER.rungs[2], TODAY, END)),
    ],
)
def test_no_fall_is_foreseen_where_none_comes(averted):
    if averted.position.hold:
        averted = replace(averted, position=replace(averted.position, until=END + 90 * DAY))
    assert foresee_fall(averted, TODAY) is None


def test_in_grace_less_may_be_enough_today_than_on_its_last_day():
    """What counts today falls out of the window before grace ends."""
    late = stand(counted(390, "4800"), until=END - 30 * DAY, grace=END)
    fall = foresee_fall(late, END - 27 * DAY)
    assert told(fall)[0] == ({"spend": Decimal(200)}, END - 27 * DAY, END - 26 * DAY)
    assert told(fall)[1] == ({"spend": Decimal(5000)}, END - 27 * DAY, END)
    assert fall.falls_on == END


def test_what_is_done_too_early_for_a_short_window_does_not_count():
    fall = foresee_fall(stand(terms=ladder(window_days=30), rank=1), TODAY)
    assert told(fall)[0] == ({"spend": Decimal(1000)}, END - 29 * DAY, END)


def test_all_of_a_requirement_is_one_way_and_years_come_of_themselves():
    keep = Requirement(spend=Decimal(1000), orders=3, join=Join.ALL)
    terms = ladder(keep={"gold": keep})
    [both] = told(foresee_fall(stand(counted(10, "400"), terms=terms), TODAY))
    assert both == ({"spend": Decimal(600), "orders": 2}, TODAY, END)  # Diamond would cost 14,600
    years = ladder(keep={"gold": Requirement(years=9)}, rungs={"gold": {"reach": Requirement(years=9)}})
    assert all("years" not in way for way, *_ in told(foresee_fall(stand(terms=years), TODAY)))


def test_active_days_need_days_that_are_left():
    terms = ladder(keep={"gold": Requirement(active_days=5)}, rungs={"gold": {"reach": Requirement(active_days=99)}})
    [way] = [w for w in told(foresee_fall(stand(terms=terms), TODAY)) if "active_days" in w[0]]
    assert way == ({"active_days": 5}, TODAY + 4 * DAY, END)
    assert not [w for w in told(foresee_fall(stand(terms=terms), END - 3 * DAY)) if "active_days" in w[0]]


def test_what_was_given_is_kept_by_earning_it():
    given_ = stand(rank=0, until=None, hold=Hold(HoldKind.PROMOTION, LADDER.rungs[1], TODAY, END))
    fall = foresee_fall(given_, TODAY)
    assert (fall.rung.code, fall.to.code, fall.ends_on, fall.falls_on) == ("silver", "member", END, END)
    assert told(fall)[0] == ({"spend": Decimal(1000)}, TODAY, END)


rows_ = st.lists(
    st.builds(
        lambda days, spend, growth: counted(days, str(spend), growth=growth),
        st.integers(1, 500),
        st.integers(0, 6000),
        st.integers(0, 3000),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(
    rows_,
    st.sampled_from([1, 2, 3]),
    st.sampled_from([60, 30, 7, 1]),
    st.sampled_from([30, 90, 365, 400]),
    st.sampled_from([Decimal(0), ONE, Decimal("0.5")]),
    st.sampled_from([Window.ROLLING, Window.CALENDAR_YEAR, Window.MEMBERSHIP_YEAR]),
    st.booleans(),
)
def test_no_less_money_keeps_it_on_any_date(rows, rank, before, window, rate, kind, in_grace):
    terms = ladder(window_days=window if kind is Window.ROLLING else 0, window=kind)
    today = END - before * DAY
    rows = [row for row in rows if row.counts_on < today]
    where = stand(*rows, terms=terms, rank=rank, **({"until": END - 30 * DAY, "grace": END} if in_grace else {}))
    fall = foresee_fall(where, today, rate)
    if fall is None:
        last = where.position.grace or END
        kept = look_ahead(where, today, last + 30 * DAY)
        assert kept.rank >= rank
        return
    money = [way for way in fall.ways if way.money is not None]

    def stays(amount, on):
        if amount <= 0:
            return False
        deed = order(on, amount, 1, int(amount * rate))
        end = look_ahead(where, today, END, [deed]).stand.position
        return end.rank >= rank and end.grace is None and (end.until is None or end.until > END)

    assert money and money[0].by <= END
    for way in money:
        assert stays(way.money, way.by) and stays(way.money, way.since)
    least = min(way.money for way in money)
    for number in range(0, before + 1, max(before // 12, 1)):
        assert not stays(least - CENT, today + number * DAY)
