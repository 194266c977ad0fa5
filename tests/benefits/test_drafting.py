"""Drafts of the matrix: one at a time, row by row, published with notice, then frozen."""

import datetime as dt

import pytest

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.models import BenefitVersion, GiftItem
from benefits.rules.coupons import BadTerms
from benefits.rules.matrix import NoSuchBenefit
from kit.models import AuditRow
from membership_site.flows import starter
from tests.benefits.matrices import DEED, NOTE, row
from tests.conftest import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]
TODAY = dt.date(2026, 3, 3)
DAY = dt.timedelta(days=1)


@pytest.fixture
def draft():
    return benefits_actions.start_draft(**DEED).id


def codes(version_id):
    return [one.code for one in benefits_queries.get_matrix_version(version_id).matrix.benefits]


def save(draft, terms, **more):
    return benefits_actions.save_benefit(version_id=draft, terms=terms, **more, **DEED)


def publish(draft, on=TODAY, **more):
    return benefits_actions.publish_matrix(version_id=draft, effective_on=on, note=NOTE, **{**DEED, **more})


def test_there_is_one_draft_which_begins_as_the_latest_version(draft):
    assert benefits_actions.start_draft(**DEED).id == draft
    assert codes(draft) == [one["code"] for one in starter.MATRIX_TERMS["benefits"]]
    benefits_actions.discard_draft(version_id=draft, **DEED)
    benefits_actions.discard_draft(version_id=draft, **DEED)
    assert benefits_queries.find_matrix_draft() is None
    with pytest.raises(benefits_actions.NoMatrix):
        benefits_actions.start_draft(copy_of=9, **DEED)
    assert benefits_actions.start_draft(copy_of=1, **DEED).number == 2
    assert benefits_queries.find_matrix_version(1).published_at and benefits_queries.find_matrix_version(7) is None


def test_a_benefit_is_added_edited_switched_moved_and_removed(draft):
    names = {"en": "Free shipping", "zh-hans": "包邮", "zh-hant": "免運"}
    code = save(draft, {"kind": "free_shipping", "names": names})
    assert code == "free-shipping-2"
    save(draft, {"code": code, "kind": "free_shipping", "names": names, "per": "quarter"})
    deed = {"version_id": draft, **DEED}
    benefits_actions.save_cell(benefit=code, tier="gold", cell={"times": 3}, **deed)
    benefits_actions.save_cell(benefit=code, tier="gold", cell={"times": 3}, **deed)
    benefits_actions.switch_benefit(code=code, is_on=False, **deed)
    benefits_actions.switch_benefit(code=code, is_on=False, **deed)
    benefits_actions.move_benefit(code=code, places=-99, **deed)
    found = benefits_queries.get_matrix_version(draft).matrix.benefits[0]
    assert (found.code, found.is_on, found.cells["gold"].times) == (code, False, 3)
    deeds = list(AuditRow.objects.filter(subject="matrix:2").order_by("id").values_list("deed", flat=True))
    assert [deed.partition(".")[2] for deed in deeds] == [
        "drafted", "benefit_saved", "benefit_saved", "cell_saved", "benefit_switched", "benefits_ordered",
    ]  # fmt: skip
    benefits_actions.remove_benefit(code=code, **deed)
    benefits_actions.remove_benefit(code=code, **deed)
    assert code not in codes(draft)


def test_a_cell_can_be_taken_from_a_tier(draft):
    deed = {"version_id": draft, **DEED}
    benefits_actions.save_cell(benefit="priority-line", tier="member", cell=None, **deed)
    benefits_actions.save_cell(benefit="events", tier="member", cell=None, **deed)
    found = benefits_queries.get_matrix_version(draft).matrix
    assert found.find("priority-line").cell_of("member") is None and found.find("priority-line").cell_of("gold")
    assert "member" not in found.find("events").cells


