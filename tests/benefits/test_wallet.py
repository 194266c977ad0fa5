"""What coupons a member has, where each stands, and what a checkout considers."""

import datetime as dt
from decimal import Decimal

import pytest

from benefits import queries as benefits_queries
from benefits.models import Coupon, CouponCount, MemberCount
from kit import clock
from tests.benefits.coupons import NAMES, define, give

DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(join):
    """Ann, and a coupon that she may use twice, and everybody three times and for 50 together."""
    define(uses_per_member=2, uses_total=3, budget="50.00")
    return join("ann").id


def change(issued, **values):
    Coupon.objects.filter(id=issued.id).update(**values)


def test_each_coupon_stands_in_one_place(ann, noon):
    given = {name: give(ann, source_key=name) for name in ("ready", "held", "used", "void")}
    given["coming"] = give(ann, source_key="coming", starts_on=clock.business_date(noon + DAY))
    given["lapsed"] = give(ann, source_key="lapsed", at=noon - 30 * DAY)
    change(given["held"], held=1)
    change(given["used"], used=1, used_at=noon)
    change(given["void"], voided_at=noon, void_reason="Given twice.")
    wallet = benefits_queries.wallet_of(ann, noon)
    for name, issued in given.items():
        assert [one.coupon_id for one in getattr(wallet, name)] == [issued.id], name
    assert wallet.ready[0].names == NAMES
    assert wallet.void[0].void_reason == "Given twice."


def test_a_member_without_coupons_has_an_empty_wallet(ann, noon):
    assert benefits_queries.wallet_of(ann, noon) == benefits_queries.Wallet()
    assert benefits_queries.candidates_of(ann, noon) == ()


def test_open_coupons_come_soonest_end_first_and_closed_ones_latest_first(ann, noon):
    ends = [4, 2, 9]
    day = clock.business_date(noon)
    for days in ends:
        give(ann, source_key=f"open:{days}", ends_on=day + days * DAY)
        change(give(ann, source_key=f"used:{days}"), used=1, used_at=noon - days * DAY)
    wallet = benefits_queries.wallet_of(ann, noon)
    assert [one.standing.ends_at for one in wallet.ready] == [clock.day_start(day + (n + 1) * DAY) for n in (2, 4, 9)]
    assert [one.used_at for one in wallet.used] == [noon - n * DAY for n in (2, 4, 9)]


def test_what_is_left_counts_what_is_used_and_held(ann, noon):
    give(ann)
    [one] = benefits_queries.candidates_of(ann, noon)
    assert (one.standing.member_left, one.standing.total_left, one.standing.budget_left) == (2, 3, Decimal(50))
    definition = one.definition_id
    MemberCount.objects.create(member_id=ann, definition_id=definition, used=1, held=1)
    CouponCount.objects.filter(definition=definition).update(used=1, held=1, spent="10", spent_held="7.50")
    [one] = benefits_queries.candidates_of(ann, noon)
    assert (one.standing.member_left, one.standing.total_left, one.standing.budget_left) == (0, 1, Decimal("32.50"))


def test_a_checkout_considers_ones_own_open_coupons_and_any_typed_code(ann, join, noon):
    mine = give(ann, source_key="mine")
    over = give(ann, source_key="over", at=noon - 30 * DAY)
    change(used := give(ann, source_key="used"), used=1)
    bob = join("bob").id
    his = give(bob)
    typed = [his.code.lower(), f" {over.code[:4]}-{over.code[4:]} ", "NOSUCHCODE9"]
    assert [one.coupon_id for one in benefits_queries.candidates_of(ann, noon)] == [mine.id]
    found = {one.coupon_id: one.standing.is_mine for one in benefits_queries.candidates_of(ann, noon, typed)}
    assert found == {mine.id: True, over.id: True, his.id: False}
    assert used.id not in found


@pytest.mark.parametrize("coupons", [1, 7])
def test_one_query_however_many_coupons(ann, noon, django_assert_num_queries, coupons):
    for number in range(coupons):
        give(ann, source_key=str(number))
        give(ann, define(f"other{number}"), source_key=f"other:{number}")
    with django_assert_num_queries(1):
        assert len(benefits_queries.wallet_of(ann, noon).ready) == coupons * 2
    with django_assert_num_queries(1):
        assert len(benefits_queries.candidates_of(ann, noon, ["X"])) == coupons * 2
