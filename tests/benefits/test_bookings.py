"""Bookings: asked once a form, within quota and places, answered once, given back when refused."""

import datetime as dt
import uuid

import pytest

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.models import Booking, Entitlement, Fulfilment
from points.actions import KeyReused
from tests.benefits import shelf
from tests.benefits.matrices import DEED, publish, row
from tests.conftest import NOON
from tests.kit.threads import kinds, together

pytestmark = pytest.mark.django_db


@pytest.fixture
def offered(programme):
    shelf.gift("cream", left=1)
    publish(
        row("talk", "service", {"*": {"times": 1, "booking": True}}),
        row("show", "event", {"*": {"seats": 2}}),
        row("try", "trial", {"*": {"item": "cream", "times": 1}}),
        alone=True,
    )


def ask(member_id, benefit="talk", form_key=None, **more):
    return benefits_actions.book(
        member_id=member_id, benefit=benefit, form_key=form_key or uuid.uuid4(), at=NOON, actor="member", **more
    )


def used():
    return Entitlement.objects.get().used


def test_asked_once_a_form_and_counted(offered, join):
    ann, form = join("ann"), uuid.uuid4()
    too_long = "Please " * 100
    first = ask(ann.id, form_key=form, note=too_long, wanted_at=NOON + dt.timedelta(days=1))
    assert ask(ann.id, form_key=form, note=too_long) == first
    with pytest.raises(KeyReused):
        ask(ann.id, form_key=form, note="Other")
    with pytest.raises(benefits_actions.NoneLeft):
        ask(ann.id)
    assert (used(), Booking.objects.count()) == (1, 1)


def test_what_cannot_be_booked_is_refused_and_nothing_counted(offered, join):
    ann = join("ann")
    with pytest.raises(benefits_actions.NotTheirs):
        ask(ann.id, "nothing")
    with pytest.raises(benefits_actions.InThePast):
        ask(ann.id, wanted_at=NOON)
    publish(row("talk", "service", {"*": {}}), alone=True)
    with pytest.raises(benefits_actions.NotTheirs):
        ask(ann.id)
    assert not Entitlement.objects.exists()


@pytest.mark.parametrize("answer", ["decline", "cancel"])
def test_a_use_comes_back_once(offered, join, answer):
    ann = join("ann")
    booking = ask(ann.id)
    deed = {"booking_id": booking, **DEED}
    deed |= {"answer": "Sorry"} if answer == "decline" else {"member_id": ann.id}
    for _ in range(2):
        getattr(benefits_actions, f"{answer}_booking")(**deed)
        assert used() == 0
    other = "cancel" if answer == "decline" else "decline"
    with pytest.raises(benefits_actions.AlreadyAnswered):
        getattr(benefits_actions, f"{other}_booking")(
            booking_id=booking, **DEED, **({"member_id": ann.id} if other == "cancel" else {"answer": "No"})
        )
    assert ask(ann.id) != booking


def test_confirmed_and_done(offered, join):
    booking = ask(join("ann").id)
    with pytest.raises(benefits_actions.AlreadyAnswered):
        benefits_actions.finish_booking(booking_id=booking, **DEED)
    for _ in range(2):
        benefits_actions.confirm_booking(booking_id=booking, answer="At ten", **DEED)
    with pytest.raises(benefits_actions.AlreadyAnswered):
        benefits_actions.confirm_booking(booking_id=booking, at=NOON, actor="staff:2")
    for _ in range(2):
        benefits_actions.finish_booking(booking_id=booking, **DEED)
    [row] = benefits_queries.answered_bookings()
    assert (row.state, row.answer, row.answered_by) == ("done", "At ten", "staff:1")
    assert benefits_queries.open_bookings() == [] and used() == 1


def test_only_his_own_is_cancelled_and_only_what_is_there_answered(offered, join):
    booking = ask(join("ann").id)
    with pytest.raises(benefits_actions.NoBooking):
        benefits_actions.cancel_booking(booking_id=booking, member_id=join("bob").id, **DEED)
    with pytest.raises(benefits_actions.NoBooking):
        benefits_actions.confirm_booking(booking_id=0, **DEED)
    assert [row.state for row in benefits_queries.open_bookings()] == ["asked"]


def test_a_trial_is_sent_when_it_is_confirmed(offered, join):
    first, second = ask(join("ann").id, "try"), ask(join("bob").id, "try")
    benefits_actions.confirm_booking(booking_id=first, **DEED)
    assert Fulfilment.objects.get().source_key == f"booking:{first}"
    with pytest.raises(benefits_actions.NotGiven):
        benefits_actions.confirm_booking(booking_id=second, **DEED)
    assert Booking.objects.get(id=second).state == "asked"


def test_places_are_for_all_together_and_come_back(offered, join):
    ids = [join(name).id for name in ("ann", "bob", "eve")]
    first = ask(ids[0], "show")
    ask(ids[1], "show")
    with pytest.raises(benefits_actions.NoPlaces):
        ask(ids[2], "show")
    benefits_actions.decline_booking(booking_id=first, answer="Sorry", **DEED)
    ask(ids[2], "show")
    assert [row.state for row in benefits_queries.bookings_of(ids[0])] == ["declined"]


@pytest.mark.django_db(transaction=True)
def test_places_are_never_overdrawn(offered, join):
    ids = [join(f"m{number}").id for number in range(5)]
    answers = together([lambda one=one: ask(one, "show") for one in ids])
    assert kinds(answers) == {"int": 2, "NoPlaces": 3}
    assert Entitlement.objects.filter(used=1).count() == 2
