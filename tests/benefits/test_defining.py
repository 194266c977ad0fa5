"""Coupons as they are written: a draft changed by one at a time, published terms frozen, limits that stay once used."""

import pytest

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.models import CouponCount, CouponDefinition, CouponTerms
from benefits.rules.coupons import BadTerms
from kit.models import AuditRow
from tests.benefits.coupons import NAMES, give, terms
from tests.kit.broken import refused, run
from tests.kit.threads import kinds, together

pytestmark = pytest.mark.django_db


@pytest.fixture
def deed(noon):
    """When and by whom."""
    return {"at": noon, "actor": "staff:1"}


def define(deed, **changes):
    return benefits_actions.define_coupon(code="ten", names=NAMES, terms=terms(**changes), **deed)


def save(deed, names=NAMES, seen="", **changes):
    benefits_actions.save_coupon_draft(definition="ten", names=names, terms=terms(**changes), seen=seen, **deed)


def publish(deed, **more):
    return benefits_actions.publish_coupon(definition="ten", **more, **deed)


def draft(noon):
    return benefits_queries.find_definition("ten", noon).draft


def deeds():
    return list(AuditRow.objects.filter(deed__startswith="coupon.").order_by("id").values_list("deed", flat=True))


def test_a_coupon_begins_as_a_draft(deed, noon):
    assert define(deed) is True
    found = benefits_queries.find_definition("ten", noon)
    assert (found.draft.number, found.in_force, found.shown.names) == (1, None, NAMES)
    with pytest.raises(benefits_actions.UnknownCoupon):
        give(1)


def test_the_same_beginning_twice_is_one_and_another_is_refused(deed, noon):
    define(deed)
    assert define(deed) is False
    for other in ({"amount": "11"},):
        with pytest.raises(benefits_actions.CodeTaken):
            define(deed, **other)
    with pytest.raises(benefits_actions.CodeTaken):
        define(deed | {"actor": "staff:2"})
    assert deeds() == ["coupon.defined"] and CouponTerms.objects.count() == 1


def test_bad_terms_are_never_kept(deed, noon):
    with pytest.raises(BadTerms):
        define(deed, amount="0")
    assert not CouponDefinition.objects.exists()
    define(deed)
    with pytest.raises(BadTerms):
        save(deed, amount="0")
    assert draft(noon).terms.amount == 10


def test_a_draft_is_changed_and_the_change_is_kept_in_the_log(deed, noon):
    define(deed)
    save(deed, amount="12")
    save(deed, amount="12")
    assert draft(noon).terms.amount == 12
    row = AuditRow.objects.get(deed="coupon.draft_saved")
    assert (row.was, row.becomes) == ({"amount": "10.00"}, {"amount": "12"})


def test_a_draft_that_another_changed_is_not_overwritten(deed, noon):
    define(deed)
    seen = draft(noon).digest
    save(deed, amount="12", seen=seen)
    with pytest.raises(benefits_actions.DraftChanged):
        save(deed, amount="13", seen=seen)
    with pytest.raises(benefits_actions.DraftChanged):
        publish(deed, seen=seen)
    assert draft(noon).terms.amount == 12


def test_published_terms_are_frozen(deed, noon):
    define(deed, uses_total=5, budget="100")
    seen = draft(noon).digest
    assert publish(deed, seen=seen) == 1
    assert publish(deed, seen=seen) == 1
    count = CouponCount.objects.get()
    assert (count.uses_max, count.budget) == (5, 100)
    with pytest.raises(benefits_actions.NoDraft):
        save(deed, amount="12")
    with pytest.raises(benefits_actions.NoDraft):
        publish(deed | {"actor": "staff:2"}, seen=seen)
    version = CouponTerms.objects.get()
    with refused(f"benefits_couponterms {version.id} is published: UPDATE is refused"):
        CouponTerms.objects.update(terms={})
    with refused(f"benefits_couponterms {version.id} is published: DELETE is refused"):
        run("DELETE FROM benefits_couponterms")
    assert deeds() == ["coupon.defined", "coupon.published"]


