"""What tiers give: once for its period, to one as to everybody at night, and nothing where nothing is left."""

import datetime as dt
import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from benefits import actions as benefits_actions
from benefits import invariants
from benefits import jobs as benefits_jobs
from benefits.actions.granting import due
from benefits.enums import Occasion
from benefits.models import Coupon, CouponDefinition, Draw, Entitlement, Fulfilment, GiftItem, PartnerCode
from benefits.queries import matrix_on
from benefits.rules import draws
from benefits.rules.periods import Period
from kit import clock
from kit.jobs import Night
from kit.models import AuditRow
from members.models import Member
from members.rules import MemberReference
from tests.benefits import shelf
from tests.benefits.matrices import DEED, coupons, given, night, publish, raised, row
from tests.conftest import NOON
from tests.flows.shop import place
from tests.kit.broken import breaks

pytestmark = pytest.mark.django_db
D = dt.date
SECOND = D(2026, 3, 2)
"""The night of 2 March gives what is due on the 3rd."""


def kept():
    return sorted(Entitlement.objects.values_list("benefit", "period"))


# ---- occasions


def test_a_newcomer_gets_his_coupon_once_and_only_with_the_reward(join):
    ann, bob = join("ann", at=NOON, reward=True), join("bob", at=NOON)
    coupon = Coupon.objects.get(member_id=ann.id)
    assert (coupon.definition.code, coupon.source_key) == ("newcomer", "benefit:newcomer-coupon:activation:1")
    assert coupon.ends_at == clock.day_start(D(2026, 3, 11))
    assert not Coupon.objects.filter(member_id=bob.id).exists()
    again = benefits_actions.grant_on(member_id=ann.id, occasion=Occasion.ACTIVATION, at=NOON, actor="test")
    assert [one.is_new for one in again] == [False]
    assert Coupon.objects.count() == 1


def test_whoever_is_raised_has_the_months_coupon_at_once_and_the_night_gives_no_second(join):
    ann = raised(join("ann"), "silver")
    assert kept() == [("monthly-coupon", "2026-03")]
    coupon = Coupon.objects.get(member_id=ann.id)
    assert (coupon.starts_at, coupon.ends_at) == (NOON, clock.day_start(D(2026, 4, 1)))
    assert night(D(2026, 3, 3)) == {"given": 0, "not": 0}
    assert night(D(2026, 3, 31)) == {"given": 1, "not": 0}
    april = Coupon.objects.get(entitlement__period="2026-04")
    assert (april.starts_at, april.ends_at) == (clock.day_start(D(2026, 4, 1)), clock.day_start(D(2026, 5, 1)))


def test_a_tier_gives_what_the_lower_ones_give(join):
    ann = raised(join("ann"), "diamond")
    assert kept() == [("monthly-coupon", "2026-03"), ("monthly-gift", "2026-03"), ("quarterly-coupon", "2026Q1")]
    assert Fulfilment.objects.get(member_id=ann.id).item.code == "monthly-gift"
    assert Entitlement.objects.get(benefit="monthly-gift").terms == {"item": "monthly-gift"}


def test_a_tier_reached_gives_once_for_each_decision(join):
    shelf.gift("cream", left=9)
    publish(row("welcome", "gift", {"silver": {"item": "cream"}, "gold": {"item": "cream"}}, occasion="upgrade"))
    ann = raised(join("ann"), "silver")
    assert [period for benefit, period in kept() if benefit == "welcome"] == ["upgrade:silver:2"]
    benefits_actions.grant_due(member_id=ann.id, at=NOON, actor="test")
    night(D(2026, 3, 3))
    raised(ann, "gold")
    assert [period for benefit, period in kept() if benefit == "welcome"] == ["upgrade:gold:3", "upgrade:silver:2"]
    assert Fulfilment.objects.count() == 2


BIRTHDAYS = [
    (D(1990, 3, 18), D(2026, 3, 3), 1),
    (D(1990, 3, 19), D(2026, 3, 3), 0),
    (D(1990, 2, 16), D(2026, 3, 3), 1),
    (D(1992, 2, 29), D(2026, 2, 13), 1),
    (D(1992, 2, 29), D(2026, 3, 15), 1),
    (D(1992, 2, 29), D(2026, 3, 16), 0),
]


