"""What campaigns have come to: the figures of lists and reports, counted by night."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from campaigns import actions as campaigns_actions
from campaigns import jobs as campaigns_jobs
from campaigns import queries as campaigns_queries
from campaigns.enums import CampaignKind, CampaignState
from campaigns.models import Campaign, Headline
from campaigns.rules.headlines import Side, in_money, lifts, together
from kit import clock
from kit.jobs import Night
from tests.campaigns import cast
from tests.conftest import NOON

TODAY = NOON.date()


def counted(date: dt.date = TODAY) -> int:
    """Will run the night's count and return for how many campaigns it counted."""
    return sum(chunk.rows for chunk in campaigns_jobs.count_results(Night(date, slice_only=False, approved=None), 0))


def test_sides_add_up_and_are_compared() -> None:
    treated = together([Side(600, 40, 900.0, 9_000.0), Side(300, 20, 100.0, 1_000.0)])
    assert treated == Side(900, 60, 1_000.0, 10_000.0)
    found = lifts(treated, Side(100, 5, 50.0, 400.0))
    assert found.rate is not None and found.rate.low < found.rate.value < found.rate.high
    assert found.rate.value == pytest.approx(60 / 900 - 0.05)
    assert found.extra is not None and found.extra.value == pytest.approx(900 * (1_000 / 900 - 0.5))
    assert lifts(treated, Side()).rate is None and lifts(Side(), treated).extra is None
    assert lifts(treated, Side(1, 0)).extra is None
    assert in_money(150, Decimal("12.5"), 100) == Decimal("14.00") and in_money(5, Decimal(0), 0) == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("programme")
def test_the_night_counts_what_moves_once_a_campaign() -> None:
    assert counted() == 0
    for number in range(20):  # not all of whom chance puts aside, which would end it at once
        cast.reachable(f"guest{number}")
    run = cast.launched(control_share=5_000)
    assert counted() == counted() == 1
    found = Headline.objects.get()
    assert found.at == clock.day_end(NOON.date()) and found.members + found.control_members == 20
    [row] = campaigns_queries.list_campaigns("live")
    assert row.headline is not None and row.headline.members == found.members
    assert [one.id for one in campaigns_queries.with_headlines()] == [run.campaign_id]
    assert campaigns_queries.with_headlines(NOON + dt.timedelta(days=1)) == []
    run.finished_at = NOON
    run.save()
    assert counted(NOON.date() + dt.timedelta(days=100)) == 1
    assert counted(NOON.date() + dt.timedelta(days=200)) == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("programme")
@pytest.mark.parametrize(
    ("claim", "changes"),
    [
        ("campaigns_headline_some_of_all", {"converted": 2}),
        ("campaigns_headline_some_of_all", {"control_converted": 2}),
        ("campaigns_headline_lift_in_its_interval", {"lift": 0.5, "lift_low": 0.6, "lift_high": 0.7}),
        ("campaigns_headline_lift_in_its_interval", {"lift_low": 0.6}),
    ],
)
def test_figures_that_cannot_be_are_refused(claim: str, changes: dict[str, Any]) -> None:
    names = [field.name for field in Headline._meta.fields]
    whole = {name: 1 for name in names if not name.startswith(("lift", "extra", "campaign", "at"))}
    campaign = cast.draft()
    with pytest.raises(IntegrityError, match=claim), transaction.atomic():
        Headline.objects.create(campaign=campaign, at=NOON, **(whole | changes))


@pytest.mark.django_db
@pytest.mark.usefixtures("programme")
def test_point_days_begin_and_end_and_are_listed() -> None:
    today = NOON.date()
    days = {
        "starts_on": today.isoformat(),
        "ends_on": (today + dt.timedelta(days=14)).isoformat(),
        "multiplier": "2",
        "weekdays": [today.weekday()],
        "names": {"en": "Double day"},
    }
    campaign = cast.agreed(cast.draft(kind=CampaignKind.POINT_DAYS, point_days=days))
    assert campaigns_queries.point_days() == ()
    campaign = campaigns_actions.start(campaign_id=campaign.id, at=NOON, actor="test")
    assert campaign.id in campaigns_queries.due_campaigns(NOON)
    found = campaigns_queries.point_days_between(campaigns_queries.point_days(), today, today + dt.timedelta(days=30))
    assert [day.date for day in found] == [today + dt.timedelta(days=7 * week) for week in range(3)]
    assert cast.turn(campaign).state == CampaignState.RUNNING
    with pytest.raises(campaigns_actions.NotUnderWay):
        campaigns_actions.pause(campaign_id=campaign.id, reason="", at=NOON, actor="test")
    assert cast.turn(campaign, NOON + dt.timedelta(days=15)).state == CampaignState.FINISHED
    assert Campaign.objects.get().next_at is None
    assert campaigns_queries.due_campaigns(NOON + dt.timedelta(days=16)) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("programme")
def test_what_a_member_was_in() -> None:
    ann = cast.reachable("ann")
    run = cast.launched(rewards=[{"kind": "points", "most": 100, "points": 10}])
    [taken] = campaigns_queries.campaigns_of_member(ann.id)
    assert (taken.campaign_id, taken.variant) == (run.campaign_id, "A") and taken.rewards[0].points == 10
    assert campaigns_queries.campaigns_of_member(ann.id + 1) == []
