"""What was saved, by member and year, and what benefits bring: figures by hand, and sums that add up."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given as drawn
from hypothesis import strategies as st

from benefits import actions as benefits_actions
from benefits import invariants as benefits_invariants
from benefits import queries as benefits_queries
from benefits.enums import BenefitKind, Occasion, SavedBy
from benefits.kinds import RULES
from benefits.models import BenefitUse, Coupon, Taking
from benefits.queries.matrix import matrix_on
from benefits.rules.effect import Effect, Group, SavedRow, Used, effect_of, is_counted, together
from benefits.rules.matrix import Matrix, benefit_from_terms
from benefits.wording.effect import basis_words, saved_name
from tests.benefits.coupons import define, give
from tests.benefits.matrices import publish, raised, row
from tests.benefits.shelf import cancel, gift, promise, redeem, reward
from tests.benefits.test_checkouts import back, confirm, hold
from tests.conftest import NOON

DAY = dt.timedelta(days=1)
D = Decimal
MARCH = (dt.date(2026, 3, 1), dt.date(2026, 3, 31))


# ---- rules


def benefit(kind="service", cells=None, **more):
    """A benefit as the matrix reads it."""
    return benefit_from_terms(row("one", kind, cells or {"silver": {"booking": True}}, **more), RULES)


@pytest.mark.parametrize(
    ("kind", "cell", "counted"),
    [
        ("free_shipping", {"times": 2}, True),
        ("member_price", {}, True),
        ("service", {"booking": True}, True),
        ("service", {}, False),
        ("priority_dispatch", {}, False),
        ("partner", {"pool": "cinema"}, True),
    ],
)
def test_what_can_be_counted(kind, cell, counted):
    assert is_counted(benefit(kind, {"silver": cell, "gold": None})) is counted


def test_an_effect_is_put_together_by_tiers_that_have_it():
    standing = {"member": Group(10, 10, D(100)), "silver": Group(4, 8, D(400))}
    used = [
        Used("silver", 3, D(30), D(12), Group(1, 5, D(250))),
        Used("", 2, D(20), D(8), Group(1, 1, D(10))),
        Used("member", 1, D(5), D(2), Group(1, 1, D(90))),
    ]
    found = effect_of(benefit(), standing, used, None)
    assert (found.eligible, found.using, found.others) == (
        Group(4, 8, D(400)),
        Group(1, 5, D(250)),
        Group(3, 3, D(150)),
    )
    assert (found.users, found.times, found.saved, found.cost, found.use_rate) == (3, 6, D(55), D(22), 0.25)
    assert found.using.spend_each == D(250) and found.others.orders_each == D(1) and not found.is_idle
    assert (found.given, found.seen) == (None, None)
    issued = effect_of(benefit("partner", {"silver": {"pool": "x"}}, occasion="activation"), standing, [], None)
    assert (issued.given, issued.seen, issued.is_idle) == (0, 0, True)


def test_of_nobody_nothing_is_said():
    assert (Effect().use_rate, Group().spend_each, Group().orders_each, Effect().is_idle) == (None, None, None, False)


@drawn(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 99)), max_size=5))
def test_groups_are_parted_and_put_together_again(rows):
    groups = [Group(members, orders, D(spend)) for members, orders, spend in rows]
    whole = together(groups)
    for one in groups:
        assert together([one, whole.without(one)]) == whole


def test_what_saved_is_named():
    matrix = matrix_of_one()
    here = {"uses": 1, "saved": D(1), "saved_by": SavedBy.VALUE, "coupon": "", "names": {}}
    for expected, more in (
        ("Ten off", {"kind": "coupon", "benefit": "", "names": {"en": "Ten off"}}),
        ("Rewards", {"kind": "reward", "benefit": ""}),
        ("one", {"kind": "service", "benefit": "one"}),
        ("Free shipping", {"kind": "free_shipping", "benefit": "gone"}),
        ("odd", {"kind": "coupon", "benefit": "", "coupon": "odd"}),
    ):
        assert saved_name(SavedRow(**here | more), matrix) == expected
    assert {basis_words(basis) for basis in SavedBy} == {
        "Off your orders",
        "Shipping you did not pay",
        "What it would have cost you",
    }


def matrix_of_one():
    """A matrix of one benefit."""
    return Matrix(benefits=(benefit(),))


# ---- for the member


@pytest.fixture
def coupon(join):
    """A coupon of Ann's for ten off."""
    define(uses_per_member=2)
    return Coupon.objects.get(id=give(join("ann").id).id)