@pytest.mark.parametrize(("born", "on", "count"), BIRTHDAYS)
def test_a_birthday_coupon_is_good_around_the_day(join, born, on, count):
    ann = join("ann", at=NOON - dt.timedelta(days=300))
    Member.objects.filter(id=ann.id).update(birthday=born)
    assert night(on - dt.timedelta(days=1))["given"] == count
    for coupon in Coupon.objects.all():
        day = D(2026, 2, 28) if born.month == 2 and born.day == 29 else born.replace(year=2026)
        assert coupon.ends_at == clock.day_start(day + dt.timedelta(days=16))


def test_a_birthday_that_is_changed_brings_no_second_coupon_in_its_year(join):
    ann = join("ann")
    for born in (D(1990, 3, 5), D(1990, 3, 12)):
        Member.objects.filter(id=ann.id).update(birthday=born)
        night(SECOND)
        benefits_actions.grant_due(member_id=ann.id, at=NOON, actor="test")
    assert kept() == [("birthday-coupon", "birthday:2026")]


def test_blocked_members_and_those_who_join_later_are_given_nothing(join):
    ann, bob = raised(join("ann"), "silver", NOON - dt.timedelta(days=10)), join("bob", at=NOON)
    Member.objects.filter(id=ann.id).update(status="blocked")
    Member.objects.filter(id=bob.id).update(birthday=D(1990, 3, 3))
    assert night(SECOND)["given"] == 0
    assert benefits_actions.grant_due(member_id=ann.id, at=NOON, actor="test") == []


def test_the_night_sees_the_tier_as_it_was_held_on_its_date(join):
    ann = raised(join("ann"), "silver", NOON - dt.timedelta(days=2))
    raised(ann, "gold", NOON + dt.timedelta(days=40))
    Coupon.objects.all().delete()
    Entitlement.objects.all().delete()
    night(D(2026, 3, 31))
    assert kept() == [("monthly-coupon", "2026-04")]
    assert Entitlement.objects.get().tier == "silver"
    night(D(2026, 4, 12))
    assert kept() == [("monthly-coupon", "2026-04"), ("quarterly-coupon", "2026Q2")]


# ---- when there is nothing to give


def test_what_has_run_out_stays_due_and_nothing_of_it_is_given(join):
    shelf.gift("cream", left=1)
    both = {"coupon": "monthly", "item": "cream"}
    window = {"before": 15, "after": 15}
    publish(row("party", "birthday_gift", {"*": both}, occasion="birthday", window=window), alone=True)
    for name in ("ann", "bob", "eve"):
        Member.objects.filter(id=join(name).id).update(birthday=D(1990, 3, 5))
    assert night(SECOND) == {"given": 1, "not": 2}
    assert (Entitlement.objects.count(), Coupon.objects.count()) == (1, 1)
    GiftItem.objects.filter(code="cream").update(left=5)
    assert night(D(2026, 3, 3)) == {"given": 2, "not": 0}
    assert GiftItem.objects.get(code="cream").left == 3


def test_a_coupon_that_is_given_no_more_is_due_still(join):
    raised(join("ann"), "silver", NOON - dt.timedelta(days=30))
    CouponDefinition.objects.filter(code="monthly").update(is_archived=True)
    assert night(SECOND) == {"given": 0, "not": 1}
    CouponDefinition.objects.filter(code="monthly").update(is_archived=False)
    assert night(SECOND) == {"given": 1, "not": 0}


def test_a_pack_gives_each_of_its_coupons_and_a_partner_a_code(join):
    shelf.coupon("ten")
    shelf.pool("cinema")
    pack = row("pack", "coupon_pack", {"*": {"coupons": {"ten": 2, "monthly": 1}}}, occasion="monthly")
    publish(pack, row("film", "partner", {"*": {"pool": "cinema"}}, occasion="quarterly"), alone=True)
    ann = join("ann")
    benefits_actions.grant_due(member_id=ann.id, at=NOON, actor="test")
    keys = sorted(Coupon.objects.values_list("definition__code", "source_key"))
    assert keys == [
        ("monthly", "benefit:pack:2026-03:1"),
        ("ten", "benefit:pack:2026-03:2"),
        ("ten", "benefit:pack:2026-03:3"),
    ]
    assert PartnerCode.objects.get(member_id=ann.id).source_key == "benefit:film:2026Q1:1"


