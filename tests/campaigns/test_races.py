"""Campaigns in a hurry: several schedulers, and many who give from one budget."""

import datetime as dt
import threading

import pytest
from django.db import connections, transaction
from django.db.models import Sum

from campaigns import actions as campaigns_actions
from campaigns.models import Budget, Campaign, Recipient, Run
from messaging.models import Message
from points.models import Entry
from tests.campaigns.cast import reachable, started
from tests.campaigns.test_giving import FIFTY
from tests.conftest import NOON
from tests.points.proof import balanced  # noqa: F401

pytestmark = pytest.mark.usefixtures("programme", "balanced")


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_launch_once() -> None:
    """Both may find the campaign due; the row and the unique occasion let one of them launch."""
    for number in range(20):
        reachable(f"m{number}")
    campaign = started()
    gate = threading.Barrier(4)

    def tick() -> None:
        gate.wait()
        campaigns_actions.advance(campaign_id=campaign.id, at=NOON, actor="test")
        connections.close_all()

    threads = [threading.Thread(target=tick) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Run.objects.count(), Recipient.objects.count(), Message.objects.filter(channel="email").count()) == (
        1,
        20,
        20,
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("clients", [8])
def test_a_budget_holds_under_a_race(clients: int) -> None:
    """Many give at once from one budget, out of launches that never heard of each other."""
    for number in range(24):
        reachable(f"m{number}")
    campaign = started(rewards=[{**FIFTY, "most": 525}])
    campaigns_actions.advance(campaign_id=campaign.id, at=NOON - dt.timedelta(minutes=1), actor="test")
    with transaction.atomic():
        run = campaigns_actions.launch(
            campaign=Campaign.objects.get(id=campaign.id), occasion="", at=NOON, actor="test"
        )
    gate = threading.Barrier(clients)
    failed: list[Exception] = []

    def give() -> None:
        gate.wait()
        try:
            for _ in range(6):
                campaigns_actions.give_rewards(run_id=run.id, at=NOON, actor="test", limit=2)
        except Exception as error:  # noqa: BLE001 - what went wrong is asserted on
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=give) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert Entry.objects.filter(source_key__startswith="campaign:").aggregate(sum=Sum("points"))["sum"] == 500
    assert Budget.objects.get().spent == 500
    assert Recipient.objects.filter(rewarded_at__isnull=False).count() == 10