def test_what_cannot_be_is_refused_and_changes_nothing(draft):
    before = benefits_queries.get_matrix_version(draft).digest
    deed = {"version_id": draft, **DEED}
    with pytest.raises(BadTerms):
        save(draft, {"kind": "free_shipping", "names": {"en": "x"}})
    with pytest.raises(BadTerms):
        benefits_actions.save_cell(benefit="early-access", tier="gold", cell={}, **deed)
    for refused in (
        lambda: save(draft, {**row("gone", "service", {})}),
        lambda: benefits_actions.save_cell(benefit="gone", tier="gold", cell={}, **deed),
        lambda: benefits_actions.switch_benefit(code="gone", is_on=True, **deed),
        lambda: benefits_actions.move_benefit(code="gone", places=1, **deed),
    ):
        with pytest.raises(NoSuchBenefit):
            refused()
    for refused in (
        lambda: save(draft, {"code": "events", "per": "year"}, seen="old"),
        lambda: benefits_actions.save_cell(benefit="events", tier="gold", cell={}, seen="old", **deed),
        lambda: publish(draft, seen="old"),
    ):
        with pytest.raises(benefits_actions.DraftChanged):
            refused()
    assert benefits_queries.get_matrix_version(draft).digest == before


def test_what_gives_more_holds_at_once_and_is_frozen(draft):
    save(draft, row("", "service", {"*": {}}) | {"names": dict.fromkeys(NOTE, "New")})
    published = publish(draft)
    assert publish(draft).id == published.id
    assert benefits_queries.matrix_on(TODAY).number == 2 and benefits_queries.matrix_on(TODAY - DAY).number == 1
    for refused in (
        lambda: publish(draft, actor="staff:2"),
        lambda: save(draft, row("x", "service", {})),
        lambda: benefits_actions.discard_draft(version_id=draft, **DEED),
        lambda: publish(999),
    ):
        with pytest.raises(benefits_actions.NoDraft):
            refused()
    assert AuditRow.objects.get(deed="matrix.published").becomes["changes"][0][2] == "better"


def test_what_takes_away_waits_for_the_notice(draft):
    benefits_actions.remove_benefit(version_id=draft, code="events", **DEED)
    with pytest.raises(benefits_actions.TooEarly) as early:
        publish(draft, TODAY + 29 * DAY)
    assert (early.value.earliest, [one.tier for one in early.value.worse]) == (TODAY + 30 * DAY, ["diamond"])
    assert benefits_queries.find_matrix_draft()
    publish(draft, TODAY + 30 * DAY)
    assert [row.number for row in benefits_queries.list_versions()] == [2, 1]


def test_what_is_not_ready_or_changes_nothing_is_not_published(draft):
    with pytest.raises(benefits_actions.NothingChanged):
        publish(draft)
    code = save(draft, {"kind": "gift", "names": dict.fromkeys(NOTE, "Gift")})
    with pytest.raises(benefits_actions.NotReady) as wrong:
        publish(draft)
    assert [one.code for one in wrong.value.findings] == ["no_occasion"]
    save(draft, {"code": code, "kind": "gift", "occasion": "monthly"})
    with pytest.raises(benefits_actions.NoteMissing):
        benefits_actions.publish_matrix(version_id=draft, effective_on=TODAY, note={"en": "Only"}, **DEED)
    publish(draft)


def test_the_first_of_all_is_published_once():
    before = benefits_queries.benefit_codes_ever()
    deed = {"at": NOON, "actor": "test"}
    assert not benefits_actions.publish_first_matrix(terms={"benefits": []}, effective_on=TODAY, **deed)
    assert not benefits_actions.open_first_gift(code="monthly-gift", names={}, **deed)
    assert GiftItem.objects.get(code="monthly-gift").left is None and BenefitVersion.objects.count() == 1
    assert benefits_queries.benefit_codes_ever() == before
    named = benefits_queries.nameable()
    assert set(named.coupons) == set(starter.COUPONS) and named.stock == {"monthly-gift": None}