def test_many_coupons_at_once_are_as_one_by_one(join):
    """The same dates, keys and terms; a cause that was served is refused, and a coupon that is not there."""
    ids, common = [join(name).id for name in ("ann", "bob")], {"definition": "monthly", "at": NOON, "actor": "test"}
    dates = {"starts_on": D(2026, 3, 1), "ends_on": D(2026, 3, 31)}
    causes = [benefits_actions.Cause(one, "cause", None, *dates.values()) for one in ids]
    assert benefits_actions.issue_many(causes=causes, **common) == 2
    for one in ids:
        benefits_actions.issue(member_id=one, source_key="other", **dates, **common)
    first, second = coupons(member_id=ids[0])
    assert (first[1], first[2:]) == ("cause", second[2:])
    with breaks("benefits_coupon_once_a_cause"):
        benefits_actions.issue_many(causes=causes, **common)
    with pytest.raises(benefits_actions.UnknownCoupon):
        benefits_actions.issue_many(causes=causes, **{**common, "definition": "gone"})
    with pytest.raises(benefits_actions.NotIssued):
        benefits_actions.issue_many(causes=causes, **{**common, "at": NOON + dt.timedelta(days=60)})
    assert Coupon.objects.filter(definition__code="monthly").count() == 4


def test_given_once_and_written_once(join):
    ann, matrix = raised(join("ann"), "silver"), matrix_on(D(2026, 3, 3))
    one = due(ann.id, matrix.find("quarterly-coupon"), "gold", Period("2026Q1", D(2026, 1, 1), D(2026, 3, 31)))
    deed = {"version_id": matrix.version_id, "at": NOON, "actor": "test"}
    assert [benefits_actions.give(due=one, **deed).is_new for _ in range(2)] == [True, False]
    assert benefits_actions.write_entitlements(dues=[one], **deed) == {}
    assert Coupon.objects.filter(definition__code="quarterly").count() == 1


JOINED = [NOON - dt.timedelta(days=40), NOON - dt.timedelta(days=2), NOON - dt.timedelta(days=2), NOON]


def test_many_are_given_what_each_is_given_alone(join):
    """At the instants at which they joined, under the matrix of each date; what runs out or is archived for none."""
    shelf.gift("cream", left=3), shelf.coupon("gone")
    CouponDefinition.objects.filter(code="gone").update(is_archived=True)
    rows = [
        row("cream", "gift", {"member": {"item": "cream"}}, occasion="activation"),
        row("gone", "coupon", {"member": {"coupon": "gone"}}, occasion="activation"),
    ]
    publish(*rows, on=D(2026, 2, 20))
    alone = [join(f"alone-{n}", at=at).id for n, at in enumerate(JOINED)]
    many = [join(f"many-{n}", at=at).id for n, at in enumerate(JOINED)]
    for member_id, at in zip(alone[:2], JOINED[:2], strict=True):
        benefits_actions.grant_on(member_id=member_id, occasion=Occasion.ACTIVATION, at=at, actor="test")
    entered = list(zip(many, JOINED, strict=True))
    new = benefits_actions.grant_many(entered=entered, occasion=Occasion.ACTIVATION, at=NOON, actor="test")
    assert GiftItem.objects.get(code="cream").left == 0
    assert sorted(benefit for _, benefit, _ in new) == ["cream", "cream", *["newcomer-coupon"] * 4]
    for member_id, at in zip(alone[2:], JOINED[2:], strict=True):
        benefits_actions.grant_on(member_id=member_id, occasion=Occasion.ACTIVATION, at=at, actor="test")
    for one, other in zip(alone, many, strict=True):
        without = {"benefit": "newcomer-coupon"}
        assert [kept[1:] for kept in given(member_id=other, **without)] == [
            kept[1:] for kept in given(member_id=one, **without)
        ]
        assert [kept[1:] for kept in coupons(member_id=other)] == [kept[1:] for kept in coupons(member_id=one)] != []
    assert benefits_actions.grant_many(entered=entered, occasion=Occasion.ACTIVATION, at=NOON, actor="test") == []
    assert Coupon.objects.count() == 8


