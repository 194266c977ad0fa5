"""Terms of coupons: read and written back, refused at the field, valid through their last date, and why not usable."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benefits.enums import CouponKind, CouponState, ValidityKind
from benefits.rules.coupons import (
    BadTerms,
    Bearer,
    Scope,
    Standing,
    Terms,
    Validity,
    digest_of,
    fault_of,
    most_off,
    state_of,
    stored,
    terms_from,
)
from tests.benefits.coupons import terms

NOON = dt.datetime(2026, 3, 3, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
DAY = dt.timedelta(days=1)

money = st.decimals(Decimal("0.01"), Decimal(99999), places=2)
counts = st.none() | st.integers(1, 10**6)
words = st.lists(st.text("abc-9", min_size=1, max_size=5), max_size=3, unique=True).map(tuple)
dates = st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31))


@st.composite
def validities(draw):
    if draw(st.booleans()):
        return Validity(ValidityKind.DAYS, days=draw(st.integers(0, 3660)))
    starts, ends = sorted([draw(dates), draw(dates)])
    return Validity(
        ValidityKind.DATES, starts_on=draw(st.sampled_from([starts, None])), ends_on=draw(st.sampled_from([ends, None]))
    )


@st.composite
def all_terms(draw):
    kind = draw(st.sampled_from(CouponKind))
    times = st.times().map(lambda time: time.replace(second=0, microsecond=0))
    return Terms(
        kind=kind,
        validity=draw(validities()),
        amount=draw(money) if kind is CouponKind.AMOUNT else Decimal(0),
        percent=draw(st.decimals(Decimal("0.5"), 100, places=1)) if kind is CouponKind.PERCENT else Decimal(0),
        cap=draw(st.none() | money) if kind is not CouponKind.AMOUNT else None,
        gift="SKU-1" if kind is CouponKind.GIFT else "",
        minimum=draw(money | st.just(Decimal(0))),
        scope=draw(st.builds(Scope, words, words, words, words, words, words)),
        weekdays=tuple(sorted(draw(st.sets(st.integers(1, 7))))),
        hours=draw(st.none() | st.tuples(times, times).filter(lambda two: two[0] != two[1])),
        tiers=draw(words),
        first_order=draw(st.booleans()),
        uses_per_code=draw(counts),
        uses_per_member=draw(counts),
        uses_total=draw(counts),
        budget=draw(st.none() | money | st.just(Decimal(0))),
        group=draw(st.sampled_from(["coupon", "shipping"])),
        exclusive=draw(st.booleans()),
        joins=draw(st.none() | words),
        priority=draw(st.integers(0, 9)),
    )


@given(all_terms())
def test_terms_are_read_back_as_they_were_written(one):
    assert terms_from(stored(one)) == one
    assert stored(terms_from(stored(one))) == stored(one)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "whim"}, "kind"),
        ({"amount": ""}, "amount"),
        ({"amount": "ten"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"percent": "20"}, "percent"),
        ({"kind": "percent", "amount": "", "percent": "101"}, "percent"),
        ({"kind": "percent", "amount": "", "percent": "0"}, "percent"),
        ({"kind": "percent", "percent": "20"}, "amount"),
        ({"kind": "percent", "amount": "", "percent": "20", "cap": "0"}, "cap"),
        ({"cap": "5"}, "cap"),
        ({"kind": "gift", "amount": ""}, "gift"),
        ({"gift": "SKU-1"}, "gift"),
        ({"validity": {}}, "validity"),
        ({"validity": {"kind": "days", "days": -1}}, "validity"),
        ({"validity": {"kind": "days", "days": 3661}}, "validity"),
        ({"validity": {"kind": "dates", "starts_on": "2026-13-01"}}, "validity"),
        ({"validity": {"kind": "dates", "starts_on": "2026-03-02", "ends_on": "2026-03-01"}}, "validity"),
        ({"scope": {"colours": ["red"]}}, "scope"),
        ({"scope": {"skus": "A1"}}, "scope"),
        ({"weekdays": [0]}, "weekdays"),
        ({"weekdays": ["x"]}, "weekdays"),
        ({"hours": ["18:00"]}, "hours"),
        ({"hours": ["18:00", "18:00"]}, "hours"),
        ({"uses_per_code": 0}, "uses_per_code"),
        ({"uses_per_member": "1.5"}, "uses_per_member"),
        ({"uses_total": True}, "uses_total"),
        ({"budget": "-1"}, "budget"),
        ({"joins": "coupon"}, "joins"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_terms_are_refused_at_the_field(changes, field):
    with pytest.raises(BadTerms) as refused:
        terms_from(terms(**changes))
    assert refused.value.field == field and str(refused.value)


@pytest.mark.parametrize(
    ("validity", "issued", "first", "last"),
    [
        ({"kind": "days", "days": 7}, "2026-03-01", "2026-03-01", "2026-03-08"),
        ({"kind": "days", "days": 0}, "2026-03-01", "2026-03-01", "2026-03-01"),
        ({"kind": "days", "days": 28}, "2026-01-31", "2026-01-31", "2026-02-28"),
        ({"kind": "days", "days": 1}, "2028-02-28", "2028-02-28", "2028-02-29"),
        ({"kind": "days", "days": 1}, "2027-02-28", "2027-02-28", "2027-03-01"),
        ({"kind": "days", "days": 366}, "2028-02-29", "2028-02-29", "2029-03-01"),
        ({"kind": "days", "days": 1}, "2026-12-31", "2026-12-31", "2027-01-01"),
        (
            {"kind": "dates", "starts_on": "2026-03-05", "ends_on": "2026-03-31"},
            "2026-03-01",
            "2026-03-05",
            "2026-03-31",
        ),
        (
            {"kind": "dates", "starts_on": "2026-03-05", "ends_on": "2026-03-31"},
            "2026-03-09",
            "2026-03-09",
            "2026-03-31",
        ),
        ({"kind": "dates", "starts_on": "2026-03-05"}, "2026-03-01", "2026-03-05", None),
        ({"kind": "dates"}, "2026-03-01", "2026-03-01", None),
    ],
)
def test_the_dates_of_a_coupon(validity, issued, first, last):
    found = terms_from(terms(validity=validity)).validity.dates_of(dt.date.fromisoformat(issued))
    assert [date and date.isoformat() for date in found] == [first, last]


def test_equal_contents_have_one_digest():
    one = digest_of({"en": "Ten"}, {"kind": "amount", "amount": "10"})
    assert one == digest_of({"en": "Ten"}, {"amount": "10", "kind": "amount"})
    assert one != digest_of({"en": "Ten"}, {"kind": "amount", "amount": "11"})
    assert one != digest_of({"en": "Eleven"}, {"kind": "amount", "amount": "10"})


OPEN = Standing(starts_at=NOON - DAY, ends_at=NOON + DAY)


@pytest.mark.parametrize(
    ("standing", "state", "fault"),
    [
        (OPEN, CouponState.READY, None),
        (replace(OPEN, is_mine=False), CouponState.READY, "not_yours"),
        (replace(OPEN, is_void=True, used=1), CouponState.VOID, "void"),
        (replace(OPEN, starts_at=NOON + DAY, ends_at=None), CouponState.COMING, "not_started"),
        (replace(OPEN, starts_at=NOON), CouponState.READY, None),
        (replace(OPEN, used=1, ends_at=NOON - DAY), CouponState.USED, "used"),
        (replace(OPEN, ends_at=NOON), CouponState.LAPSED, "lapsed"),
        (replace(OPEN, ends_at=None), CouponState.READY, None),
        (replace(OPEN, held=1), CouponState.HELD, "held"),
        (replace(OPEN, used=1, held=1, uses_max=2), CouponState.HELD, "held"),
        (replace(OPEN, used=9, held=9, uses_max=None), CouponState.READY, None),
        (replace(OPEN, member_left=0), CouponState.READY, "member_limit"),
        (replace(OPEN, total_left=0), CouponState.READY, "total_limit"),
        (replace(OPEN, budget_left=Decimal(0)), CouponState.READY, "budget"),
    ],
)
def test_where_a_coupon_stands_and_why_it_cannot_be_used(standing, state, fault):
    assert state_of(standing, NOON) is state
    found = fault_of(terms_from(terms()), standing, Bearer(NOON))
    assert (found and found.code) == fault


@pytest.mark.parametrize(
    ("changes", "bearer", "fault"),
    [
        ({"tiers": ["gold"]}, Bearer(NOON, tier="silver"), "tier"),
        ({"tiers": ["gold"]}, Bearer(NOON, tier="gold"), None),
        ({"first_order": True}, Bearer(NOON, has_ordered=True), "not_first_order"),
        ({"first_order": True}, Bearer(NOON), None),
        ({"weekdays": [3]}, Bearer(NOON), "weekday"),
        ({"weekdays": [2]}, Bearer(NOON), None),
        ({"hours": ["12:00", "13:00"]}, Bearer(NOON), None),
        ({"hours": ["11:00", "12:00"]}, Bearer(NOON), "hour"),
        ({"hours": ["22:00", "02:00"]}, Bearer(NOON.replace(hour=1)), None),
        ({"hours": ["22:00", "02:00"]}, Bearer(NOON.replace(hour=2)), "hour"),
    ],
)
def test_whom_and_when_a_coupon_is_for(changes, bearer, fault):
    found = fault_of(terms_from(terms(**changes)), OPEN, bearer)
    assert (found and found.code) == fault


def test_a_scope_names_lines_and_leaves_some_out():
    scope = Scope(categories=("tea",), brands=("Hill",), not_skus=("T9",))
    assert scope.has("T1", "tea", "") and scope.has("X", "cup", "Hill")
    assert not scope.has("T9", "tea", "") and not scope.has("X", "cup", "")
    assert Scope(not_brands=("Hill",)).has("X", "cup", "") and not Scope(not_brands=("Hill",)).has("X", "cup", "Hill")


@pytest.mark.parametrize(
    ("changes", "most"),
    [
        ({}, "10"),
        ({"uses_per_code": 3}, "30"),
        ({"uses_per_code": None}, None),
        ({"kind": "percent", "amount": "", "percent": "20"}, None),
        ({"kind": "percent", "amount": "", "percent": "20", "cap": "15"}, "15"),
        ({"kind": "free_shipping", "amount": ""}, None),
        ({"kind": "free_shipping", "amount": "", "cap": "8"}, "8"),
    ],
)
def test_the_most_that_a_coupon_takes_off(changes, most):
    assert most_off(terms_from(terms(**changes))) == (None if most is None else Decimal(most))
