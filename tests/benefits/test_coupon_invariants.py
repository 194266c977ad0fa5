"""What must hold of coupons is proved: kept where checkouts agree, and a sentence for each count that does not."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from benefits import invariants as benefits_invariants
from benefits.models import Checkout, Coupon, CouponBatch, CouponCount, MemberCount, Taking
from membership_site.flows import proof
from tests.benefits.coupons import define, give

pytestmark = pytest.mark.django_db


def check_out(coupon: Coupon, state: str, at: dt.datetime, amount: str = "10", **taking) -> None:
    """Will write a checkout that took a coupon."""
    is_held, is_paid = state == "held", state == "confirmed"
    checkout = Checkout.objects.create(
        member_id=coupon.member_id,
        source_key=str(uuid.uuid4()),
        request={},
        quote={},
        quote_hash="",
        state=state,
        held_at=at,
        expires_at=at + dt.timedelta(minutes=15),
        order_key=f"order:{uuid.uuid4()}" if is_paid else "",
        closed_at=None if is_held else at,
    )
    Taking.objects.create(
        checkout=checkout,
        position=0,
        kind="coupon",
        coupon=coupon,
        definition_id=coupon.definition_id,
        amount=Decimal(amount),
        **taking,
    )


@pytest.fixture
def coupon(join, noon):
    """A coupon of any number of uses: used twice, of which one came back, partly returned once, held, given up."""
    define(uses_per_code=None)
    coupon = Coupon.objects.get(id=give(join("ann").id).id)
    check_out(coupon, "confirmed", noon, returned=4)
    check_out(coupon, "confirmed", noon, returned=10, is_returned=True)
    check_out(coupon, "held", noon, "7")
    check_out(coupon, "released", noon)
    check_out(coupon, "lapsed", noon)
    Coupon.objects.filter(id=coupon.id).update(used=1, held=1)
    CouponCount.objects.filter(definition_id=coupon.definition_id).update(used=1, held=1, spent=6, spent_held=7)
    MemberCount.objects.create(member_id=coupon.member_id, definition_id=coupon.definition_id, used=1, held=1)
    return coupon


def sentences():
    return list(benefits_invariants.coupons_agree())


def test_what_agrees_says_nothing(coupon):
    assert sentences() == [] == list(benefits_invariants.batches_agree())
    assert set(benefits_invariants.PROOFS) <= set(proof.PROOFS)


def test_every_count_that_disagrees_is_named(coupon):
    number = coupon.member.number
    Coupon.objects.filter(id=coupon.id).update(used=2)
    assert sentences() == [
        f"Coupon {coupon.code} counts 2 uses and 1 held; checkouts come to 1 and 1.",
        "The coupon ten counts 1 uses and 1 held; its codes come to 2 and 1.",
    ]
    Coupon.objects.filter(id=coupon.id).update(used=1)
    CouponCount.objects.filter(definition_id=coupon.definition_id).update(spent=10)
    assert sentences() == ["Coupon ten counts 10.000 spent and 7.000 held; checkouts come to 6.000 and 7.000."]
    CouponCount.objects.filter(definition_id=coupon.definition_id).update(spent=6)
    MemberCount.objects.update(held=0)
    assert sentences() == [f"Member {number} counts 1 uses of ten, 0 held; checkouts come to 1 and 1."]
    MemberCount.objects.all().delete()
    assert sentences() == [f"Member {number} counts 0 uses of ten, 0 held; checkouts come to 1 and 1."]


def test_a_batch_with_other_coupons_than_it_says_is_named(coupon, noon):
    batch = CouponBatch.objects.create(
        terms=coupon.terms, label="x", size=3, made=2, form_key=uuid.uuid4(), actor="staff:1", requested_at=noon
    )
    said = f"Batch {batch.id} of the coupon ten says that 2 were made; there are 0."
    assert list(benefits_invariants.batches_agree()) == [said]