@pytest.mark.parametrize("stop", [False, True])
def test_alike_are_given_while_there_is_something_and_nothing_half(join, stop):
    """A gift as far as it reaches, coupons together; again nothing more, and what cannot be given is not written."""
    shelf.gift("cream", left=1), shelf.coupon("gone")
    CouponDefinition.objects.filter(code="gone").update(is_archived=True)
    cells = {"cream": ("gift", {"item": "cream"}), "gone": ("coupon", {"coupon": "gone"})}
    publish(*(row(code, kind, {"member": cell}, occasion="activation") for code, (kind, cell) in cells.items()))
    ids, matrix = [join(f"ann-{n}").id for n in range(3)], matrix_on(NOON.date())
    deed = {"version_id": matrix.version_id, "at": NOON, "actor": "test", "stop_when_out": stop}
    new = {}
    for code in (*cells, "newcomer-coupon"):
        dues = [due(member_id, matrix.find(code), "member", Period("activation", NOON.date())) for member_id in ids]
        new[code] = benefits_actions.give_alike(dues=dues, **deed)
        assert benefits_actions.give_alike(dues=dues, **deed) == []
    assert [len(new[code]) for code in new] == [1, 0, 3]
    assert Fulfilment.objects.count() == 1 and Coupon.objects.count() == 3
    assert [benefit for benefit, _ in kept()] == ["cream", *["newcomer-coupon"] * 3]


def test_the_queries_of_giving_many_do_not_grow_with_them(join):
    counts = []
    matrix_on(NOON.date())  # a version is read once
    for size in (2, 9):
        entered = [(join(f"ann-{size}-{n}", at=NOON).id, NOON + n * dt.timedelta(seconds=1)) for n in range(size)]
        with CaptureQueriesContext(connection) as asked:
            benefits_actions.grant_many(entered=entered, occasion=Occasion.ACTIVATION, at=NOON, actor="test")
        counts.append(len(asked))
    assert counts[0] == counts[1] and Coupon.objects.count() == 11


# ---- by hand


def test_by_hand_it_is_given_for_a_reason_once_a_form(join):
    ann, form = join("ann"), uuid.uuid4()
    deed = {"member_id": ann.id, "benefit": "quarterly-coupon", "tier": "gold", "form_key": form, "reason": "Sorry"}
    first = benefits_actions.give_by_hand(**deed, **DEED)
    again = benefits_actions.give_by_hand(**deed, **DEED)
    assert (first.id, first.is_new, again.is_new) == (again.id, True, False)
    assert Coupon.objects.get().ends_at == clock.day_start(D(2026, 6, 2))
    assert AuditRow.objects.get(deed="benefit.given").reason == "Sorry"
    for tier, benefit in (("silver", "quarterly-coupon"), ("gold", "free-shipping"), ("gold", "nothing")):
        with pytest.raises(benefits_actions.NotGiven):
            benefits_actions.give_by_hand(**{**deed, "benefit": benefit, "tier": tier}, **DEED)
    assert Entitlement.objects.count() == 1


# ---- the night for everybody, and for one


@pytest.fixture
def people(join):
    """Members of all tiers, with birthdays near and far, one blocked, one who was raised on the night's own date."""
    shelf.gift("cream", left=2)
    welcome = {tier: {"item": "cream"} for tier in ("silver", "gold", "diamond")}
    publish(
        row("welcome", "gift", welcome, occasion="upgrade"),
        row("years", "coupon", {"*": {"coupon": "newcomer"}}, occasion="anniversary", window={"after": 30}),
    )
    born = [D(1990, 3, 5), D(1992, 2, 29), D(1988, 3, 20), None, D(1970, 3, 17), D(2001, 12, 30)]
    tiers = ["", "silver", "gold", "diamond", "silver", ""]
    for number, (birthday, tier) in enumerate(zip(born, tiers, strict=True)):
        one = join(f"m{number}", at=NOON - dt.timedelta(days=360 + number))
        Member.objects.filter(id=one.id).update(birthday=birthday)
        if tier:
            raised(one, tier, NOON - dt.timedelta(days=60))
    Member.objects.filter(id=join("blocked").id).update(status="blocked")
    late = join("late")
    place("late", ["1000"], NOON - dt.timedelta(days=1), who=MemberReference(number=late.number))
    return list(Member.objects.order_by("id").values_list("id", flat=True))


def test_everybody_at_night_is_as_one_by_one(people):
    at = clock.day_start(D(2026, 3, 3))
    before = set(Entitlement.objects.values_list("id", flat=True))

    def all_of_it():
        new = Entitlement.objects.exclude(id__in=before).values_list("member_id", "benefit", "period")
        parcels = Fulfilment.objects.order_by("member_id", "source_key").values_list("member_id", "source_key", "item")
        return sorted(new), given(), coupons(), list(parcels)

    with transaction.atomic():
        for member_id in people:
            benefits_actions.grant_due(member_id=member_id, at=at, actor="night")
        singly = all_of_it()
        transaction.set_rollback(True)
    night(SECOND)
    assert all_of_it() == singly
    assert len(singly[0]) > 8
    night(SECOND)
    assert all_of_it() == singly


