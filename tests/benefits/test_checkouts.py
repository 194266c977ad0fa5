"""What a checkout holds, uses and gives back, deed by deed; and what the database promises of it, broken by name."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.actions import Held
from benefits.enums import DiscountKind
from benefits.models import BenefitUse, Checkout, Coupon, CouponCount, Entitlement, MemberCount, Taking
from tests.benefits.coupons import define, give
from tests.kit.broken import breaks, refused

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
D = Decimal
ORDER = "order:web:1"


@pytest.fixture
def coupon(join: Any) -> Coupon:
    """A coupon for ten off that Ann was given; twice is the most for her."""
    define(uses_per_member=2)
    return Coupon.objects.get(id=give(join("ann").id).id)


def held_of(coupon: Coupon, amount: str = "10.00", **more: Any) -> Held:
    """What a quote would have a checkout hold: the coupon, six and four off two lines."""
    what: dict[str, Any] = {
        "key": f"coupon:{coupon.id}",
        "kind": DiscountKind.COUPON,
        "amount": D(amount),
        "shipping": D(0),
        "lines": {"1": D(amount) - 4, "2": D(4)},
        "coupon_id": coupon.id,
        "definition_id": coupon.definition_id,
        "member_max": 2,
    }
    return Held(**what | more)


def hold(coupon: Coupon, at: dt.datetime, key: str = "cart", **more: Any) -> benefits_queries.CheckoutView:
    """Will hold a coupon for a quarter of an hour."""
    sent: dict[str, Any] = {
        "member_id": coupon.member_id,
        "source_key": key,
        "asked": {"cart": key},
        "quote": {"total": "90"},
        "quote_hash": "h",
        "held": [held_of(coupon)],
        "points": 0,
        "reservation_id": None,
        "expires_at": at + 15 * MINUTE,
        "at": at,
        "actor": "test",
    }
    return benefits_actions.hold_checkout(**sent | more)


def confirm(checkout: uuid.UUID, at: dt.datetime, order_key: str = ORDER) -> tuple[Any, bool]:
    return benefits_actions.confirm_checkout(checkout=checkout, order_key=order_key, tier="gold", at=at, actor="test")


def back(units: dict[str, tuple[int, int]], at: dt.datetime, occasion: str, *, nothing_left: bool = False) -> None:
    benefits_actions.return_shares(
        order_key=ORDER, occasion=occasion, units=units, nothing_left=nothing_left, exponent=2, tier="gold",
        at=at, actor="test",
    )  # fmt: skip


def state(coupon: Coupon) -> tuple[Any, ...]:
    """(uses and holds of the coupon, of the member, of everybody; spent and held of the budget)."""
    own = Coupon.objects.values_list("used", "held").get(id=coupon.id)
    mine = MemberCount.objects.filter(definition_id=coupon.definition_id).values_list("used", "held").first() or (0, 0)
    count = CouponCount.objects.get(definition_id=coupon.definition_id)
    return own, mine, (count.used, count.held), (count.spent, count.spent_held)


FREE = ((0, 0), (0, 0), (0, 0), (D(0), D(0)))
HELD = ((0, 1), (0, 1), (0, 1), (D(0), D(10)))
USED = ((1, 0), (1, 0), (1, 0), (D(10), D(0)))


def test_holding_counts_everywhere_and_again_changes_nothing(coupon: Coupon, noon: dt.datetime) -> None:
    view = hold(coupon, noon)
    assert (view.state, view.expires_at, state(coupon)) == ("held", noon + 15 * MINUTE, HELD)
    assert hold(coupon, noon + MINUTE) == view
    with pytest.raises(benefits_actions.CheckoutKeyReused):
        hold(coupon, noon, asked={"cart": "other"})
    assert state(coupon) == HELD


def test_what_is_taken_meanwhile_is_not_held(coupon: Coupon, noon: dt.datetime) -> None:
    hold(coupon, noon)
    with pytest.raises(benefits_actions.TakenMeanwhile) as taken:
        hold(coupon, noon, "other")
    assert taken.value.key == f"coupon:{coupon.id}"


@pytest.mark.parametrize(
    "changes",
    [
        {"voided_at": dt.datetime(2026, 3, 3, tzinfo=dt.UTC), "void_reason": "test"},
        {"used": 1},
    ],
)
def test_a_coupon_that_is_over_is_not_held(coupon: Coupon, noon: dt.datetime, changes: dict[str, Any]) -> None:
    Coupon.objects.filter(id=coupon.id).update(**changes)
    with pytest.raises(benefits_actions.TakenMeanwhile):
        hold(coupon, noon)


def test_nobody_holds_what_is_another_members(coupon: Coupon, noon: dt.datetime, join: Any) -> None:
    with pytest.raises(benefits_actions.TakenMeanwhile):
        hold(coupon, noon, member_id=join("bob").id)


@pytest.mark.parametrize("limit", ["uses_max", "budget", "member"])
def test_a_limit_that_is_reached_holds_nothing(coupon: Coupon, noon: dt.datetime, limit: str) -> None:
    held = [held_of(coupon, member_max=0 if limit == "member" else 2)]
    count = CouponCount.objects.filter(definition_id=coupon.definition_id)
    if limit == "uses_max":
        count.update(uses_max=0)
    elif limit == "budget":
        count.update(budget=D("9.99"))
    with pytest.raises(benefits_actions.TakenMeanwhile):
        hold(coupon, noon, held=held)


def test_confirming_uses_once_and_keeps_what_was_saved(coupon: Coupon, noon: dt.datetime) -> None:
    view = hold(coupon, noon)
    paid, is_new = confirm(view.id, noon + MINUTE)
    assert (paid.state, paid.order_key, is_new, state(coupon)) == ("confirmed", ORDER, True, USED)
    assert confirm(view.id, noon + 2 * MINUTE) == (paid, False)
    [use] = BenefitUse.objects.all()
    assert (use.saved, use.uses, use.saved_by, use.tier, use.cost) == (D(10), 1, "discount", "gold", D(10))
    with pytest.raises(benefits_actions.CheckoutTaken):
        confirm(view.id, noon, "order:web:2")
    with pytest.raises(benefits_actions.NoCheckout):
        confirm(uuid.uuid4(), noon)


def test_one_order_has_one_checkout(coupon: Coupon, noon: dt.datetime) -> None:
    confirm(hold(coupon, noon).id, noon)
    other = hold(coupon, noon, "other", held=[])
    with pytest.raises(benefits_actions.OrderHasCheckout):
        confirm(other.id, noon)
    assert benefits_queries.find_checkout_of_order(ORDER) != other


def test_releasing_gives_back_once(coupon: Coupon, noon: dt.datetime) -> None:
    view = hold(coupon, noon)
    given_up, is_new = benefits_actions.release_checkout(checkout=view.id, at=noon, actor="test")
    assert (given_up.state, is_new, state(coupon)) == ("released", True, FREE)
    assert benefits_actions.release_checkout(checkout=view.id, at=noon, actor="test") == (given_up, False)
    with pytest.raises(benefits_actions.CheckoutClosed):
        confirm(view.id, noon)
    with pytest.raises(benefits_actions.CheckoutClosed):
        benefits_actions.extend_checkout(checkout=view.id, expires_at=noon + MINUTE, at=noon, actor="test")


def test_time_that_ran_out_lapses_and_may_be_held_again(coupon: Coupon, noon: dt.datetime) -> None:
    view, late = hold(coupon, noon), noon + 15 * MINUTE
    assert benefits_queries.lapsed_checkouts(late - MINUTE) == []
    assert (
        benefits_queries.lapsed_checkouts(late) == benefits_queries.lapsed_of_member(view.member_id, late) == [view.id]
    )
    lapsed, _ = benefits_actions.release_checkout(checkout=view.id, at=late, actor="test")
    assert (lapsed.state, lapsed.closed_at) == ("lapsed", late)
    again: dict[str, Any] = {"checkout": view.id, "reservation_id": None, "expires_at": late + MINUTE, "actor": "test"}
    held = benefits_actions.hold_checkout_again(held=[held_of(coupon)], at=late, **again)
    assert (held.state, held.expires_at, state(coupon)) == ("held", late + MINUTE, HELD)
    with pytest.raises(benefits_actions.CheckoutClosed):
        benefits_actions.hold_checkout_again(held=[held_of(coupon)], at=late, **again)
    confirm(view.id, late)
    with pytest.raises(benefits_actions.CheckoutTaken):
        benefits_actions.hold_checkout_again(held=[held_of(coupon)], at=late, **again)
    with pytest.raises(benefits_actions.CheckoutTaken):
        benefits_actions.release_checkout(checkout=view.id, at=late, actor="test")
    assert state(coupon) == USED


def test_a_quota_moves_with_the_checkout(coupon: Coupon, noon: dt.datetime) -> None:
    version = benefits_queries.list_versions()[0].id
    row = Entitlement.objects.create(
        member_id=coupon.member_id, benefit="free-shipping", kind="free_shipping", period="2026-03",
        version_id=version, starts_at=noon, quota=1, held=1, granted_at=noon, actor="test",
    )  # fmt: skip
    shipping = held_of(
        coupon, "8.00", kind=DiscountKind.FREE_SHIPPING, shipping=D(8), lines={}, coupon_id=None, definition_id=None,
        benefit="free-shipping", entitlement_id=row.id,
    )  # fmt: skip
    confirm(hold(coupon, noon, held=[shipping]).id, noon)
    assert Entitlement.objects.values_list("used", "held").get(id=row.id) == (1, 0)
    assert BenefitUse.objects.get().saved_by == "shipping"
    back({"1": (1, 2), "2": (0, 1)}, noon, "refund:1")
    assert BenefitUse.objects.count() == 1, "shipping comes back with the last unit"
    back({"1": (2, 2), "2": (1, 1)}, noon, "refund:2", nothing_left=True)
    assert Entitlement.objects.values_list("used", "held").get(id=row.id) == (0, 0)
    assert benefits_queries.returned_with(ORDER, "refund:2")[0].amount == D(8)


LOCKS = re.compile(r'UPDATE "benefits_(entitlement|coupon|membercount|couponcount)" ')


def locked(deed: Callable[[], Any]) -> list[tuple[str, str]]:
    """Will do something and return which rows of counts it locked, in order: the table and what its row is found by."""
    with CaptureQueriesContext(connection) as asked:
        deed()
    texts = [one["sql"] for one in asked.captured_queries]
    return [(found[1], text.rsplit(" WHERE ", 1)[1]) for text in texts if (found := LOCKS.match(text))]


def test_rows_are_locked_in_one_order_whatever_is_done(join: Any, noon: dt.datetime) -> None:
    """Else two members who share definitions, or a code, would wait for each other for ever."""
    for code in ("first", "second"):
        define(code)
    ann = join("ann").id
    coupons = [Coupon.objects.get(id=give(ann, code, code).id) for code in ("second", "first")]
    assert coupons[0].id < coupons[1].id
    assert coupons[0].definition_id > coupons[1].definition_id
    what = [held_of(one) for one in coupons]
    begun: list[benefits_queries.CheckoutView] = []
    holding = locked(lambda: begun.append(hold(coupons[0], noon, held=what)))
    tables = [table for table, _ in holding]
    assert tables == ["coupon", "coupon", "membercount", "couponcount", "membercount", "couponcount"]

    def ids(rows: list[tuple[str, str]], table: str) -> list[int]:
        return [int(re.findall(r"(?:id|definition_id)\" = (\d+)", where)[-1]) for name, where in rows if name == table]

    by_definition = sorted(one.definition_id for one in coupons)
    deeds: list[Callable[[], Any]] = [
        lambda: confirm(begun[0].id, noon),
        lambda: back({"1": (1, 1), "2": (1, 1)}, noon, "all", nothing_left=True),
        lambda: benefits_actions.release_checkout(
            checkout=hold(coupons[0], noon, "again", held=what).id, at=noon, actor="test"
        ),
    ]
    for deed in deeds:
        rows = locked(deed)[-6:]
        assert [table for table, _ in rows] == tables
        assert ids(rows, "coupon") == [one.id for one in coupons]
        assert ids(rows, "couponcount") == by_definition


def test_shares_come_back_with_units_and_the_coupon_with_the_last(coupon: Coupon, noon: dt.datetime) -> None:
    confirm(hold(coupon, noon).id, noon)
    back({"1": (1, 3), "2": (0, 1)}, noon, "refund:1")
    back({"1": (1, 3), "2": (0, 1)}, noon, "refund:again")
    assert state(coupon)[3] == (D(8), D(0))
    assert [one.amount for one in benefits_queries.returned_with(ORDER, "refund:1")] == [D(2)]
    assert benefits_queries.returned_with(ORDER, "refund:again") == []
    back({"1": (3, 3), "2": (1, 1)}, noon, "refund:2", nothing_left=True)
    [last] = benefits_queries.returned_with(ORDER, "refund:2")
    assert (last.amount, last.is_back, state(coupon)) == (D(8), True, FREE)
    back({"1": (3, 3), "2": (1, 1)}, noon, "cancel:3", nothing_left=True)
    assert state(coupon) == FREE
    assert sum(use.saved for use in BenefitUse.objects.all()) == 0


def test_an_order_without_a_checkout_gives_nothing_back(coupon: Coupon, noon: dt.datetime) -> None:
    back({}, noon, "refund:1", nothing_left=True)
    assert benefits_queries.returned_with(ORDER, "refund:1") == []
    assert not BenefitUse.objects.exists()


# Promises of the database.


def test_checkouts(coupon: Coupon, noon: dt.datetime) -> None:
    view = hold(coupon, noon)
    rows = Checkout.objects.filter(id=view.id)
    with breaks("benefits_checkout_once"):
        other = rows.values().get() | {"id": uuid.uuid4()}
        Checkout.objects.create(**other)
    with breaks("benefits_checkout_holds_for_a_time"):
        rows.update(expires_at=F("held_at"))
    halves: list[dict[str, Any]] = [{"state": "confirmed"}, {"closed_at": noon}, {"order_key": ORDER}]
    for half in halves:
        with breaks("benefits_checkout_closed_once"):
            rows.update(**half)
    unpaid: list[dict[str, Any]] = [{"points": 5}, {"reservation_id": uuid.uuid4()}, {"points": -1}]
    for one in unpaid:
        with breaks("benefits_checkout_points_are_reserved"):
            rows.update(**one)
    confirm(view.id, noon)
    second = hold(coupon, noon, "other", held=[])
    with breaks("benefits_checkout_one_per_order"):
        Checkout.objects.filter(id=second.id).update(state="confirmed", order_key=ORDER, closed_at=noon)


def test_takings(coupon: Coupon, noon: dt.datetime) -> None:
    takings = Taking.objects.filter(checkout_id=hold(coupon, noon).id)
    for changes in ({"returned": D("10.01")}, {"amount": D(-1)}, {"shipping": D(11)}, {"returned": D(-1)}):
        with breaks("benefits_taking_returns_within_amount"):
            takings.update(**changes)
    with breaks("benefits_taking_names_its_coupon"):
        takings.update(coupon=None)


def test_uses(coupon: Coupon, noon: dt.datetime) -> None:
    confirm(hold(coupon, noon).id, noon)
    [use] = BenefitUse.objects.values()
    with breaks("benefits_benefituse_counts_one"):
        BenefitUse.objects.create(**use | {"cause": "other", "uses": 2})
    for change in (lambda: BenefitUse.objects.update(saved=0), lambda: BenefitUse.objects.all().delete()):
        with refused("append-only"):
            change()