@pytest.mark.django_db
def test_what_a_member_saved_is_the_sum_and_nought_after_returns(coupon, noon):
    ann = coupon.member_id
    confirm(hold(coupon, noon).id, noon)
    gift(value=D(88))
    promise(ann)
    saved = benefits_queries.saved_by_member(ann, 2026)
    assert [(one.coupon, one.kind, one.saved_by, one.uses, one.saved) for one in saved.rows] == [
        ("", "reward", "value", 1, D(88)),
        ("ten", "coupon", "discount", 1, D(10)),
    ]
    assert saved.total == D(98) == benefits_queries.total_saved(ann, 2026)
    back({"1": (1, 3), "2": (0, 1)}, noon + DAY, "refund:1")
    saved = benefits_queries.saved_by_member(ann, 2026)
    assert saved.total == D(96) == benefits_queries.total_saved(ann, 2026) == sum(one.saved for one in saved.rows)
    assert saved.latest[0].what.saved == D(-2) and saved.latest[0].order_key == "order:web:1"
    back({"1": (3, 3), "2": (1, 1)}, noon + 2 * DAY, "refund:2", nothing_left=True)
    [fulfilment] = benefits_queries.fulfilments_of(ann)
    benefits_actions.cancel_fulfilment(fulfilment_id=fulfilment.id, reason="lost", at=noon + DAY, actor="test")
    saved = benefits_queries.saved_by_member(ann, 2026)
    assert saved.total == 0 == benefits_queries.total_saved(ann, 2026)
    assert all(one.uses == 0 == one.saved for one in saved.rows)
    assert sum(use.cost for use in BenefitUse.objects.all()) == 0, "what came back cost nothing either"
    assert list(benefits_invariants.uses_say_what_was_saved()) == []


@pytest.mark.django_db
def test_a_year_is_of_the_programmes_dates(coupon, noon):
    """A return in the next year is taken off there; both are two queries however much there is."""
    ann = coupon.member_id
    last = dt.datetime(2026, 12, 31, 15, 59, tzinfo=dt.UTC)
    confirm(hold(coupon, last).id, last)
    back({"1": (3, 3), "2": (1, 1)}, last + dt.timedelta(minutes=1), "refund:1", nothing_left=True)
    with CaptureQueriesContext(connection) as asked:
        old, new = (benefits_queries.saved_by_member(ann, year) for year in (2026, 2027))
    assert len(asked) == 4
    assert (old.total, new.total, old.years) == (D(10), D(-10), (2027, 2026))
    assert [one.what.uses for one in new.latest] == [-1]
    assert benefits_queries.saved_by_member(ann + 1, 2026).years == ()


@pytest.mark.django_db
def test_a_reward_is_named_in_the_latest_and_summed_with_the_others(join, give):
    ann = join("ann").id
    give(ann, 9000)
    gift(value=D(88))
    reward("cream")
    cancel(redeem(ann, "1").id, NOON + DAY)
    redeem(ann, "2")
    saved = benefits_queries.saved_by_member(ann, 2026)
    assert [(one.names, one.uses, one.saved) for one in saved.rows] == [({}, 1, D(88))]
    assert {one.what.names["en"] for one in saved.latest} == {"Hand cream"} and len(saved.latest) == 3


@pytest.mark.django_db
def test_a_coupon_of_a_tier_is_a_use_of_its_benefit(join, noon):
    define("tens")
    publish(row("pack", "coupon", {"*": {"coupon": "tens"}}, occasion="activation"), alone=True)
    ann = join("ann")
    benefits_actions.grant_on(member_id=ann.id, occasion=Occasion.ACTIVATION, at=noon, actor="test")
    confirm(hold(Coupon.objects.get(member=ann), noon).id, noon)
    assert BenefitUse.objects.get().benefit == "pack"


@pytest.mark.django_db
def test_a_checkout_whose_uses_disagree_is_named(coupon, noon):
    view = hold(coupon, noon)
    assert list(benefits_invariants.uses_say_what_was_saved()) == []
    confirm(view.id, noon)
    Taking.objects.update(returned=3)
    assert list(benefits_invariants.uses_say_what_was_saved()) == [
        f"Checkout {view.id} took 7.000 off in 1 uses; its recorded uses come to 10.000 in 1."
    ]


