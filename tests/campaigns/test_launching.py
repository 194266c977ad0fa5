"""A campaign is launched: its audience is frozen, each in his group and variant, with a time of his own."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns.enums import CampaignKind, CampaignState, Group, RunState
from campaigns.models import Campaign, Recipient, Run
from campaigns.rules import buckets
from campaigns.rules.triggers import Happening
from members import actions as members_actions
from members.enums import Channel, Purpose
from members.models import Member
from messaging.enums import MessageState
from messaging.models import Dispatch, Message
from tests.campaigns.cast import agreed, draft, launched, messages, reachable, recipients, sent, started, turn, words
from tests.conftest import NOON, enrol

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("module_programme")]

DAY = dt.timedelta(days=1)


def test_everybody_who_can_be_reached_is_frozen_with_a_message_a_channel() -> None:
    ann, bob = reachable("ann"), enrol("bob")
    run = launched()
    assert set(recipients(run)) == {ann.id, bob.id}
    assert set(messages(run)) == {ann.id}
    assert set(messages(run, "inbox")) == {ann.id, bob.id}
    assert {one.state for one in Message.objects.filter(dispatch_id=run.dispatch_id)} == {MessageState.QUEUED}


def test_who_cannot_be_reached_at_all_is_no_recipient() -> None:
    ann, bob, cy = reachable("ann"), enrol("bob"), reachable("cy")
    Member.objects.filter(id=cy.id).update(status="blocked")
    run = launched(channels=["email"])
    assert set(recipients(run)) == {ann.id}
    assert bob.id not in messages(run)


def test_a_consent_that_was_taken_back_counts() -> None:
    ann = reachable("ann")
    no = members_actions.ConsentGiven(Channel.EMAIL, Purpose.MARKETING, given=False, text="No more.")
    members_actions.consent(member_id=ann.id, answers=[no], at=NOON - DAY, actor="test")
    assert not recipients(launched(channels=["email"]))


def test_control_members_are_kept_apart_and_get_nothing() -> None:
    people = [reachable(f"m{number}") for number in range(40)]
    run = launched(control_share=3000)
    salt = buckets.control_salt(run.campaign_id)
    apart = {one.id for one in people if buckets.bucket_of(salt, one.id) < 3000}
    assert 0 < len(apart) < 40
    found = recipients(run)
    assert {member for member, one in found.items() if one.group == Group.CONTROL} == apart
    assert not apart & set(messages(run))
    assert {found[member].variant for member in apart} == {""}


def test_the_global_control_group_gets_no_marketing_and_campaign_control_is_drawn_outside_it() -> None:
    people = [reachable(f"m{number}") for number in range(40)]
    group = campaigns_actions.begin_control_group(share=1500, at=NOON - DAY, actor="test")
    run = launched(control_share=5000)
    found = recipients(run)
    outside = {one.id for one in people if buckets.bucket_of(group.salt, one.id) < 1500}
    assert outside
    assert {member for member, one in found.items() if one.group == Group.GLOBAL_CONTROL} == outside
    assert not outside & set(messages(run, "inbox"))


def test_variants_are_dealt_as_the_rules_say_and_stay() -> None:
    people = [reachable(f"m{number}") for number in range(30)]
    two = [{"code": "A", "template": words("A").id}, {"code": "B", "template": words("B").id}]
    run = launched(variants=two, experiment={"metric": "ordered", "horizon_hours": 24})
    salt = buckets.variant_salt(run.campaign_id)
    expected = {one.id: "A" if buckets.bucket_of(salt, one.id) < 5000 else "B" for one in people}
    assert {member: one.variant for member, one in recipients(run).items()} == expected
    version = {variant["code"]: variant["version"] for variant in run.plan["variants"]}
    assert {m: one.template_version_id for m, one in messages(run).items()} == {
        m: version[code] for m, code in expected.items()
    }


def test_who_is_beyond_the_test_share_waits_for_the_decision() -> None:
    for number in range(30):
        reachable(f"m{number}")
    two = [{"code": "A", "template": words("A").id}, {"code": "B", "template": words("B").id}]
    run = launched(variants=two, experiment={"metric": "ordered", "horizon_hours": 24, "test_share": 4000})
    waiting = {member for member, one in recipients(run).items() if not one.variant}
    assert 5 < len(waiting) < 28
    assert {member for member, one in messages(run).items() if one.state == MessageState.WAITING} == waiting
    assert run.horizon_at == NOON + DAY


@pytest.mark.parametrize(
    ("when", "begins"),
    [
        ({"at": "09:00"}, dt.datetime(2026, 3, 4, 1, 0, tzinfo=dt.UTC)),
        ({"at": "09:00", "in_member_zone": True}, NOON + DAY),
        ({"on": "2026-03-04", "at": "09:00", "in_member_zone": True}, dt.datetime(2026, 3, 4, 21, 0, tzinfo=dt.UTC)),
    ],
)
def test_variants_are_compared_after_everybodys_time_has_come(when: dict[str, object], begins: dt.datetime) -> None:
    reachable("ann")
    two = [{"code": "A", "template": words("A").id}, {"code": "B", "template": words("B").id}]
    campaign = started(variants=two, experiment={"metric": "ordered", "horizon_hours": 24}, when=when)
    assert campaign.starts_at is not None
    assert turn(campaign, campaign.starts_at).runs.get().horizon_at == begins + DAY


def test_a_repeat_launches_nothing_and_nobody_twice() -> None:
    reachable("ann")
    campaign = turn(started())
    before = (Run.objects.count(), Recipient.objects.count(), Message.objects.count())
    turn(campaign, NOON + dt.timedelta(minutes=1))
    assert (Run.objects.count(), Recipient.objects.count(), Message.objects.count()) == before


def test_freezing_again_adds_only_who_is_new() -> None:
    ann = reachable("ann")
    run = launched()
    bob = reachable("bob")
    happenings = [Happening(one.id, "", NOON) for one in (ann, bob)]
    for new in (1, 0):
        frozen = campaigns_actions.freeze(run=run, campaign=run.campaign, happenings=happenings, at=NOON, actor="test")
        assert (frozen.members, frozen.treated) == (new, new)
    assert set(messages(run)) == {ann.id, bob.id}


def test_starting_twice_is_once() -> None:
    campaign = started()
    again = campaigns_actions.start(campaign_id=campaign.id, at=NOON + DAY, actor="test")
    assert again.starts_at == NOON


def test_a_campaign_of_tomorrow_waits() -> None:
    reachable("ann")
    campaign = started(when={"on": "2026-03-04", "at": "09:00"})
    starts = dt.datetime(2026, 3, 4, 1, 0, tzinfo=dt.UTC)
    assert campaign.starts_at == starts
    assert campaigns_queries.due_campaigns(starts - dt.timedelta(seconds=1)) == []
    assert turn(campaign, starts - dt.timedelta(minutes=1)).state == CampaignState.SCHEDULED
    assert campaigns_queries.due_campaigns(starts) == [campaign.id]
    assert turn(campaign, starts).state == CampaignState.RUNNING


def test_local_times_are_each_members_own() -> None:
    """Nine o'clock is another instant for each: over the change of London's clocks on 29 March 2026 too."""
    zones = {"ann": "", "bob": "Europe/London", "cy": "Pacific/Kiritimati", "dee": "America/Los_Angeles"}
    people = {name: reachable(name, zone=zone) for name, zone in zones.items()}
    campaign = started(when={"on": "2026-03-29", "at": "09:00", "in_member_zone": True})
    assert campaign.starts_at == dt.datetime(2026, 3, 28, 19, 0, tzinfo=dt.UTC)
    run = turn(campaign, campaign.starts_at).runs.get()
    due = {name: recipients(run)[one.id].due_at for name, one in people.items()}
    assert due == {
        "ann": dt.datetime(2026, 3, 29, 1, 0, tzinfo=dt.UTC),
        "bob": dt.datetime(2026, 3, 29, 8, 0, tzinfo=dt.UTC),
        "cy": dt.datetime(2026, 3, 28, 19, 0, tzinfo=dt.UTC),
        "dee": dt.datetime(2026, 3, 29, 16, 0, tzinfo=dt.UTC),
    }
    assert {one.due_at for one in messages(run).values()} == set(due.values())


def test_a_recurring_campaign_launches_each_time_once_and_makes_up_for_the_latest() -> None:
    ann = reachable("ann")
    campaign = started(kind=CampaignKind.RECURRING, when={"every": "day", "at": "09:00"})
    first = dt.datetime(2026, 3, 4, 1, 0, tzinfo=dt.UTC)
    assert campaign.starts_at == first
    for at in (first, first + dt.timedelta(hours=1), first + 3 * DAY + dt.timedelta(hours=2)):
        campaign = turn(campaign, at)
    assert list(campaign.runs.order_by("id").values_list("occasion", flat=True)) == ["2026-03-04", "2026-03-07"]
    assert Recipient.objects.filter(member=ann).count() == 2


def test_a_recurring_launch_is_due_on_its_own_day_however_late_the_turn_comes() -> None:
    ann, bob = reachable("ann"), reachable("bob", zone="Pacific/Honolulu")
    here = started(kind=CampaignKind.RECURRING, when={"every": "day", "at": "09:00"})
    there = started(kind=CampaignKind.RECURRING, when={"every": "day", "at": "09:00", "in_member_zone": True})
    late = dt.timedelta(seconds=20)
    first = dt.datetime(2026, 3, 4, 1, 0, tzinfo=dt.UTC)
    run = turn(here, first + late).runs.get()
    assert {one.due_at for one in recipients(run).values()} == {first + late}
    assert there.starts_at == dt.datetime(2026, 3, 3, 19, 0, tzinfo=dt.UTC)
    run = turn(there, there.starts_at + late).runs.get()
    due = {member: one.due_at for member, one in recipients(run).items()}
    assert due == {ann.id: first, bob.id: dt.datetime(2026, 3, 4, 19, 0, tzinfo=dt.UTC)}


def test_a_member_is_not_addressed_again_too_soon() -> None:
    reachable("ann")
    campaign = started(kind=CampaignKind.RECURRING, when={"every": "day", "at": "09:00", "again_after_days": 7})
    first = dt.datetime(2026, 3, 4, 1, 0, tzinfo=dt.UTC)
    for days in (0, 1, 6, 7, 8):
        campaign = turn(campaign, first + days * DAY)
    runs = {run.occasion: run.id for run in campaign.runs.all()}
    addressed = Recipient.objects.values_list("run_id", flat=True)
    assert {occasion for occasion, run in runs.items() if run in addressed} == {"2026-03-04", "2026-03-11"}


def test_a_campaign_that_is_over_launches_nothing_and_ends() -> None:
    campaign = started(kind=CampaignKind.RECURRING, when={"every": "day", "at": "09:00", "ends_on": "2026-03-04"})
    campaign = turn(campaign, dt.datetime(2026, 3, 5, 1, 0, tzinfo=dt.UTC))
    assert (campaign.state, campaign.runs.count()) == (CampaignState.FINISHED, 0)


@pytest.mark.parametrize(
    ("kind", "when"),
    [
        (CampaignKind.RECURRING, {"every": "day", "at": "09:00", "ends_on": "2026-03-04"}),
        (CampaignKind.TRIGGERED, {"trigger": "birthday", "ends_on": "2026-03-04"}),
    ],
)
def test_what_would_be_over_before_it_begins_is_not_started(kind: CampaignKind, when: dict[str, object]) -> None:
    """It was agreed to in time, and started too late."""
    campaign = agreed(draft(kind=kind, when=when))
    with pytest.raises(campaigns_actions.NoDayLeft):
        campaigns_actions.start(campaign_id=campaign.id, at=NOON + 2 * DAY, actor="test")
    assert Campaign.objects.get(id=campaign.id).state == CampaignState.APPROVED


def test_pause_resume_and_cancel() -> None:
    reachable("ann")
    run = launched()
    campaign = run.campaign
    for _ in range(2):
        campaign = campaigns_actions.pause(campaign_id=campaign.id, reason="A wrong price.", at=NOON, actor="test")
    assert (campaign.state, campaign.state_reason) == (CampaignState.PAUSED, "A wrong price.")
    assert Dispatch.objects.get(id=run.dispatch_id).state == "paused"
    assert campaigns_queries.due_campaigns(NOON + DAY) == []
    for _ in range(2):
        campaign = campaigns_actions.resume(campaign_id=campaign.id, at=NOON, actor="test")
    assert campaign.state == CampaignState.RUNNING
    assert Dispatch.objects.get(id=run.dispatch_id).state == "running"
    for _ in range(2):
        campaign = campaigns_actions.cancel(campaign_id=campaign.id, reason="", at=NOON, actor="test")
    assert campaign.state == CampaignState.CANCELLED
    assert {one.state for one in Message.objects.filter(dispatch_id=run.dispatch_id)} == {MessageState.SKIPPED}
    assert Run.objects.get(id=run.id).state == RunState.CANCELLED


@pytest.mark.parametrize("deed", ["pause", "resume", "cancel"])
def test_what_is_not_under_way_is_neither_paused_nor_resumed_nor_cancelled(deed: str) -> None:
    campaign = draft()
    more = {} if deed == "resume" else {"reason": ""}
    with pytest.raises(campaigns_actions.NotUnderWay):
        getattr(campaigns_actions, deed)(campaign_id=campaign.id, at=NOON, actor="test", **more)


def test_a_campaign_ends_when_nothing_is_left() -> None:
    reachable("ann")
    run = launched()
    assert Campaign.objects.get(id=run.campaign_id).state == CampaignState.RUNNING
    sent(run, NOON)
    campaign = turn(run.campaign, NOON + DAY)
    assert campaign.state == CampaignState.FINISHED
    assert campaign.runs.get().finished_at == NOON + DAY


def test_words_that_were_not_published_keep_it_from_starting() -> None:
    campaign = agreed(draft(variants=[{"code": "A", "template": 999_999}]))
    with pytest.raises(campaigns_actions.WordsNotReady) as refused:
        campaigns_actions.start(campaign_id=campaign.id, at=NOON, actor="test")
    assert refused.value.code == "A"
    assert Campaign.objects.get(id=campaign.id).state == CampaignState.APPROVED


def test_a_launch_is_frozen_in_the_database() -> None:
    reachable("ann")
    run = launched()
    for change in ("plan = '{}'", "launched_at = now()"):
        with pytest.raises(IntegrityError, match="is frozen"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE campaigns_run SET {change} WHERE id = %s", [run.id])
    for change in ("\"group\" = 'control', variant = ''", "variant = 'B'"):
        with pytest.raises(IntegrityError, match="is frozen"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE campaigns_recipient SET {change} WHERE run_id = %s", [run.id])
