"""What the database promises of coupons, each promise broken once by name."""

import datetime as dt
import uuid

import pytest
from django.db.models import F

from benefits.models import Coupon, CouponBatch, CouponCount, CouponDefinition, CouponTerms, MemberCount
from tests.benefits.coupons import NAMES, define, give, terms
from tests.kit.broken import breaks

pytestmark = pytest.mark.django_db


@pytest.fixture
def coupon(join):
    """A coupon that Ann was given."""
    define()
    return Coupon.objects.get(id=give(join("ann").id).id)


def another(coupon, **changes):
    """Will write a coupon like Ann's, with something else."""
    row = Coupon.objects.filter(id=coupon.id).values().get()
    del row["id"]
    Coupon.objects.create(**(row | {"code": "OTHERCODE1", "source_key": "other"} | changes))


def test_coupons(coupon, noon):
    coupons = Coupon.objects.filter(id=coupon.id)
    with breaks("benefits_coupon_code_once"):
        another(coupon, code=coupon.code)
    with breaks("benefits_coupon_once_a_cause"):
        another(coupon, source_key=coupon.source_key)
    for code in ("", "abc", "AB-C", "AB C", "优惠"):
        with breaks("benefits_coupon_code_as_looked_for"):
            coupons.update(code=code)
    for counts in ({"used": 2}, {"held": 2}, {"used": 1, "held": 1}):
        with breaks("benefits_coupon_within_uses"):
            coupons.update(**counts)
    with breaks("benefits_coupon_lasts"):
        coupons.update(ends_at=F("starts_at"))
    for void in ({"voided_at": noon}, {"void_reason": "Given twice"}):
        with breaks("benefits_coupon_void_with_reason"):
            coupons.update(**void)


def test_definitions_and_terms(coupon):
    definition = coupon.definition
    with breaks("benefits_coupondefinition_code_key"):
        CouponDefinition.objects.create(code=definition.code)
    more = {"definition": definition, "names": NAMES, "terms": terms()}
    with breaks("benefits_couponterms_once"):
        CouponTerms.objects.create(number=1, **more)
    CouponTerms.objects.create(number=2, **more)
    with breaks("benefits_couponterms_one_draft"):
        CouponTerms.objects.create(number=3, **more)


def test_counts(coupon):
    counts = CouponCount.objects.filter(definition=coupon.definition_id)
    counts.update(uses_max=1, budget=10)
    for over in ({"used": 2}, {"held": 2}, {"used": 1, "held": 1}):
        with breaks("benefits_couponcount_uses_within_limit"):
            counts.update(**over)
    for over in ({"spent": 11}, {"spent_held": 11}, {"spent": 6, "spent_held": 5}, {"spent": -1}, {"spent_held": -1}):
        with breaks("benefits_couponcount_budget_holds"):
            counts.update(**over)
    MemberCount.objects.create(member_id=coupon.member_id, definition_id=coupon.definition_id)
    with breaks("benefits_membercount_pkey"):
        MemberCount.objects.create(member_id=coupon.member_id, definition_id=coupon.definition_id)


def test_batches(coupon, noon):
    facts = {"terms": coupon.terms, "label": "Spring", "size": 10, "actor": "staff:1", "requested_at": noon}
    batch = CouponBatch.objects.create(**facts, form_key=uuid.UUID(int=1))
    with breaks("benefits_couponbatch_form_key_key"):
        CouponBatch.objects.create(**facts, form_key=uuid.UUID(int=1))
    batches = CouponBatch.objects.filter(id=batch.id)
    with breaks("benefits_couponbatch_within_size"):
        batches.update(made=11)
    for odd in ({"state": "done"}, {"state": "failed"}, {"finished_at": noon + dt.timedelta(1)}, {"state": "odd"}):
        with breaks("benefits_couponbatch_finished_when_over"):
            batches.update(**odd)
