"""Whatever is worth something to a member leaves one use: gifts, codes, services, and what is undone."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from benefits import actions as benefits_actions
from benefits import invariants as benefits_invariants
from benefits.actions.granting import due, give
from benefits.enums import Occasion
from benefits.models import BenefitUse, Booking, Fulfilment, GiftItem, PartnerCode
from benefits.queries.matrix import matrix_on
from benefits.rules.periods import Period
from membership_site.flows import proof
from tests.benefits.matrices import DEED, publish, raised, row
from tests.benefits.shelf import cancel, gift, pool, promise, redeem, reward, take
from tests.conftest import NOON

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
D = Decimal


def uses(**which):
    """Cause, benefit, kind, tier, uses, saved, basis and cost of every use, in order."""
    names = ("cause", "benefit", "kind", "tier", "uses", "saved", "saved_by", "cost")
    return list(BenefitUse.objects.filter(**which).order_by("at", "cause").values_list(*names))


def whole():
    return list(benefits_invariants.uses_say_what_was_saved())


def test_a_gift_of_a_tier_saves_its_value_until_it_is_given_up(join, programme):
    gift(value=D(88), cost=D(30))
    publish(row("welcome", "gift", {"*": {"item": "cream"}}, occasion="activation"), alone=True)
    ann = raised(join("ann"), "silver")
    for _again in range(2):
        benefits_actions.grant_on(member_id=ann.id, occasion=Occasion.ACTIVATION, **DEED)
    cause = "benefit:welcome:activation:1"
    use = (cause, "welcome", "gift", "silver", 1, D(88), "value", D(30))
    assert uses() == [use] and whole() == []
    sent = Fulfilment.objects.get()
    for _again in range(2):
        benefits_actions.cancel_fulfilment(fulfilment_id=sent.id, reason="lost", at=NOON + DAY, actor="staff:1")
    assert uses() == [use, (f"{cause}:undone", "welcome", "gift", "silver", -1, D(-88), "value", D(-30))]
    assert whole() == [] == list(proof.violations())


def test_a_gift_without_stock_saves_nothing(join, programme):
    gift(left=0, value=D(88))
    with pytest.raises(benefits_actions.OutOfStock):
        promise(join("ann").id)
    assert uses() == []


def test_what_is_redeemed_saves_what_it_gave(rich):
    gift(value=D(88), cost=D(30)), pool(value=D(45), cost=D(20))
    reward("cream"), reward("film", "partner_code")
    cream = redeem(rich.id, "1", "cream")
    film = redeem(rich.id, "2", "film")
    saved = [(f"redemption:{cream.id}", "", "reward", "member", 1, D(88), "value", D(30))]
    assert uses() == saved and whole() == []
    for _again in range(2):
        benefits_actions.reveal_code(member_id=rich.id, code_id=film.partner_code_id, at=NOON + DAY, actor="member")
    saved.append((f"redemption:{film.id}", "", "reward", "member", 1, D(45), "value", D(20)))
    assert uses() == saved and whole() == []
    cancel(cream.id, NOON + 2 * DAY), cancel(cream.id, NOON + 2 * DAY)
    assert uses()[2:] == [(f"redemption:{cream.id}:undone", "", "reward", "member", -1, D(-88), "value", D(-30))]
    assert whole() == []


@pytest.fixture
def rich(join, programme, give):
    """A member with points to redeem."""
    ann = join("ann")
    give(ann.id, 9000)
    return ann


def test_a_code_of_a_tier_is_a_use_once_it_is_read(join, programme):
    pool(value=D(45))
    publish(row("film", "partner", {"*": {"pool": "cinema"}}, occasion="activation"), alone=True)
    ann = join("ann")
    benefits_actions.grant_on(member_id=ann.id, occasion=Occasion.ACTIVATION, **DEED)
    assert uses() == []
    code = PartnerCode.objects.get(member=ann)
    benefits_actions.reveal_code(member_id=ann.id, code_id=code.id, at=NOON, actor="member")
    assert uses() == [("benefit:film:activation:1", "film", "partner", "member", 1, D(45), "value", D(0))]


def test_a_period_with_a_colon_finds_its_entitlement(join, programme):
    pool(value=D(45))
    publish(row("film", "partner", {"*": {"pool": "cinema"}}, occasion="by_hand"), alone=True)
    ann, matrix = join("ann"), matrix_on(NOON.date())
    one = due(ann.id, matrix.find("film"), "member", Period("hand:7", NOON.date()))
    give(due=one, version_id=matrix.version_id, at=NOON, actor="staff:1")
    benefits_actions.reveal_code(member_id=ann.id, code_id=PartnerCode.objects.get(member=ann).id, at=NOON, actor="m")
    assert [(one[1], one[3]) for one in uses()] == [("film", "member")]


def test_a_code_from_elsewhere_is_of_no_benefit(join, programme):
    pool(value=D(45))
    ann = join("ann").id
    code = take(ann)
    benefits_actions.reveal_code(member_id=ann, code_id=code.id, at=NOON, actor="m")
    assert uses() == [("grant:1", "", "reward", "member", 1, D(45), "value", D(0))]


def booked(member, code):
    """Will ask for a benefit and confirm it; returns the booking's id."""
    number = benefits_actions.book(member_id=member.id, benefit=code, form_key=uuid.uuid4(), **DEED)
    benefits_actions.confirm_booking(booking_id=number, **DEED)
    return number


def test_a_service_is_worth_what_the_matrix_says_once_it_is_done(join, programme):
    publish(row("talk", "service", {"*": {"booking": True}}, value="60", cost="12.5"), alone=True)
    ann = join("ann")
    number = booked(ann, "talk")
    assert uses() == []
    for _again in range(2):
        benefits_actions.finish_booking(booking_id=number, **DEED)
    assert uses() == [(f"booking:{number}", "talk", "service", "member", 1, D(60), "value", D("12.5"))]
    other = benefits_actions.book(member_id=ann.id, benefit="talk", form_key=uuid.uuid4(), **DEED)
    benefits_actions.decline_booking(booking_id=other, answer="No", **DEED)
    with pytest.raises(benefits_actions.AlreadyAnswered):
        benefits_actions.finish_booking(booking_id=other, **DEED)
    assert len(uses()) == 1


def test_a_trial_is_one_use_its_product(join, programme):
    gift(value=D(88))
    publish(row("try", "trial", {"*": {"item": "cream"}}, value="5"), alone=True)
    number = booked(join("ann"), "try")
    benefits_actions.finish_booking(booking_id=number, **DEED)
    assert uses() == [(f"booking:{number}", "try", "trial", "member", 1, D(88), "value", D(0))]
    assert Booking.objects.get().state == "done" and whole() == []


def test_a_use_that_is_missing_is_named(join, programme):
    gift()
    ann = join("ann").id
    promise(ann)
    Fulfilment.objects.update(state="cancelled")
    assert whole() == ["What was given for grant:1 counts 0 times, and its recorded uses come to 1."]
    GiftItem.objects.update(left=9)