# ---- for the shop


@pytest.fixture
def club(join, noon):
    """Ann and Bob are silver, Cat is not; Ann had a talk and used two coupons, of which one came back."""
    members = {name: join(name) for name in ("ann", "bob", "cat")}
    publish(
        row("talk", "service", {"silver": {"booking": True}}, value="60", cost="12.5"),
        row("quiet", "service", {"silver": {"booking": True}}),
        row("fast", "priority_dispatch", {"silver": {}}),
        alone=True,
    )
    for name in ("ann", "bob"):
        raised(members[name], "silver")
    number = benefits_actions.book(
        member_id=members["ann"].id, benefit="talk", form_key=uuid.uuid4(), at=noon, actor="m"
    )
    benefits_actions.confirm_booking(booking_id=number, at=noon, actor="staff:1")
    benefits_actions.finish_booking(booking_id=number, at=noon, actor="staff:1")
    define(uses_per_member=2)
    for name in ("ann", "cat"):
        give(members[name].id)
    view = hold(Coupon.objects.get(member=members["ann"]), noon)
    confirm(view.id, noon)
    back({"1": (1, 3), "2": (0, 1)}, noon, "refund:1")
    return members


@pytest.mark.django_db
def test_what_benefits_bring(club):
    found = benefits_queries.effects(*MARCH)
    talk, quiet, fast = (one.effect for one in found.benefits)
    assert (talk.eligible, talk.using) == (Group(2, 2, D(2000)), Group(1, 1, D(1000)))
    assert (talk.others.spend_each, talk.users, talk.times) == (D(1000), 1, 1)
    assert (talk.saved, talk.cost, talk.use_rate) == (D(60), D("12.5"), 0.5)
    assert quiet.is_idle and quiet.eligible.members == 2 and fast.eligible.members == 2
    [ten] = found.coupons
    assert (ten.code, ten.names["en"], ten.effect.eligible, ten.effect.using) == (
        "ten",
        "Ten off",
        Group(2, 1, D(1000)),
        Group(1, 1, D(1000)),
    )
    assert (ten.effect.times, ten.effect.users, ten.effect.saved, ten.effect.cost) == (1, 1, D(8), D(8))
    by_tier = {one.tier: one for one in found.tiers}
    assert by_tier["silver"].members == Group(2, 2, D(2000)) and by_tier["silver"].cost == D("12.5")
    assert by_tier["gold"].saved == D(8), "the tier that the checkout said"
    assert sum(one.saved for one in found.tiers) == sum(use.saved for use in BenefitUse.objects.all())


@pytest.mark.django_db
def test_another_period_has_nothing(club):
    found = benefits_queries.effects(dt.date(2026, 4, 1), dt.date(2026, 4, 30))
    assert [(one.effect.times, one.effect.eligible.members) for one in found.benefits] == [(0, 2)] * 3
    assert found.coupons == () and sum(one.times for one in found.tiers) == 0


@pytest.mark.django_db
def test_given_and_seen_are_members(join, noon):
    define("tens")
    publish(row("pack", "coupon_pack", {"*": {"coupons": {"tens": 2}}}, occasion="activation"), alone=True)
    for name in ("ann", "bob"):
        benefits_actions.grant_on(member_id=join(name).id, occasion=Occasion.ACTIVATION, at=noon, actor="test")
    benefits_actions.mark_seen(member_id=Coupon.objects.first().member_id, at=noon, actor="m")
    [pack] = benefits_queries.effects(*MARCH).benefits
    assert (pack.effect.given, pack.effect.seen, pack.effect.eligible.members) == (2, 1, 2)
    assert pack.benefit.kind is BenefitKind.COUPON_PACK


@pytest.mark.django_db
def test_an_effect_takes_the_same_queries_for_any_number(club, join):
    matrix_on(MARCH[1])
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            benefits_queries.effects(*MARCH)
        counts.append(len(asked))
        for name in (f"dan{_round}", f"eve{_round}", f"fay{_round}"):
            give(raised(join(name), "silver").id)
    assert counts == [6, 6]


@pytest.mark.django_db
def test_the_last_days_say_what_a_use_cost(club):
    uses = benefits_queries.uses_since(dt.date(2026, 3, 1))
    assert uses["talk"].cost_each == D("12.5") and benefits_queries.BenefitUses().cost_each is None
