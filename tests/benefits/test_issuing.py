"""Giving single coupons and making them void: once a cause, under the terms in force, and never a used or held one."""

import datetime as dt

import pytest

from benefits import actions as benefits_actions
from benefits.models import Coupon
from benefits.rules import codes
from kit import clock
from kit.models import AuditRow
from tests.benefits.coupons import define, give
from tests.kit.threads import kinds, overlapping, together

DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 3, 3)
ZONE = dt.timezone(dt.timedelta(hours=8))
pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(join):
    """Ann, and a coupon for ten off."""
    define()
    return join("ann").id


def midnight(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), ZONE)


# ---- one for one cause


def test_a_coupon_is_given_once_for_a_cause(ann, noon):
    first = give(ann)
    again = give(ann, at=noon + DAY)
    assert first.is_new and not again.is_new
    assert (first.id, first.code, first.ends_at) == (again.id, again.code, again.ends_at)
    assert give(ann, source_key="gift:2").id != first.id
    assert Coupon.objects.count() == 2
    assert len(first.code) == codes.LENGTH and set(first.code) <= set(codes.ALPHABET)


def test_it_is_good_from_now_through_its_last_date(ann, noon):
    issued = give(ann)
    assert (issued.starts_at, issued.ends_at) == (noon, midnight(TODAY + 8 * DAY))


@pytest.mark.parametrize(
    ("at", "date"),
    [
        (dt.datetime(2026, 3, 2, 16, 0, tzinfo=dt.UTC), dt.date(2026, 3, 3)),
        (dt.datetime(2026, 3, 2, 15, 59, 59, tzinfo=dt.UTC), dt.date(2026, 3, 2)),
        (dt.datetime(2028, 2, 28, 16, 0, tzinfo=dt.UTC), dt.date(2028, 2, 29)),
        (dt.datetime(2026, 1, 31, 3, 0, tzinfo=dt.UTC), dt.date(2026, 1, 31)),
    ],
)
def test_its_dates_are_those_of_the_programmes_zone(ann, at, date):
    issued = give(ann, at=at)
    assert issued.starts_at == at
    assert issued.ends_at == midnight(date + 8 * DAY)


def test_whoever_gives_it_may_state_its_dates(ann, noon):
    issued = give(ann, starts_on=TODAY + DAY, ends_on=TODAY + DAY)
    assert (issued.starts_at, issued.ends_at) == (midnight(TODAY + DAY), midnight(TODAY + 2 * DAY))
    later = give(ann, source_key="later", starts_on=TODAY + 30 * DAY)
    assert (later.starts_at, later.ends_at) == (midnight(TODAY + 30 * DAY), midnight(TODAY + 38 * DAY))
    with pytest.raises(benefits_actions.NotIssued):
        give(ann, source_key="late", ends_on=TODAY - DAY)
    assert Coupon.objects.count() == 2


def test_it_keeps_the_terms_that_it_was_given_under(ann, noon):
    first = give(ann)
    benefits_actions.start_coupon_draft(definition="ten", at=noon, actor="staff:1")
    benefits_actions.save_coupon_draft(
        definition="ten",
        names={"en": "Twenty"},
        terms={"kind": "amount", "amount": "20", "validity": {"kind": "days", "days": 1}},
        at=noon,
        actor="staff:1",
    )
    assert Coupon.objects.get(id=give(ann, source_key="drafted").id).terms.number == 1
    benefits_actions.publish_coupon(definition="ten", at=noon, actor="staff:1")
    assert Coupon.objects.get(id=give(ann, source_key="published").id).terms.number == 2
    assert Coupon.objects.get(id=first.id).terms.number == 1


def test_what_is_unknown_archived_or_over_is_not_given(ann, noon):
    with pytest.raises(benefits_actions.UnknownCoupon):
        give(ann, "none")
    define("march", validity={"kind": "dates", "ends_on": "2026-03-02"})
    with pytest.raises(benefits_actions.NotIssued, match="ended on 2026-03-02"):
        give(ann, "march")
    kept = give(ann)
    benefits_actions.archive_coupon(definition="ten", at=noon, actor="staff:1")
    with pytest.raises(benefits_actions.NotIssued):
        give(ann, source_key="gift:2")
    assert give(ann).id == kept.id
    assert Coupon.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_for_one_cause_end_with_one_coupon(ann):
    answers = together([lambda: give(ann) for _ in range(8)])
    assert len({answer.id for answer in answers}) == 1
    assert [answer.is_new for answer in answers].count(True) == 1
    first, second = overlapping(lambda: give(ann, source_key="x"), lambda: give(ann, source_key="x"))
    assert (first.is_new, second.is_new, first.id == second.id) == (True, False, True)


