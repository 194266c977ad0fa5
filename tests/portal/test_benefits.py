"""A member's benefits: what he has and how much of it, the tiers beside one another, and asking for what is booked."""

import datetime as dt
import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benefits import actions as benefits_actions
from benefits.models import Booking, Entitlement
from members.models import Member
from tests.benefits.matrices import DEED, publish, raised, row, use

from .test_overview import shown

pytestmark = pytest.mark.django_db
PATH = "/benefits/"
TALK = row("talk", "service", {"*": {"times": 1, "booking": True}})


def costs(browse: Client, path: str) -> int:
    """Will return how many queries a page takes."""
    with CaptureQueriesContext(connection) as asked:
        assert browse.get(path).status_code == 200
    return len(asked)


def test_what_a_member_has_and_how_much_of_it(browse: Client, ann: Member) -> None:
    """Seeing it is noted; what is used up says until when."""
    publish(row("ship", "free_shipping", {"*": {"times": 2}}), row("talk", "service", {"gold": {"booking": True}}))
    raised(ann, "silver")
    page = shown(browse, PATH)
    assert "Monthly coupon" in page and "10% off, up to 30" in page and "1 left through 31 Mar 2026" in page
    assert "2 left through 31 Mar 2026" in page and "Through 3 Mar 2027" in page
    assert Entitlement.objects.get(benefit="monthly-coupon").seen_at is not None
    use(ann.id, "ship")
    use(ann.id, "ship")
    assert "Used up; there is more after 31 Mar 2026" in shown(browse, PATH)


def test_the_tiers_beside_one_another(browse: Client, ann: Member) -> None:
    """One's own is marked; a phone shows that and the next one, or the one that is chosen."""
    raised(ann, "silver")
    page = browse.get("/tiers/benefits/").content.decode()
    heads = re.findall(r'<th scope="col" class="(\w*)"', page)
    assert heads == ["far", "own", "", "far"]
    assert "24 hours earlier" in page and "×4" in page and "20% off, up to 80" in page
    chosen = browse.get("/tiers/benefits/?beside=diamond").content.decode()
    assert re.findall(r'<th scope="col" class="(\w*)"', chosen) == ["far", "own", "far", ""]
    assert browse.get("/tiers/benefits/?beside=pearl").status_code == 200


def test_pages_cost_the_same_for_one_and_many(browse: Client, ann: Member) -> None:
    """Whatever he has and asked for."""
    publish(TALK, alone=True)
    benefits_actions.book(member_id=ann.id, benefit="talk", form_key=uuid.uuid4(), at=DEED["at"], actor="m")
    paths = (PATH, "/tiers/benefits/")
    once = [(costs(browse, path), costs(browse, path))[1] for path in paths]
    more = [row(f"talk{n}", "service", {"*": {"booking": True}}) for n in range(3)]
    publish(TALK, *more)
    for one in more:
        benefits_actions.book(member_id=ann.id, benefit=one["code"], form_key=uuid.uuid4(), at=DEED["at"], actor="m")
    raised(ann, "diamond")
    assert [(costs(browse, path), costs(browse, path))[1] for path in paths] == once
    assert max(once) <= 17


def test_something_is_asked_for_once_and_taken_back(browse: Client, ann: Member) -> None:
    """A second press is the same booking; what is answered is not taken back."""
    publish(TALK, alone=True)
    assert "Ask for it" in shown(browse, PATH)
    page = browse.get(f"{PATH}talk/book/").content.decode()
    key = page.partition('name="form_key" value="')[2].partition('"')[0]
    sent = {"form_key": key, "wanted_at": "2026-03-10T10:00", "note": "About my order"}
    for _press in range(2):
        assert browse.post(f"{PATH}talk/book/", sent)["Location"] == PATH
    booking = Booking.objects.get()
    assert (booking.note, booking.wanted_at) == ("About my order", dt.datetime(2026, 3, 10, 2, tzinfo=dt.UTC))
    assert "Waits for an answer" in shown(browse, PATH)
    used_up = browse.post(f"{PATH}talk/book/", {"form_key": str(uuid.uuid4())})
    assert used_up.status_code == 422 and "used all of it" in used_up.content.decode()
    for _press in range(2):
        assert browse.post(f"{PATH}bookings/{booking.id}/cancel/")["Location"] == PATH
    assert "Taken back" in shown(browse, PATH)
    browse.post(f"{PATH}talk/book/", {"form_key": str(uuid.uuid4())})
    second = Booking.objects.order_by("-id")[0]
    benefits_actions.confirm_booking(booking_id=second.id, answer="At ten", **DEED)
    browse.post(f"{PATH}bookings/{second.id}/cancel/")
    page = shown(browse, PATH)
    assert "answered meanwhile" in page and "At ten" in page
    assert Booking.objects.get(id=second.id).state == "confirmed"


def test_what_cannot_be_asked_for(browse: Client, ann: Member) -> None:
    """Refused at the field, with what was typed kept; other people's bookings are not there."""
    publish(
        row("show", "event", {"*": {"seats": 0}}) | {"cells": {"*": {"seats": 1}}}, row("plain", "service", {"*": {}})
    )
    for path in ("plain", "nothing"):
        assert browse.get(f"{PATH}{path}/book/").status_code == 404
    past = browse.post(
        f"{PATH}show/book/", {"form_key": str(uuid.uuid4()), "wanted_at": "2026-03-01T10:00", "note": "Hm"}
    )
    assert past.status_code == 422 and "over already" in past.content.decode() and "Hm" in past.content.decode()
    odd = browse.post(f"{PATH}show/book/", {"form_key": str(uuid.uuid4()), "wanted_at": "soon"})
    assert odd.status_code == 422
    browse.post(f"{PATH}show/book/", {"form_key": str(uuid.uuid4())})
    full = browse.post(f"{PATH}show/book/", {"form_key": str(uuid.uuid4())})
    assert full.status_code == 422 and "All places are taken" in full.content.decode()
    assert browse.post(f"{PATH}bookings/999/cancel/").status_code == 404
    assert Client().get(PATH).status_code == 302
