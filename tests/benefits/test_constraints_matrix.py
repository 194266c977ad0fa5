"""What the database promises of the matrix and of what it gives, each promise broken once by name."""

import datetime as dt
from decimal import Decimal

import pytest

from benefits import actions as benefits_actions
from benefits.models import BenefitVersion, Booking, Draw, Entitlement, MemberGoods
from tests.benefits.matrices import DEED, publish, row, use
from tests.conftest import NOON
from tests.kit.broken import breaks, refused, refuses_all_change

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]


def twin(one, **changes):
    """Will write a row like another, with something else."""
    values = {
        field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields if not field.primary_key
    }
    type(one).objects.create(**(values | changes))


def test_versions():
    draft = BenefitVersion.objects.get(id=benefits_actions.start_draft(**DEED).id)
    with breaks("benefits_benefitversion_one_draft"):
        twin(draft, number=9)
    with breaks("benefits_benefitversion_number_key"):
        twin(draft, number=1, published_at=NOON)
    with refused("published"):
        BenefitVersion.objects.filter(number=1).update(terms={})


def test_entitlements(join):
    publish(row("ship", "free_shipping", {"*": {"times": 2}}), alone=True)
    use(join("ann").id, "ship")
    rows = Entitlement.objects.all()
    with breaks("benefits_entitlement_once_a_period"):
        twin(rows.get())
    for more in ({"used": 3}, {"used": 1, "held": 2}):
        with breaks("benefits_entitlement_within_quota"):
            rows.update(**more)
    with breaks("benefits_entitlement_lasts"):
        rows.update(ends_at=rows.get().starts_at)


def test_bookings(join):
    publish(row("talk", "service", {"*": {"booking": True}}), alone=True)
    form = "00000000-0000-0000-0000-000000000001"
    benefits_actions.book(member_id=join("ann").id, benefit="talk", form_key=form, at=NOON, actor="member")
    for changes in ({"state": "done"}, {"answered_at": NOON}):
        with breaks("benefits_booking_answered_whole"):
            Booking.objects.update(**changes)
    with breaks("benefits_booking_form_key_key"):
        twin(Booking.objects.get())


def test_draws():
    held = Draw(
        benefit="luck", period="2026-03", version_id=BenefitVersion.objects.get().id, seed="s", members=2, digest="d",
        winners=1, drawn_at=NOON,
    )  # fmt: skip
    held.save()
    with breaks("benefits_draw_once_a_period"):
        twin(held)
    with breaks("benefits_draw_wins_within_members"):
        twin(held, period="2026-04", winners=3)
    refuses_all_change("benefits_draw")


def test_goods():
    tea = MemberGoods.objects.create(kind="member_price", sku="tea", price=Decimal(9), starts_at=NOON)
    with breaks("benefits_membergoods_once"):
        twin(tea)
    rows = MemberGoods.objects.all()
    bad = ({"price": None}, {"price": -1}, {"opens_at": NOON}, {"kind": "member_only"}, {"kind": "early_access"})
    for changes in bad:
        with breaks("benefits_membergoods_says_what_its_kind_needs"):
            rows.update(**changes)
    with breaks("benefits_membergoods_lasts"):
        rows.update(ends_at=NOON - dt.timedelta(days=1))