# ---- by hand


def by_hand(member_id, noon, **changes):
    sent = {"definition": "ten", "reason": "Parcel was late", "form_key": "f-1", "at": noon, "actor": "staff:7"}
    return benefits_actions.issue_by_hand(member_id=member_id, **sent | changes)


def test_a_person_gives_one_with_a_reason_once_for_a_form(ann, noon):
    first, again = by_hand(ann, noon), by_hand(ann, noon)
    assert (first.is_new, again.is_new, first.id == again.id) == (True, False, True)
    row = AuditRow.objects.get(deed="coupon.issued")
    assert (row.actor, row.subject, row.reason) == ("staff:7", f"member:{ann}", "Parcel was late")


def test_a_person_without_a_reason_or_with_another_coupon_for_the_same_form_is_refused(ann, noon):
    with pytest.raises(benefits_actions.NoReason):
        by_hand(ann, noon, reason=" ")
    by_hand(ann, noon)
    define("five", amount="5")
    with pytest.raises(benefits_actions.OtherContent):
        by_hand(ann, noon, definition="five")
    assert Coupon.objects.count() == 1 and AuditRow.objects.filter(deed="coupon.issued").count() == 1


# ---- void


def void(issued, noon, reason="Given twice"):
    return benefits_actions.void(coupon_id=issued.id, reason=reason, at=noon, actor="staff:7")


def test_a_coupon_is_made_void_once_and_for_good(ann, noon):
    issued = give(ann)
    assert void(issued, noon) is True
    assert void(issued, noon + DAY, "Another reason") is False
    row = Coupon.objects.get(id=issued.id)
    assert (row.voided_at, row.void_reason) == (noon, "Given twice")
    assert AuditRow.objects.get(deed="coupon.voided").reason == "Given twice"


@pytest.mark.parametrize(("counts", "code"), [({"used": 1}, "used"), ({"held": 1}, "held")])
def test_a_used_or_held_coupon_is_not_made_void(ann, noon, counts, code):
    issued = give(ann)
    Coupon.objects.filter(id=issued.id).update(**counts)
    with pytest.raises(benefits_actions.NotVoided) as refused:
        void(issued, noon)
    assert refused.value.code == code
    assert Coupon.objects.get(id=issued.id).voided_at is None
    assert not AuditRow.objects.filter(deed="coupon.voided").exists()


def test_void_needs_a_reason_and_a_coupon(ann, noon):
    issued = give(ann)
    with pytest.raises(benefits_actions.NoReason):
        void(issued, noon, " ")
    with pytest.raises(benefits_actions.NotVoided):
        benefits_actions.void(coupon_id=issued.id + 1, reason="Why not", at=noon, actor="staff:7")
    assert Coupon.objects.get(id=issued.id).voided_at is None


def test_a_coupon_that_may_be_used_again_can_be_stopped(ann, noon):
    issued = give(ann)
    Coupon.objects.filter(id=issued.id).update(uses_max=None, used=3)
    assert void(issued, noon) is True


@pytest.mark.django_db(transaction=True)
def test_two_who_make_it_void_at_once_do_it_once(ann, noon):
    issued = give(ann)
    answers = together([lambda: void(issued, noon) for _ in range(4)])
    assert kinds(answers) == {"bool": 4} and answers.count(True) == 1
    assert AuditRow.objects.filter(deed="coupon.voided").count() == 1


def test_starts_no_earlier_than_its_issue(ann, noon):
    define("window", validity={"kind": "dates", "starts_on": "2026-03-01", "ends_on": "2026-03-03"})
    issued = give(ann, "window", source_key="w")
    assert (issued.starts_at, issued.ends_at) == (noon, clock.day_start(TODAY + DAY))
