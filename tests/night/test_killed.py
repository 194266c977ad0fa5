"""Nights that are killed at any moment: what is run again ends as if nobody had been killed, seals and closings too."""

import datetime as dt
import random

import pytest
from django.db import transaction

from kit.models import JobRun
from members.rules import MemberReference
from membership_site.flows import nightly, proof
from points import actions as points_actions
from points import jobs as points_jobs
from points.models import DaySeal, Seal
from tests.flows.shop import place
from tests.kit.killed import everything, killed_when
from tests.night import world
from tests.night.world import DAY
from tests.points.proof import violations
from tiers import jobs as tiers_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
D = dt.date(2026, 3, 31)
NIGHTS = 3
KILLS = 14
OWN = {"started_at", "finished_at", "sealed_at", "counted_at", "marks", "head", "root", "branches"}
"""Heads and roots cover the instants at which entries were recorded; that they hold is proved apart."""


def live_through(_count: object) -> None:
    """Runs the nights until all are done."""
    while any(not outcome.is_done for outcome in nightly.run(as_of=D + (NIGHTS - 1) * DAY)):
        pass


@pytest.fixture
def members(programme: None, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Two dozen members for whom something falls due on each night; chunks of three, so that there are many."""
    for module, name in ((points_jobs.lots, "LOTS_A_CHUNK"), (points_jobs.seals, "MEMBERS_A_CHUNK"),
                         (tiers_jobs, "MEMBERS_A_CHUNK")):  # fmt: skip
        monkeypatch.setattr(module, name, 3)
    ids = world.people(24, D - 60 * DAY)
    for place_, member_id in enumerate(ids):
        world.give(member_id, 100 + place_, (D - 5 * DAY, D + place_ % 4 * DAY), D - 5 * DAY)
        world.give(member_id, 50, (D + place_ % 3 * DAY, D + 200 * DAY), D - 4 * DAY)
        points_actions.reserve(
            member_id=member_id, source_key="cart", points=100, at=world.noon(D - 3 * DAY), actor="test"
        )  # fmt: skip
        if place_ % 3 == 0:
            place(str(place_), ["120"], world.noon(D - 2 * DAY), who=MemberReference(number=f"M{place_ + 1:07d}"))
    nightly.run(as_of=D - DAY)
    return ids


def test_nights_that_are_killed_end_as_nights_that_are_not(members: list[int]) -> None:
    with transaction.atomic():
        live_through(None)
        expected = everything(but={"JobRun"}, own=OWN)
        runs = dict(JobRun.objects.values_list("step", "rows"))
        transaction.set_rollback(True)
    chance = random.Random(11)
    codes = [killed_when(live_through, lambda _count: True, chance, within=0.05 + kill * 0.02) for kill in range(KILLS)]
    assert codes.count(-9) >= KILLS // 2, "most were killed at work"
    live_through(None)
    assert everything(but={"JobRun"}, own=OWN) == expected
    assert DaySeal.objects.count() == len(expected["DaySeal"]) and Seal.objects.exists()
    assert {run.state for run in JobRun.objects.all()} == {"done"}
    assert [*violations(), *proof.violations()] == []
    assert set(runs) == set(JobRun.objects.values_list("step", flat=True))
