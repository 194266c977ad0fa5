"""What campaigns claim is proved, and the database refuses what cannot be."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns import actions as campaigns_actions
from campaigns import invariants
from campaigns.models import Budget, Campaign, ControlGroup, Recipient, Review, Run
from messaging.models import Message
from tests.campaigns.cast import draft, launched, reachable, staff
from tests.conftest import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("module_programme")]


def violations() -> list[str]:
    """All that does not hold."""
    return [sentence for proof in invariants.PROOFS for sentence in proof.violations()]


@pytest.fixture
def run(db: None) -> Run:
    """A launch that gave points to some of twenty members."""
    for number in range(20):
        reachable(f"m{number}")
    return launched(control_share=3000, rewards=[{"kind": "points", "points": 10, "most": 10_000}])


def test_a_sound_house_breaks_nothing(run: Run) -> None:
    assert violations() == []


def test_a_budget_that_counts_otherwise_is_named(run: Run) -> None:
    Budget.objects.update(spent=10)
    [found] = violations()
    assert found.startswith("The campaign Come back counts 10 of its points as spent;")


def test_points_that_are_not_in_the_ledger_are_named(run: Run) -> None:
    given = Recipient.objects.filter(run=run, rewarded_at__isnull=False)
    lost = given.earliest("id")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE points_entry DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM points_entry WHERE member_id = %s AND wallet = 'points'", [lost.member_id])
        cursor.execute("ALTER TABLE points_entry ENABLE TRIGGER USER")
    [found] = violations()
    assert f"and the ledger has {10 * (given.count() - 1)}" in found


def test_whoever_is_lost_or_written_to_in_control_is_named(run: Run) -> None:
    treated = Recipient.objects.filter(run=run, group="treated").earliest("id")
    control = Recipient.objects.filter(run=run, group="control").earliest("id")
    Message.objects.filter(member=treated.member).delete()
    Message.objects.create(
        member=control.member,
        channel="inbox",
        source_key=f"campaign:{run.campaign_id}::",
        dispatch_id=run.dispatch_id,
        purpose="marketing",
        topic="offers",
        due_at=NOON,
    )
    assert sorted(violations()) == sorted(
        [
            f"Member {treated.member.number} is addressed and has no message of the campaign Come back.",
            f"Member {control.member.number} is kept apart and has a message of the campaign Come back.",
        ]
    )


# ---- constraints


def test_a_campaign_is_of_a_known_state_and_lasts() -> None:
    campaign = draft()
    for changes, name in (
        ({"state": "lost"}, "campaigns_campaign_state_known"),
        ({"starts_at": NOON, "ends_at": NOON}, "campaigns_campaign_lasts"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Campaign.objects.filter(id=campaign.id).update(**changes)


def test_a_campaign_has_one_open_review_decided_whole() -> None:
    campaign = draft()
    review = campaigns_actions.ask_review(campaign_id=campaign.id, words="", asked_by=staff().id, at=NOON, actor="test")
    with pytest.raises(IntegrityError, match="campaigns_review_one_open"), transaction.atomic():
        Review.objects.create(campaign=campaign, digest="x", asked_by=staff(), asked_at=NOON)
    with pytest.raises(IntegrityError, match="campaigns_review_decided_whole"), transaction.atomic():
        Review.objects.filter(id=review.id).update(verdict="agreed")


def test_an_occasion_is_launched_once_and_a_member_is_one_recipient(run: Run) -> None:
    with pytest.raises(IntegrityError, match="campaigns_run_once_per_occasion"), transaction.atomic():
        Run.objects.create(campaign=run.campaign, plan={}, launched_at=NOON, actor="test")
    one = Recipient.objects.filter(run=run).earliest("id")
    with pytest.raises(IntegrityError, match="campaigns_recipient_once"), transaction.atomic():
        Recipient.objects.create(run=run, member=one.member, group="treated", due_at=NOON)
    with pytest.raises(IntegrityError, match="campaigns_budget_once"), transaction.atomic():
        Budget.objects.create(campaign=run.campaign, kind="points", most=1)


def test_a_control_group_is_one_of_a_lawful_share_that_ends_later() -> None:
    group = campaigns_actions.begin_control_group(share=100, at=NOON, actor="test")
    with pytest.raises(IntegrityError, match="campaigns_controlgroup_one_now"), transaction.atomic():
        ControlGroup.objects.create(number=9, share=1, salt="x", starts_at=NOON, actor="test")
    for changes, name in (
        ({"share": 1501}, "campaigns_controlgroup_share_within_bounds"),
        ({"ends_at": NOON - dt.timedelta(seconds=1)}, "campaigns_controlgroup_ends_later"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ControlGroup.objects.filter(id=group.id).update(**changes)