def test_a_draft_begins_with_what_is_in_force_and_only_once(deed, noon):
    define(deed)
    publish(deed)
    assert [benefits_actions.start_coupon_draft(definition="ten", **deed) for _ in range(2)] == [2, 2]
    assert draft(noon).terms == benefits_queries.find_definition("ten", noon).in_force.terms
    with pytest.raises(benefits_actions.NothingChanged):
        publish(deed)
    save(deed, amount="12")
    assert publish(deed) == 2
    with pytest.raises(benefits_actions.NoDraft):
        benefits_actions.start_coupon_draft(definition="none", **deed)


def test_limits_for_all_change_until_the_first_use(deed, noon):
    define(deed, uses_total=5)
    publish(deed)
    benefits_actions.start_coupon_draft(definition="ten", **deed)
    save(deed, uses_total=6, budget="50")
    publish(deed)
    assert CouponCount.objects.values_list("uses_max", "budget").get() == (6, 50)
    CouponCount.objects.update(held=1)
    benefits_actions.start_coupon_draft(definition="ten", **deed)
    save(deed, uses_total=7, budget="50")
    with pytest.raises(benefits_actions.LimitsFrozen):
        publish(deed)
    save(deed, uses_total=6, budget="50", amount="12")
    assert publish(deed) == 3
    assert CouponCount.objects.values_list("uses_max", "budget", "held").get() == (6, 50, 1)


def test_a_draft_is_discarded_and_what_was_never_published_with_it(deed, noon):
    define(deed)
    assert benefits_actions.discard_coupon_draft(definition="ten", **deed) is True
    assert benefits_actions.discard_coupon_draft(definition="ten", **deed) is False
    assert not CouponDefinition.objects.exists()
    define(deed)
    publish(deed)
    benefits_actions.start_coupon_draft(definition="ten", **deed)
    benefits_actions.discard_coupon_draft(definition="ten", **deed)
    assert benefits_queries.find_definition("ten", noon).in_force.number == 1


def test_archiving_and_back(deed, noon):
    define(deed)
    publish(deed)
    assert [benefits_actions.archive_coupon(definition="ten", **deed) for _ in range(2)] == [True, False]
    assert benefits_queries.find_definition("ten", noon).is_archived and not benefits_queries.coupons_to_give()
    assert [benefits_actions.unarchive_coupon(definition="ten", **deed) for _ in range(2)] == [True, False]
    assert benefits_queries.coupons_to_give() == [("ten", NAMES)]
    assert deeds() == ["coupon.defined", "coupon.published", "coupon.archived", "coupon.unarchived"]


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_publish_once(deed, noon):
    define(deed)
    seen = draft(noon).digest
    answers = together([lambda n=n: publish(deed | {"actor": f"staff:{n}"}, seen=seen) for n in range(4)])
    assert kinds(answers) == {"int": 1, "NoDraft": 3}
    assert deeds() == ["coupon.defined", "coupon.published"]


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_one_code_at_once_end_with_one(deed):
    answers = together([lambda n=n: define(deed | {"actor": f"staff:{n}"}) for n in range(4)])
    assert kinds(answers) == {"bool": 1, "CodeTaken": 3}
    assert CouponDefinition.objects.count() == CouponTerms.objects.count() == 1


def test_the_starters_first_publishing_is_done_once(deed):
    sent = {"code": "ten", "names": NAMES, "terms": terms(), **deed}
    assert [benefits_actions.publish_first_coupon(**sent) for _ in range(2)] == [True, False]
    with pytest.raises(BadTerms):
        benefits_actions.publish_first_coupon(**sent | {"code": "other", "terms": {}})


@pytest.mark.parametrize("definitions", [1, 4])
def test_the_list_takes_three_queries(deed, noon, join, django_assert_num_queries, definitions):
    member_id = join("ann").id
    for number in range(definitions):
        benefits_actions.publish_first_coupon(code=f"c{number}", names=NAMES, terms=terms(), **deed)
        give(member_id, f"c{number}", source_key=str(number))
    with django_assert_num_queries(3):
        found = benefits_queries.list_definitions(noon)
    assert [(one.code, one.tally.issued, one.tally.lapsed) for one in found if one.code.startswith("c")] == [
        (f"c{number}", 1, 0) for number in range(definitions)
    ]
