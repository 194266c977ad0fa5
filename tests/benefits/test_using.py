"""What is counted: so often a period and not once more, held, used, given back; and what a checkout is told of it."""

import datetime as dt
from decimal import Decimal

import pytest

from benefits import actions as benefits_actions
from benefits import invariants
from benefits import queries as benefits_queries
from benefits.enums import GoodsKind
from benefits.models import Coupon, Entitlement
from kit import clock
from tests.benefits.matrices import DEED, publish, raised, row, use
from tests.conftest import NOON
from tests.kit.threads import kinds, together

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
SHIPPING = row("ship", "free_shipping", {"silver": {"times": 2}, "gold": {"times": 4}, "diamond": {}})


@pytest.fixture
def ann(join):
    publish(SHIPPING, alone=True)
    return raised(join("ann"), "silver")


def counts():
    row = Entitlement.objects.get(benefit="ship", period="2026-03")
    return row.quota, row.used, row.held


def test_so_often_a_period_and_not_once_more(ann):
    assert [use(ann.id, "ship").left for _ in range(2)] == [1, 0]
    with pytest.raises(benefits_actions.NoneLeft):
        use(ann.id, "ship")
    assert counts() == (2, 2, 0)
    assert use(ann.id, "ship", NOON + 29 * DAY).left == 1
    assert Entitlement.objects.filter(period="2026-04").exists()


def test_a_higher_tier_counts_at_once_in_the_same_month(ann):
    use(ann.id, "ship")
    use(ann.id, "ship")
    raised(ann, "gold", NOON + DAY)
    assert use(ann.id, "ship", NOON + DAY).left == 1
    assert counts() == (4, 3, 0)
    raised(ann, "diamond", NOON + 2 * DAY)
    assert [use(ann.id, "ship", NOON + 2 * DAY).left for _ in range(9)] == [None] * 9


def test_what_a_month_promised_stays_when_the_matrix_gives_less(ann):
    use(ann.id, "ship")
    publish(row("ship", "free_shipping", {"silver": {"times": 1}}), on=dt.date(2026, 3, 4), alone=True)
    assert use(ann.id, "ship", NOON + DAY).left == 0
    assert use(ann.id, "ship", NOON + 30 * DAY).left == 0


def test_who_has_it_not_uses_nothing(ann, join):
    bob = join("bob")
    for member_id, benefit in ((bob.id, "ship"), (ann.id, "nothing"), (0, "ship")):
        with pytest.raises(benefits_actions.NotTheirs):
            use(member_id, benefit)
    assert not Entitlement.objects.exists()


def test_what_is_held_is_counted_and_what_was_used_comes_back(ann):
    held = benefits_actions.hold_use(member_id=ann.id, benefit="ship", at=NOON, actor="test")
    assert (use(ann.id, "ship").entitlement_id, counts()) == (held, (2, 1, 1))
    with pytest.raises(benefits_actions.NoneLeft):
        benefits_actions.hold_use(member_id=ann.id, benefit="ship", at=NOON, actor="test")
    benefits_actions.return_used(entitlement_id=held, at=NOON, actor="test")
    assert counts() == (2, 0, 1)
    with pytest.raises(benefits_actions.NothingHeld):
        benefits_actions.return_used(entitlement_id=held, at=NOON, actor="test")


def test_what_no_checkout_holds_is_found_by_the_proof(ann):
    assert not list(invariants.entitlements_are_whole())
    benefits_actions.hold_use(member_id=ann.id, benefit="ship", at=NOON, actor="test")
    [found] = invariants.entitlements_are_whole()
    assert found == f"Of ship for 2026-03 member {ann.id} holds 1 uses; his checkouts hold 0."


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_use_more_than_there_is(join):
    publish(row("ship", "free_shipping", {"*": {"times": 3}}), alone=True)
    member_id = join("ann").id
    answers = together([lambda: use(member_id, "ship")] * 8)
    assert kinds(answers) == {"Used": 3, "NoneLeft": 5}
    assert counts() == (3, 3, 0)


# ---- what there is


def has(member_id, at=NOON):
    return {one.benefit.code: (one.left, one.until) for one in benefits_queries.usable(member_id, at)}