def test_missed_nights_made_up_are_as_nights_lived(people):
    with transaction.atomic():
        for day in range(1, 6):
            night(D(2026, 4, day), slice_only=day > 1)
        lived = given(), coupons()
        transaction.set_rollback(True)
    dates = [D(2026, 4, day) for day in range(1, 6)]
    for date in dates:
        night(date, slice_only=date != dates[0])
    assert (given(), coupons()) == lived


def test_a_slice_looks_at_what_its_date_changed(join):
    """Who was raised on it, as by a file; whose birthday comes near; and everybody where a period or matrix begins."""
    ann = raised(join("ann"), "silver", NOON - dt.timedelta(days=10))
    raised(join("bob"), "silver", NOON)
    Member.objects.filter(id=ann.id).update(birthday=D(1990, 3, 19))
    Coupon.objects.all().delete()
    Entitlement.objects.all().delete()
    night(D(2026, 3, 3), slice_only=True)
    assert kept() == [("birthday-coupon", "birthday:2026"), ("monthly-coupon", "2026-03")]
    night(D(2026, 3, 4), slice_only=True)
    assert Entitlement.objects.count() == 2
    night(D(2026, 3, 31), slice_only=True)
    assert Entitlement.objects.filter(period="2026-04").count() == 2
    publish(row("extra", "coupon", {"*": {"coupon": "monthly"}}, occasion="monthly"), on=D(2026, 4, 10))
    night(D(2026, 4, 9), slice_only=True)
    assert Entitlement.objects.filter(benefit="extra").count() == 2


# ---- draws


def draw(date=SECOND):
    return [chunk.rows for chunk in benefits_jobs.draw_surprises(Night(date), 0)]


def test_a_draw_can_be_drawn_again_and_is_held_once_a_period(join):
    shelf.gift("cream", left=5)
    publish(row("luck", "surprise", {"*": {"winners": 2, "item": "cream"}}, occasion="monthly"), alone=True)
    for number in range(6):
        join(f"m{number}")
    assert sum(draw()) == 2
    held = Draw.objects.get(period="2026-03:member")
    numbers = list(Member.objects.order_by("id").values_list("number", flat=True))
    assert (held.members, held.winners, held.digest) == (6, 2, draws.digest_of(numbers))
    won = set(Entitlement.objects.values_list("member__number", flat=True))
    assert won == set(draws.draw(held.seed, numbers, 2))
    assert sum(draw()) == 0 and sum(draw(D(2026, 3, 20))) == 0
    assert sum(draw(D(2026, 3, 31))) == 2
    assert GiftItem.objects.get(code="cream").left == 1


def test_a_draw_whose_prizes_have_run_out_is_not_held(join):
    shelf.gift("cream", left=1)
    publish(row("luck", "surprise", {"*": {"winners": 2, "item": "cream"}}, occasion="monthly"), alone=True)
    for number in range(3):
        join(f"m{number}")
    assert sum(draw()) == 0
    assert not Draw.objects.filter(period="2026-03:member").exists()
    assert (Entitlement.objects.count(), GiftItem.objects.get(code="cream").left) == (0, 1)


# ---- proved


def broken():
    return [sentence for proof in invariants.PROOFS for sentence in proof.violations()]


def test_what_was_given_drawn_and_booked_is_proved(join):
    shelf.gift("cream", left=5)
    talk = row("talk", "service", {"*": {"booking": True}})
    publish(row("luck", "surprise", {"*": {"winners": 1, "item": "cream"}}, occasion="monthly"), talk)
    ann = raised(join("ann"), "silver")
    draw()
    benefits_actions.book(member_id=ann.id, benefit="talk", form_key=uuid.uuid4(), at=NOON, actor="member")
    assert broken() == []
    Coupon.objects.all().delete()
    Entitlement.objects.filter(benefit="talk").update(used=0)
    Fulfilment.objects.update(entitlement=None)
    Entitlement.objects.filter(benefit="luck").delete()
    said = broken()
    assert len(said) == 3
    assert "his bookings come to 1" in said[0] and "has no coupon of it" in said[1] and "0 members" in said[2]
