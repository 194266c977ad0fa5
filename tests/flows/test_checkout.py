"""A cart is quoted, held, paid for or given up: coupons, points and quotas move together, once, or not at all."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.models import BenefitUse, Checkout, Coupon, CouponCount, Taking
from members.models import Member
from membership_site.flows import checkout_quoted, checkout_released, checkout_reserved
from points import queries as points_queries
from tests.benefits.coupons import define, give
from tests.conftest import NOON
from tests.flows import shop
from tests.flows.carts import asked, confirm, counts, quote, reserve, rich

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
D = Decimal


@pytest.fixture
def ann(join: Callable[..., Member]) -> Member:
    """Ann has 1,000 points that can be used and a coupon for 10 off from 50."""
    member = join("ann")
    rich(member.id)
    define(minimum="50.00")
    give(member.id)
    return member


def points_of(member: Member, at: dt.datetime = NOON) -> int:
    return points_queries.get_balance(member.id, at).available


def test_a_quote_says_what_comes_off_and_what_is_earned(ann: Member) -> None:
    said = quote(asked(ann.id, "80", "40", points="max"))
    # 10 off; then points pay half of what is left, 55, of the 1,000 that Ann has only 10 worth.
    assert [(line.left, line.points_amount) for line in said.lines] == [
        (D("66.66"), D("6.67")),
        (D("33.34"), D("3.33")),
    ]
    assert (said.points.points, said.points.amount) == (1000, D("10.00"))
    assert said.total == D("100.00") + D("8")
    assert said.to_earn == 110  # One for each that is left after the coupon.
    assert not BenefitUse.objects.exists()
    assert not Checkout.objects.exists()


def test_the_same_quote_has_the_same_hash_and_another_cart_another(ann: Member) -> None:
    first = quote(asked(ann.id, "80", "40"))
    assert quote(asked(ann.id, "80", "40"), NOON + MINUTE).hash == first.hash
    assert quote(asked(ann.id, "80", "41")).hash != first.hash
    assert quote(asked(ann.id, "80", "40", points=100)).hash != first.hash


def test_what_was_asked_is_made_again_from_what_is_stored(ann: Member) -> None:
    what = asked(ann.id, "80", "12.5x3", points="max", codes=("ABC",))
    assert checkout_quoted.asked_of(ann.id, what.as_stored()) == what


def test_a_code_that_does_not_exist_is_said(ann: Member) -> None:
    assert quote(asked(ann.id, "80", codes=("nobody-knows",))).unknown == ("nobody-knows",)


def test_codes_that_are_nobodys_or_anothers_count_as_guesses(ann: Member, join: Callable[..., Member]) -> None:
    cache.clear()
    mine = Coupon.objects.get().code
    bobs = give(join("bob").id, source_key="bob").code
    with override_settings(COUPON_GUESSES_A_MINUTE=2):
        for _ in range(3):
            checkout_quoted.quote_guessed(asked=asked(ann.id, "80", codes=(mine,)), at=NOON)
        for code in ("nobodys", bobs):
            checkout_quoted.quote_guessed(asked=asked(ann.id, "80", codes=(code,)), at=NOON)
        with pytest.raises(benefits_queries.TooManyGuesses):
            checkout_quoted.quote_guessed(asked=asked(ann.id, "80", codes=("nobodys",)), at=NOON)
        checkout_quoted.quote_guessed(asked=asked(ann.id, "80"), at=NOON)


def test_reserving_holds_and_confirming_uses(ann: Member) -> None:
    held = reserve(asked(ann.id, "80", "40", points=500))
    assert counts() == (0, 1, D(0), D(10))
    assert points_of(ann) == 500
    done = confirm(held)
    assert done.is_new
    assert counts() == (1, 0, D(10), D(0))
    assert points_of(ann) == 500
    [use] = BenefitUse.objects.filter(definition__isnull=False)
    assert (use.saved, use.uses, use.saved_by, use.order_key) == (D(10), 1, "discount", "order:web:1")
    assert Coupon.objects.get().used_at == NOON


def test_confirming_again_changes_nothing_and_another_order_is_refused(ann: Member) -> None:
    held = reserve(asked(ann.id, "80", points=500))
    first = confirm(held)
    again = confirm(held, at=NOON + MINUTE)
    assert (again.checkout, again.is_new) == (first.checkout, False)
    with pytest.raises(benefits_actions.CheckoutTaken) as taken:
        confirm(held, "2")
    assert taken.value.order_key == "order:web:1"
    assert counts() == (1, 0, D(10), D(0))


def test_an_order_is_paid_by_one_reservation(ann: Member) -> None:
    first, second = reserve(asked(ann.id, "80")), reserve(asked(ann.id, "20", points=100), "cart:2")
    confirm(first)
    with pytest.raises(benefits_actions.OrderHasCheckout):
        confirm(second)
    assert Checkout.objects.get(id=second.id).state == "held"
    assert points_of(ann) == 900


def test_the_same_key_gives_the_first_reservation_and_another_cart_is_refused(ann: Member) -> None:
    held = reserve(asked(ann.id, "80"))
    what = asked(ann.id, "80")
    again = checkout_reserved.reserve(
        asked=what, quote_hash="other", source_key="cart:1", lasts=None, at=NOON + MINUTE, actor="test"
    )
    assert again == held
    with pytest.raises(benefits_actions.CheckoutKeyReused):
        reserve(asked(ann.id, "81"))
    assert counts() == (0, 1, D(0), D(10))


def test_a_changed_quote_holds_nothing_and_says_the_fresh_one(ann: Member) -> None:
    what = asked(ann.id, "80", points=500)
    old = quote(what).hash
    shop.use(ann.id, 900, NOON)
    with pytest.raises(checkout_reserved.QuoteChanged) as changed:
        checkout_reserved.reserve(asked=what, quote_hash=old, source_key="c", lasts=None, at=NOON, actor="test")
    assert changed.value.quote.points.points == 100
    assert not Checkout.objects.exists()
    assert counts() == (0, 0, D(0), D(0))


def test_releasing_gives_everything_back_once(ann: Member) -> None:
    held = reserve(asked(ann.id, "80", points=500))
    for _ in range(2):
        view = checkout_released.release(checkout=held.id, at=NOON + MINUTE, actor="test")
        assert view.state == "released"
    assert counts() == (0, 0, D(0), D(0))
    assert points_of(ann) == 1000
    with pytest.raises(benefits_actions.CheckoutClosed):
        confirm(held)


def test_a_reservation_that_paid_cannot_be_released(ann: Member) -> None:
    held = reserve(asked(ann.id, "80", points=500))
    confirm(held)
    with pytest.raises(benefits_actions.CheckoutTaken):
        checkout_released.release(checkout=held.id, at=NOON, actor="test")
    assert counts() == (1, 0, D(10), D(0))


def test_what_ran_out_lapses_once_whoever_comes_first(ann: Member) -> None:
    held = reserve(asked(ann.id, "80", points=500))
    late = NOON + 16 * MINUTE
    assert checkout_released.lapse_due(at=NOON + 14 * MINUTE, actor="night") == 0
    assert checkout_released.lapse_due(at=late, actor="night") == 1
    assert checkout_released.lapse_due(at=late, actor="night") == 0
    assert checkout_released.release(checkout=held.id, at=late, actor="test").state == "lapsed"
    assert counts() == (0, 0, D(0), D(0))
    assert points_of(ann, late) == 1000


def test_the_next_cart_of_a_member_takes_what_his_last_one_held_too_long(ann: Member) -> None:
    reserve(asked(ann.id, "80", points=500))
    late = NOON + 16 * MINUTE
    what = asked(ann.id, "90", points=1000)
    priced = quote(what, late)
    assert (priced.points.points, priced.combination.saved) == (1000, D(10))
    assert counts() == (0, 1, D(0), D(10)) and points_of(ann, late) == 500
    assert Checkout.objects.get().state == "held" and quote(what, NOON).points.points == 500
    held = reserve(what, "cart:2", late)
    assert (held.points, held.quote_hash) == (1000, priced.hash)
    assert counts() == (0, 1, D(0), D(10)) and points_of(ann, late) == 0


def test_extending_holds_longer_and_never_shorter(ann: Member) -> None:
    held = reserve(asked(ann.id, "80", points=500))
    lasts = dt.timedelta(minutes=20)
    view = checkout_reserved.extend(checkout=held.id, lasts=lasts, at=NOON + 10 * MINUTE, actor="test")
    assert view.expires_at == NOON + 30 * MINUTE
    again = checkout_reserved.extend(checkout=held.id, lasts=MINUTE, at=NOON + 10 * MINUTE, actor="test")
    assert again.expires_at == NOON + 30 * MINUTE
    assert checkout_released.lapse_due(at=NOON + 29 * MINUTE, actor="night") == 0
    assert confirm(held, at=NOON + 29 * MINUTE).is_new
    assert points_of(ann) == 500


def test_what_is_over_is_not_extended(ann: Member) -> None:
    held = reserve(asked(ann.id, "80"))
    with pytest.raises(benefits_actions.CheckoutClosed):
        checkout_reserved.extend(checkout=held.id, lasts=MINUTE, at=NOON + 16 * MINUTE, actor="test")
    confirm(held)
    with pytest.raises(benefits_actions.CheckoutTaken):
        checkout_reserved.extend(checkout=held.id, lasts=MINUTE, at=NOON, actor="test")


def test_a_reservation_that_ran_out_is_confirmed_where_everything_is_still_there(ann: Member) -> None:
    held = reserve(asked(ann.id, "80", points=500))
    late = NOON + 60 * MINUTE
    checkout_released.lapse_due(at=late, actor="night")
    assert confirm(held, at=late + MINUTE).is_new
    assert counts() == (1, 0, D(10), D(0))
    assert points_of(ann, late) == 500


def test_a_reservation_that_ran_out_is_refused_where_something_is_gone(ann: Member) -> None:
    held = reserve(asked(ann.id, "80", points=500))
    late = NOON + 60 * MINUTE
    checkout_released.lapse_due(at=late, actor="night")
    shop.use(ann.id, 700, late)
    with pytest.raises(checkout_reserved.ReservationExpired) as expired:
        confirm(held, at=late + MINUTE)
    assert expired.value.quote.points.points == 300
    assert Checkout.objects.get().state == "lapsed"
    assert counts() == (0, 0, D(0), D(0))


def test_there_is_no_such_reservation(ann: Member) -> None:
    nobody = benefits_queries.checkout_id(ann.id, "none")
    for deed in (
        lambda: checkout_released.release(checkout=nobody, at=NOON, actor="test"),
        lambda: checkout_reserved.extend(checkout=nobody, lasts=MINUTE, at=NOON, actor="test"),
        lambda: checkout_reserved.confirm(checkout=nobody, source="web", order_id="1", at=NOON, actor="test"),
    ):
        with pytest.raises(benefits_actions.NoCheckout):
            deed()


# Limits.


def test_a_member_may_use_no_more_than_his_limit(ann: Member) -> None:
    define("two", uses_per_member=2, minimum="50.00")
    for number in range(3):
        give(ann.id, "two", f"gift:two:{number}")
    for number in range(2):
        confirm(reserve(asked(ann.id, "80"), f"cart:{number}"), str(number))
    assert counts("two")[0] + counts("ten")[0] == 2
    confirm(reserve(asked(ann.id, "80"), "cart:3"), "3")
    said = quote(asked(ann.id, "80"))
    assert {why.code for _, why in checkout_quoted.rejected_of(said)} == {"member_limit"}


def test_a_budget_is_never_overdrawn(ann: Member) -> None:
    define("poor", budget="15.00", amount="10.00")
    for number in range(2):
        give(ann.id, "poor", f"gift:poor:{number}")
    Coupon.objects.filter(definition__code="ten").update(voided_at=NOON, void_reason="test")
    confirm(reserve(asked(ann.id, "80")))
    said = quote(asked(ann.id, "80"))
    assert {why.code for _, why in checkout_quoted.rejected_of(said)} == {"budget"}
    assert CouponCount.objects.get(definition__code="poor").spent == D(10)


# Returns.


def buy(member: Member, *amounts: str, points: int = 0, number: str = "1") -> None:
    """A cart is held and paid for; then the shop states its order, with the discount that was quoted by line."""
    what = asked(member.id, *amounts, points=points)
    said = quote(what)
    confirm(reserve(what, f"cart:{number}"), number)
    lines = [
        (line.line_id, line.quantity, str(line.unit_price), str(outcome.amount - outcome.left - outcome.points_amount))
        for line, outcome in zip(what.cart.lines, said.lines, strict=True)
    ]
    shop.place(number, lines, NOON)


def test_a_part_that_comes_back_brings_its_share_and_the_coupon_stays_used(ann: Member) -> None:
    buy(ann, "20x3", "40")
    # 10 off 100: 6.00 of the first line, 4.00 of the second.
    answer = shop.give_back("1", "r1", {"1": 1}, NOON + MINUTE)
    assert [(back.amount, back.is_back) for back in answer.discounts] == [(D("2.00"), False)]
    assert counts() == (1, 0, D("8.00"), D(0))
    assert shop.give_back("1", "r1", {"1": 1}, NOON + MINUTE).discounts == answer.discounts


def test_all_that_comes_back_brings_the_coupon_too(ann: Member) -> None:
    buy(ann, "20x3", "40")
    shop.give_back("1", "r1", {"1": 1}, NOON + MINUTE)
    answer = shop.give_back("1", "r2", {"1": 2, "2": 1}, NOON + 2 * MINUTE)
    [back] = answer.discounts
    assert (back.amount, back.is_back, back.code) == (D("8.00"), True, Coupon.objects.get().code)
    assert counts() == (0, 0, D(0), D(0))
    assert sum(use.saved for use in BenefitUse.objects.all()) == 0
    assert checkout_quoted.applied_of(quote(asked(ann.id, "80"), NOON + 3 * MINUTE))


def test_a_cancelled_order_brings_the_coupon_and_the_points_back(ann: Member) -> None:
    buy(ann, "80", "40", points=500)
    later = NOON + MINUTE
    shop.place("1", ["80", "40"], NOON, status="cancelled", stated_at=later)
    assert counts() == (0, 0, D(0), D(0))
    assert points_of(ann, later) == 1000


def test_an_order_that_was_cancelled_before_it_was_paid_gives_the_coupon_back(ann: Member) -> None:
    confirm(reserve(asked(ann.id, "80")))
    shop.place("1", ["80"], NOON, status="placed")
    assert counts() == (1, 0, D(10), D(0))
    shop.place("1", ["80"], NOON, status="cancelled", stated_at=NOON + MINUTE)
    assert counts() == (0, 0, D(0), D(0))


def test_a_return_that_came_before_the_confirmation_is_counted_with_it(ann: Member) -> None:
    held = reserve(asked(ann.id, "20x2"))
    assert held.quote["applied"] == []
    held = reserve(asked(ann.id, "40x2"), "cart:2")
    shop.place("1", [("1", 2, "40")], NOON)
    shop.give_back("1", "r1", {"1": 1}, NOON + MINUTE)
    confirm(held, at=NOON + 2 * MINUTE)
    assert counts() == (1, 0, D("5.00"), D(0))


def test_a_preview_of_a_return_keeps_nothing(ann: Member) -> None:
    buy(ann, "80")
    answer = shop.give_back("1", "r1", {"1": 1}, NOON + MINUTE, preview=True)
    assert [(back.amount, back.is_back) for back in answer.discounts] == [(D(10), True)]
    assert counts() == (1, 0, D(10), D(0))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_of_returns_ends_with_nothing_used(ann_again: Callable[[], Any], data: st.DataObject) -> None:
    with ann_again() as ann:
        buy(ann, "20x3", "13.37x2")
        units = data.draw(st.permutations(["1", "1", "1", "2", "2"]))
        at, number = NOON, 0
        while units:
            size = data.draw(st.integers(1, len(units)))
            some = units[:size]
            units, at, number = units[size:], at + MINUTE, number + 1
            shop.give_back("1", f"r{number}", {line: some.count(line) for line in set(some)}, at)
            [taking] = Taking.objects.all()
            assert counts() == (0 if not units else 1, 0, taking.amount - taking.returned, D(0))
        assert taking.returned == taking.amount
        assert sum(use.saved for use in BenefitUse.objects.all()) == 0


@pytest.fixture
def ann_again(ann: Member) -> Callable[[], Any]:
    """Ann as she began, for each example: what it does is rolled back."""
    from contextlib import contextmanager

    from django.db import transaction

    @contextmanager
    def begin() -> Any:
        with transaction.atomic():
            yield ann
            transaction.set_rollback(True)

    return begin
