"""Campaigns go on once a minute: whatever is due is done, one that fails holds up nobody, and nobody is done twice."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from campaigns import actions as campaigns_actions
from campaigns.enums import CampaignState
from campaigns.models import Campaign, Run
from kit import locks
from membership_site.flows import campaigns_run, tasks
from tests.campaigns.cast import reachable, started
from tests.conftest import NOON


@contextmanager
def elsewhere(name: str) -> Iterator[None]:
    """Another connection holds a lock."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [locks.key_of(name)])
    try:
        yield
    finally:
        other.close()


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("module_programme")]


def test_what_is_due_is_launched_and_the_rest_waits() -> None:
    reachable("ann")
    due, later = started(), started(when={"on": "2026-03-09", "at": "09:00"})
    assert campaigns_run.go_on(lambda: NOON) == 1
    assert Campaign.objects.get(id=due.id).state == CampaignState.RUNNING
    assert Campaign.objects.get(id=later.id).state == CampaignState.SCHEDULED
    assert campaigns_run.go_on(lambda: NOON) == 0
    assert campaigns_run.go_on(lambda: NOON + dt.timedelta(minutes=1)) == 1
    assert Run.objects.count() == 1


GONE = {"all": [{"field": "gone.field", "operator": "is", "values": ["x"]}]}
"""What a field asked that is offered no more."""


def test_one_that_fails_does_not_hold_up_the_others(caplog: pytest.LogCaptureFixture) -> None:
    reachable("ann")
    broken, sound = started(), started()
    Campaign.objects.filter(id=broken.id).update(plan={**broken.plan, "asked": GONE})
    assert campaigns_run.go_on(lambda: NOON) == 1
    assert Campaign.objects.get(id=sound.id).state == CampaignState.RUNNING
    assert Campaign.objects.get(id=broken.id).state == CampaignState.SCHEDULED
    assert f"campaign {broken.id} did not go on" in caplog.text


def test_one_that_another_process_is_at_is_left_to_it() -> None:
    reachable("ann")
    campaign = started()
    with elsewhere(f"campaign:{campaign.id}"):
        assert campaigns_run.go_on(lambda: NOON) == 0
    assert campaigns_run.go_on(lambda: NOON) == 1


def test_the_task_asks_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    reachable("ann")
    campaign = started()
    monkeypatch.setattr("kit.clock.now", lambda: NOON)
    tasks.go_on_with_campaigns()
    assert Campaign.objects.get(id=campaign.id).state == CampaignState.RUNNING


def test_a_turn_of_what_is_over_changes_nothing() -> None:
    reachable("ann")
    campaign = started()
    campaigns_actions.cancel(campaign_id=campaign.id, reason="", at=NOON, actor="test")
    assert campaigns_actions.advance(campaign_id=campaign.id, at=NOON, actor="test") == campaigns_actions.Advanced()
