"""Campaigns are planned by one person and read by another; an edit makes what was said of it void."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns import wording
from campaigns.enums import CampaignKind, CampaignState, Verdict
from campaigns.models import Campaign, Review, Run
from campaigns.rules import lacking
from campaigns.rules import plan as plans
from campaigns.rules.segments import tree_from
from kit.models import AuditRow
from members.models import Member
from membership_site import formats
from messaging.models import TemplateVersion
from tests.campaigns.cast import AUTHOR, READER, agreed, draft, reachable, recipients, staff, started, turn, words
from tests.conftest import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("module_programme")]


def test_an_edit_is_kept_and_said_in_the_audit() -> None:
    campaign = draft()
    saved = campaigns_actions.save(campaign_id=campaign.id, changes={"control_share": 500}, at=NOON, actor="staff:1")
    assert saved.plan["control_share"] == 500
    row = AuditRow.objects.filter(deed="campaign.edit").latest("id")
    assert (row.was, row.becomes) == ({"control_share": 0}, {"control_share": 500})


def test_an_edit_that_changes_nothing_leaves_no_trace() -> None:
    campaign = agreed(draft())
    rows = AuditRow.objects.count()
    campaigns_actions.save(campaign_id=campaign.id, changes={"control_share": 0}, at=NOON, actor="staff:1")
    assert AuditRow.objects.count() == rows
    assert Campaign.objects.get(id=campaign.id).state == CampaignState.APPROVED


def test_a_bad_part_changes_nothing() -> None:
    campaign = draft()
    with pytest.raises(plans.BadPlan) as refused:
        campaigns_actions.save(
            campaign_id=campaign.id, changes={"control_share": 9999, "goal": "order"}, at=NOON, actor="staff:1"
        )
    assert refused.value.problems == {"control_share": "out_of_range"}
    assert Campaign.objects.get(id=campaign.id).plan == campaign.plan


def test_an_edit_of_what_somebody_else_changed_is_refused() -> None:
    campaign = draft()
    campaigns_actions.save(campaign_id=campaign.id, changes={"note": "mine"}, at=NOON, actor="staff:1")
    with pytest.raises(campaigns_actions.EditedMeanwhile):
        campaigns_actions.save(
            campaign_id=campaign.id, changes={"note": "theirs"}, seen=campaign.digest, at=NOON, actor="staff:2"
        )


def test_a_campaign_needs_a_name_and_one_that_is_not_there_is_named() -> None:
    with pytest.raises(campaigns_actions.NameMissing):
        campaigns_actions.create(name=" ", kind=CampaignKind.ONCE, author_id=staff().id, at=NOON, actor="test")
    with pytest.raises(campaigns_actions.UnknownCampaign):
        campaigns_actions.save(campaign_id=0, changes={}, at=NOON, actor="test")
    with pytest.raises(campaigns_actions.UnknownCampaign):
        campaigns_actions.copy(campaign_id=0, name="x", author_id=staff().id, at=NOON, actor="test")


def test_a_copy_has_the_plan_without_its_dates() -> None:
    campaign = draft(when={"on": "2026-03-09", "at": "09:00"})
    copy = campaigns_actions.copy(campaign_id=campaign.id, name="Again", author_id=staff().id, at=NOON, actor="test")
    assert (copy.name, copy.state) == ("Again", CampaignState.DRAFT)
    assert copy.plan == {**campaign.plan, "when": {**campaign.plan["when"], "on": None}}


def test_what_was_never_started_is_thrown_away_once() -> None:
    campaign = agreed(draft())
    for _ in range(2):
        campaigns_actions.discard(campaign_id=campaign.id, at=NOON, actor="test")
    assert Campaign.objects.get(id=campaign.id).state == CampaignState.CANCELLED
    assert Review.objects.get(campaign=campaign).voided_at == NOON
    assert AuditRow.objects.filter(deed="campaign.discard").count() == 1


def test_what_was_started_is_neither_edited_nor_thrown_away() -> None:
    campaign = started()
    with pytest.raises(campaigns_actions.NotEditable):
        campaigns_actions.save(campaign_id=campaign.id, changes={"note": "late"}, at=NOON, actor="test")
    with pytest.raises(campaigns_actions.NotEditable):
        campaigns_actions.discard(campaign_id=campaign.id, at=NOON, actor="test")


# ---- reviews


def _answer(campaign: Campaign, who: str = READER, verdict: Verdict = Verdict.AGREED, **more: str) -> Review:
    seen = more.pop("seen", campaign.digest)
    return campaigns_actions.answer_review(
        campaign_id=campaign.id,
        verdict=verdict,
        answer=more.get("answer", ""),
        seen=seen,
        decided_by=staff(who).id,
        at=NOON,
        actor="test",
    )


def _ask(campaign: Campaign, who: str = AUTHOR) -> Review:
    return campaigns_actions.ask_review(
        campaign_id=campaign.id, words="", asked_by=staff(who).id, at=NOON, actor="test"
    )


def test_a_second_person_agrees_and_it_can_be_started() -> None:
    campaign = agreed(draft())
    assert campaign.state == CampaignState.APPROVED
    assert campaigns_actions.start(campaign_id=campaign.id, at=NOON, actor="test").state == CampaignState.SCHEDULED


def test_nobody_answers_for_himself() -> None:
    campaign = draft()
    _ask(campaign)
    with pytest.raises(campaigns_actions.OwnCampaign):
        _answer(campaign, AUTHOR)
    assert Campaign.objects.get(id=campaign.id).state == CampaignState.IN_REVIEW


def test_the_author_does_not_answer_when_somebody_else_asks() -> None:
    campaign = draft()
    _ask(campaign, "third@example.com")
    with pytest.raises(campaigns_actions.OwnCampaign):
        _answer(campaign, AUTHOR)
    with pytest.raises(campaigns_actions.OwnCampaign):
        _answer(campaign, "third@example.com")


def test_the_database_refuses_an_own_answer_too() -> None:
    review = _ask(draft())
    with pytest.raises(IntegrityError, match="campaigns_review_by_a_second_person"), transaction.atomic():
        Review.objects.filter(id=review.id).update(verdict="agreed", decided_by=review.asked_by, decided_at=NOON)


def test_an_edit_makes_the_word_void() -> None:
    campaign = agreed(draft())
    campaigns_actions.save(campaign_id=campaign.id, changes={"control_share": 1}, at=NOON, actor="test")
    assert Campaign.objects.get(id=campaign.id).state == CampaignState.DRAFT
    with pytest.raises(campaigns_actions.NotApproved):
        campaigns_actions.start(campaign_id=campaign.id, at=NOON, actor="test")


def test_other_words_make_the_word_void() -> None:
    """Whoever agreed had read other words; nothing is sent that nobody read."""
    template = words()
    campaign = agreed(draft(variants=[{"code": "A", "template": template.id}]))
    TemplateVersion.objects.create(template=template, number=2, content={"said": "Otherwise"}, actor="test")
    with pytest.raises(campaigns_actions.NotApproved):
        campaigns_actions.start(campaign_id=campaign.id, at=NOON, actor="test")


def test_an_answer_to_what_was_edited_since_is_refused() -> None:
    campaign = draft()
    review = _ask(campaign)
    campaigns_actions.save(campaign_id=campaign.id, changes={"control_share": 1}, at=NOON, actor="test")
    with pytest.raises(campaigns_actions.NothingToReview):
        _answer(campaign, seen=review.digest)
    _ask(campaign)
    with pytest.raises(campaigns_actions.EditedMeanwhile):
        _answer(campaign, seen=review.digest)


def test_whoever_refuses_says_why() -> None:
    campaign = draft()
    _ask(campaign)
    with pytest.raises(campaigns_actions.WordsMissing):
        _answer(campaign, verdict=Verdict.REFUSED)
    _answer(campaign, verdict=Verdict.REFUSED, answer="Too many members.")
    assert Campaign.objects.get(id=campaign.id).state == CampaignState.DRAFT
    with pytest.raises(campaigns_actions.NothingToReview):
        _answer(campaign)


def test_asking_and_answering_twice_is_once() -> None:
    campaign = draft()
    assert _ask(campaign).id == _ask(campaign).id
    assert _answer(campaign).id == _answer(campaign).id
    assert AuditRow.objects.filter(deed="campaign.agreed").count() == 1


def test_an_incomplete_plan_is_not_read_by_anybody() -> None:
    campaign = draft(variants=[])
    with pytest.raises(campaigns_actions.NotReady) as refused:
        _ask(campaign)
    assert [lack.code for lack in refused.value.lacks] == ["no_words"]


# ---- the control group


def test_a_control_group_stands_alone_and_keeps_its_history() -> None:
    first = campaigns_actions.begin_control_group(share=500, at=NOON, actor="test")
    with pytest.raises(campaigns_actions.ControlGroupStands):
        campaigns_actions.begin_control_group(share=100, at=NOON, actor="test")
    later = NOON + dt.timedelta(days=90)
    assert campaigns_actions.end_control_group(at=later, actor="test") == first
    assert campaigns_actions.end_control_group(at=later, actor="test") is None
    second = campaigns_actions.begin_control_group(share=100, at=later, actor="test")
    assert second.salt != first.salt
    found = [campaigns_queries.control_in_force(at) for at in (NOON - dt.timedelta(days=1), NOON, later)]
    assert found == [None, first, second]


@pytest.mark.parametrize("share", [0, 1501])
def test_a_share_out_of_bounds_is_refused(share: int) -> None:
    with pytest.raises(campaigns_actions.BadShare):
        campaigns_actions.begin_control_group(share=share, at=NOON, actor="test")


def test_a_copy_of_point_days_asks_for_new_dates() -> None:
    days = {"starts_on": "2026-03-03", "ends_on": "2026-03-05", "multiplier": "2", "names": {"en": "Double"}}
    other = draft(kind=CampaignKind.POINT_DAYS, point_days=days)
    copied = campaigns_actions.copy(campaign_id=other.id, name="Again", author_id=staff().id, at=NOON, actor="test")
    plan = plans.plan_from(copied.plan)
    assert plan.point_days is not None
    assert (plan.point_days.starts_on, plan.point_days.ends_on) == (None, None)
    assert plan.point_days.multiplier == 2
    assert [lack.code for lack in lacking.lacks(plan, CampaignKind.POINT_DAYS, NOON.date())] == ["no_dates"]
    with pytest.raises(campaigns_actions.NotReady):
        campaigns_actions.ask_review(campaign_id=copied.id, words="", asked_by=staff().id, at=NOON, actor="test")
    said = wording.point_days_in_words(plan.point_days, wording.Told(), formats)
    assert said[0] == "Orders earn double (×2) points on dates that are still to be chosen."


def test_a_segment_that_is_edited_voids_what_was_agreed_and_leaves_what_was_started() -> None:
    """Also one that stands within another; who is on a list is asked now."""
    bob = reachable("bob")
    Member.objects.filter(id=bob.id).update(region="North")
    Member.objects.filter(id=reachable("ann").id).update(region="South")
    deed: dict[str, Any] = {"at": NOON, "actor": "test"}
    owner, fields = staff(), campaigns_queries.segment_fields()
    south, north, both = (
        tree_from({"any": [{"field": "members.region", "operator": "is", "values": [one]} for one in regions]}, fields)
        for regions in (["South"], ["North"], ["South", "North"])
    )
    inner = campaigns_actions.create_segment(name="Inner", tree=south, owner_id=owner.id, **deed)
    asks = {"field": "campaigns.segment", "operator": "yes", "values": [str(inner)]}
    outer = campaigns_actions.create_segment(name="Outer", tree=tree_from(asks, fields), owner_id=owner.id, **deed)
    read = agreed(draft(tree=None, segment=outer))
    campaigns_actions.save_segment(segment_id=inner, tree=north, seen=1, **deed)
    with pytest.raises(campaigns_actions.NotApproved):
        campaigns_actions.start(campaign_id=read.id, **deed)
    campaign = started(kind=CampaignKind.RECURRING, tree=None, segment=outer, when={"every": "day", "at": "20:00"})
    campaigns_actions.save_segment(segment_id=inner, tree=both, seen=2, **deed)
    for day in range(2):
        turn(campaign, NOON + dt.timedelta(days=day, hours=12))
    asked = [set(recipients(run)) for run in Run.objects.filter(campaign=campaign).order_by("id")]
    assert asked == [{bob.id}, {bob.id}]
    kept = [row.deed for row in AuditRow.objects.filter(subject=f"segment:{inner}").order_by("id")]
    assert kept == ["segment.created", "segment.saved", "segment.saved"]
