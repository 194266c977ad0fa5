"""What a campaign gives: to those addressed alone, within its budgets, before they read of it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from benefits import actions as benefits_actions
from benefits.models import Coupon
from campaigns import actions as campaigns_actions
from campaigns.enums import CampaignState, Group, RewardKind
from campaigns.models import Budget, Recipient
from members.models import Member, Tag
from messaging.enums import MessageState, Reason
from points import queries as points_queries
from points.models import Entry
from tests.benefits.coupons import define
from tests.campaigns.cast import launched, messages, reachable, recipients, started, turn
from tests.conftest import NOON
from tests.points.proof import balanced  # noqa: F401
from tiers import queries as tiers_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("module_programme", "balanced")]


def held(member: Member) -> int:
    """Points that a member may spend."""
    return points_queries.get_balance(member.id, NOON).available


FIFTY = {"kind": "points", "points": 50, "most": 1000, "names": {"en": "Win-back gift", "zh-hans": "回归礼"}}


def test_points_are_given_once_and_the_message_goes_with_what_was_given() -> None:
    ann = reachable("ann")
    run = launched(rewards=[FIFTY])
    assert held(ann) == 50
    message = messages(run)[ann.id]
    assert (message.state, message.values["points_given"]) == (MessageState.QUEUED, 50)
    turn(run.campaign, NOON + dt.timedelta(minutes=1))
    campaigns_actions.give_rewards(run_id=run.id, at=NOON, actor="test")
    assert held(ann) == 50
    assert Budget.objects.get(kind=RewardKind.POINTS).spent == 50
    assert Recipient.objects.get(member=ann).rewarded_at == NOON


def test_the_statement_says_what_it_was() -> None:
    ann = reachable("ann")
    launched(rewards=[FIFTY])
    key = Entry.objects.get(member=ann, wallet="points").source_key
    [row] = points_queries.entries_of(ann.id, key)
    assert row.explanation == [{"code": "campaign", "points": 50, "names": FIFTY["names"]}]


def test_control_members_get_neither_points_nor_coupons() -> None:
    people = [reachable(f"m{number}") for number in range(30)]
    define("ten")
    points = {**FIFTY, "most": 10_000}
    run = launched(control_share=4000, rewards=[points, {"kind": "coupon", "coupon": "ten", "most": 100}])
    treated = {member for member, one in recipients(run).items() if one.group == Group.TREATED}
    assert 0 < len(treated) < 30
    assert {member.id for member in people if held(member)} == treated
    assert set(Coupon.objects.values_list("member_id", flat=True)) == treated


def test_a_coupon_is_issued_and_its_code_stands_in_the_message() -> None:
    ann = reachable("ann")
    define("ten")
    run = launched(rewards=[{"kind": "coupon", "coupon": "ten", "most": 5}])
    coupon = Coupon.objects.get(member=ann)
    assert messages(run)[ann.id].values["coupon_code"] == coupon.code
    assert messages(run)[ann.id].values["coupon_name"]["en"] == "Ten off"
    assert messages(run, "inbox")[ann.id].values["coupon_code"] == coupon.code


def test_a_tier_is_given_for_days_and_a_tag_is_put() -> None:
    ann = reachable("ann")
    run = launched(
        rewards=[
            {"kind": "tier", "tier": "gold", "days": 30, "most": 5},
            {"kind": "tag", "tag": "won back", "most": 5},
        ]
    )
    standing = tiers_queries.get_standing(ann.id, NOON)
    assert (standing.tier.code, standing.until) == ("gold", dt.date(2026, 4, 2))
    assert messages(run)[ann.id].values["to_tier"]["en"] == "Gold"
    assert Tag.objects.filter(member=ann, name="won back").exists()


def test_a_budget_that_is_used_up_pauses_the_campaign_and_goes_on_when_raised() -> None:
    for number in range(5):
        reachable(f"m{number}")
    campaign = turn(started(rewards=[{**FIFTY, "most": 149}]))
    assert (campaign.state, Budget.objects.get().spent) == (CampaignState.PAUSED, 100)
    assert campaign.state_reason.startswith("The budget of points is used up.")
    assert Recipient.objects.filter(rewarded_at=None).count() == 3
    campaigns_actions.raise_budget(campaign_id=campaign.id, kind="points", most=250, at=NOON, actor="test")
    campaigns_actions.resume(campaign_id=campaign.id, at=NOON, actor="test")
    campaign = turn(campaign, NOON)
    assert Budget.objects.get().spent == 250
    assert campaign.state == CampaignState.RUNNING


def test_a_budget_is_not_lowered_below_what_was_spent_nor_raised_for_what_is_over() -> None:
    reachable("ann")
    run = launched(rewards=[FIFTY])
    budget = campaigns_actions.raise_budget(campaign_id=run.campaign_id, kind="points", most=1, at=NOON, actor="test")
    assert budget.most == 50
    campaigns_actions.cancel(campaign_id=run.campaign_id, reason="", at=NOON, actor="test")
    with pytest.raises(campaigns_actions.NotUnderWay):
        campaigns_actions.raise_budget(campaign_id=run.campaign_id, kind="points", most=100, at=NOON, actor="test")


def test_who_is_no_member_any_more_gets_nothing() -> None:
    ann, bob = reachable("ann"), reachable("bob")
    when = {"on": "2026-03-03", "at": "18:00"}
    starts = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)
    run = launched(starts, rewards=[FIFTY], when={**when, "delay_hours": 1})
    Member.objects.filter(id=bob.id).update(status="blocked")
    turn(run.campaign, starts + dt.timedelta(hours=1))
    assert held(ann) == 50
    assert held(bob) == 0
    assert messages(run)[bob.id].reason == Reason.NOT_A_MEMBER
    assert recipients(run)[bob.id].reward_refusal == "not_a_member"


def test_nothing_is_given_once_it_was_paused() -> None:
    """Also by a turn that was at it when somebody paused it."""
    ann = reachable("ann")
    starts = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)
    run = launched(starts, rewards=[FIFTY], when={"on": "2026-03-03", "at": "18:00", "delay_hours": 1})
    campaigns_actions.pause(campaign_id=run.campaign_id, reason="A wrong gift.", at=starts, actor="test")
    due = starts + dt.timedelta(hours=1)
    assert campaigns_actions.give_rewards(run_id=run.id, at=due, actor="test").given == 0
    assert held(ann) == 0
    campaigns_actions.resume(campaign_id=run.campaign_id, at=due, actor="test")
    turn(run.campaign, due)
    assert held(ann) == 50


def test_a_coupon_that_is_issued_no_more_pauses_the_campaign_and_says_so() -> None:
    ann = reachable("ann")
    define("ten")
    campaign = started(rewards=[{"kind": "coupon", "coupon": "ten", "most": 5}])
    benefits_actions.archive_coupon(definition="ten", at=NOON, actor="test")
    campaign = turn(campaign)
    assert campaign.state == CampaignState.PAUSED
    assert campaign.state_reason.startswith("The coupon is not issued any more.")
    benefits_actions.unarchive_coupon(definition="ten", at=NOON, actor="test")
    campaigns_actions.resume(campaign_id=campaign.id, at=NOON, actor="test")
    assert turn(campaign).state == CampaignState.RUNNING
    assert Coupon.objects.get().member_id == ann.id


def test_the_database_keeps_control_from_being_given_and_budgets_from_being_overspent() -> None:
    for number in range(20):
        reachable(f"m{number}")
    run = launched(control_share=5000, rewards=[FIFTY])
    with pytest.raises(IntegrityError, match="campaigns_recipient_control_gets_nothing"), transaction.atomic():
        Recipient.objects.filter(run=run, group="control").update(rewarded_at=NOON)
    with pytest.raises(IntegrityError, match="campaigns_budget_holds"), transaction.atomic():
        Budget.objects.update(spent=1001)
    assert Decimal(Budget.objects.get().spent) <= 1000