def test_what_a_member_can_use_now(join, django_assert_num_queries):
    ann = raised(join("ann"), "silver")
    until = dt.date(2027, 3, 3)
    with django_assert_num_queries(4):
        found = has(ann.id)
    assert found == {
        "free-shipping": (None, until),
        "member-goods": (None, until),
        "priority-line": (None, until),
        "monthly-coupon": (1, dt.date(2026, 3, 31)),
    }
    Coupon.objects.update(used=1)
    assert "monthly-coupon" not in has(ann.id)


def test_a_quota_counts_down(ann):
    assert has(ann.id) == {"ship": (2, dt.date(2026, 3, 31))}
    use(ann.id, "ship")
    benefits_actions.hold_use(member_id=ann.id, benefit="ship", at=NOON, actor="test")
    assert has(ann.id) == {"ship": (0, dt.date(2026, 3, 31))}
    assert has(ann.id, NOON + 30 * DAY) == {"ship": (2, dt.date(2026, 4, 30))}
    assert [row.used for row in benefits_queries.given_to(ann.id)] == [1]


def test_seen_is_noted_once(join):
    ann = raised(join("ann"), "silver")
    assert benefits_actions.mark_seen(member_id=ann.id, **DEED) == 1
    assert benefits_actions.mark_seen(member_id=ann.id, at=NOON + DAY, actor="member") == 0
    assert Entitlement.objects.get().seen_at == NOON


# ---- at checkout


OPENS = clock.day_start(dt.date(2026, 3, 10))


def goods(kind, sku, **more):
    return benefits_actions.NewGoods(kind, sku, NOON - DAY, **more)


@pytest.fixture
def shelf(programme):
    publish(
        row("prices", "member_price", {"silver": {}, "gold": {}, "diamond": {}}),
        row("day", "member_day", {"gold": {"days": [3, 18], "percent": "5", "cap": "30"}, "diamond": None}),
    )
    rows = [
        goods(GoodsKind.MEMBER_PRICE, "tea", price=Decimal("9.50")),
        goods(GoodsKind.MEMBER_ONLY, "cup"),
        goods(GoodsKind.EARLY_ACCESS, "pot", opens_at=OPENS),
        goods(GoodsKind.MEMBER_PRICE, "old", price=Decimal(1), ends_at=NOON),
    ]
    benefits_actions.add_goods(goods=rows, **DEED)


SKUS = ("tea", "cup", "pot", "old", "other")


def test_a_cart_of_each_tier(shelf, join, django_assert_num_queries):
    bob, ann = join("bob"), raised(join("ann"), "gold")
    eve = raised(join("eve"), "diamond")
    nobody = benefits_queries.usable_at_checkout(bob.id, SKUS, NOON)
    assert (nobody.tier, nobody.free_shipping, nobody.member_day, dict(nobody.prices)) == ("member", None, None, {})
    assert (nobody.not_his, dict(nobody.not_yet)) == (("cup",), {"pot": OPENS})
    with django_assert_num_queries(4):
        gold = benefits_queries.usable_at_checkout(ann.id, SKUS, NOON)
    assert (gold.tier, gold.free_shipping.quota_left, dict(gold.prices)) == ("gold", None, {"tea": Decimal("9.50")})
    assert (gold.member_day.percent, gold.member_day.cap, gold.price_benefit) == (Decimal(5), Decimal(30), "prices")
    assert (gold.not_his, dict(gold.not_yet)) == ((), {"pot": OPENS})
    assert benefits_queries.usable_at_checkout(ann.id, SKUS, NOON + DAY).member_day is None
    diamond = benefits_queries.usable_at_checkout(eve.id, SKUS, OPENS - DAY)
    assert (dict(diamond.not_yet), diamond.member_day) == ({}, None)
    assert dict(benefits_queries.usable_at_checkout(eve.id, SKUS, OPENS - DAY - dt.timedelta(seconds=1)).not_yet)


def test_free_shipping_at_checkout_counts_down(ann):
    found = benefits_queries.usable_at_checkout(ann.id, (), NOON).free_shipping
    assert (found.benefit, found.quota_left, found.period) == ("ship", 2, "2026-03")
    use(ann.id, "ship")
    use(ann.id, "ship")
    assert benefits_queries.usable_at_checkout(ann.id, (), NOON).free_shipping is None
    assert benefits_queries.usable_at_checkout(0, (), NOON).tier == ""
