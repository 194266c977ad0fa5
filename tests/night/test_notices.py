"""Reminders before points end: whose, when and how many, once each, also after nights that were missed."""

import datetime as dt
import random
from typing import Any

import pytest
from django.db import transaction

from kit.dates import NEVER, WHILE_ACTIVE
from kit.models import JobRun
from members.models import Member
from members.rules import MemberReference
from membership_site.flows import nightly
from membership_site.flows.starter import POINTS_TERMS
from points.jobs import notices as points_jobs
from points.models import Balance, ExpiryNotice, Lot, PolicyVersion
from tests.flows.shop import give_back, place, use
from tests.kit.broken import breaks
from tests.night import world
from tests.night.world import DAY

pytestmark = pytest.mark.django_db

NOTICE = nightly.find_step("notice_expiries")
D = dt.date(2026, 3, 31)


def publish(on: dt.date, **terms: Any) -> None:
    """Will publish the starter's policy with other terms."""
    PolicyVersion.objects.create(
        number=PolicyVersion.objects.count() + 1,
        effective_on=on,
        terms={**POINTS_TERMS, **terms},
        published_at=world.noon(on),
        actor="test",
    )


def written() -> list[tuple[Any, ...]]:
    """All notices: member, last date, days before, when to tell, points."""
    rows = ExpiryNotice.objects.order_by("member_id", "expires_on", "-days_before")
    return list(rows.values_list("member_id", "expires_on", "days_before", "due_on", "points"))


def reference(on: dt.date, reminders: tuple[int, ...] = (30, 7, 1)) -> set[tuple[Any, ...]]:
    """What one night writes, member by member and lot by lot."""
    found: dict[tuple[Any, ...], int] = {}
    for lot in Lot.objects.filter(wallet="points"):
        balance = Balance.objects.get(member_id=lot.member_id, wallet="points")
        ends = balance.idle_until if lot.expires_on == WHILE_ACTIVE else lot.expires_on
        for days in reminders:
            due = on + DAY
            is_told = Member.objects.get(id=lot.member_id).status == "active" and not balance.debt
            if ends == due + days * DAY and lot.active_on <= due and is_told:
                key = (lot.member_id, ends, days, due)
                found[key] = found.get(key, 0) + lot.points
    return {(*key, points) for key, points in found.items()}


def fill(rng: random.Random, ids: list[int]) -> None:
    """Will give everybody lots that end around the reminders' dates, some pending still, some that wait."""
    for member_id in ids:
        for _ in range(rng.randrange(7)):
            ends = rng.choice([D + rng.randrange(1, 36) * DAY, D + 31 * DAY, D + 8 * DAY, D + 2 * DAY, NEVER])
            active = min(D - rng.randrange(-5, 9) * DAY, ends)
            world.give(member_id, rng.randrange(1, 500), (active, ends), D - 9 * DAY)
        if rng.random() < 0.4:
            world.give(member_id, 11, (D, WHILE_ACTIVE), rng.choice([D - 20 * DAY, D - 27 * DAY, D - 9 * DAY]))
    Member.objects.filter(id__in=rng.sample(ids, 2)).update(status="blocked")


@pytest.mark.parametrize("seed", range(3))
def test_equal_to_looking_lot_by_lot(seed, programme, monkeypatch):
    publish(D - 60 * DAY, expiry={"kind": "inactivity", "count": 1})
    monkeypatch.setattr(points_jobs, "LOTS_A_CHUNK", 3)
    fill(random.Random(seed), world.people(12, D - 60 * DAY))
    expected = reference(D)
    job = world.night(NOTICE, D)
    assert set(written()) == expected and expected
    assert job.detail == {"notices": len(expected), "points": sum(row[-1] for row in expected)}
    world.night(NOTICE, D, again=True)
    assert set(written()) == expected


def test_nobody_is_told_of_nothing(programme):
    assert world.night(NOTICE, D).rows == 0
    world.people(2, D - 9 * DAY)
    assert world.night(NOTICE, D + DAY).rows == 0


def test_thirty_seven_and_one_day_before_the_end(programme):
    [ann] = world.people(1, D - 30 * DAY)
    ends = D + 40 * DAY
    world.give(ann, 120, (D, ends), D)
    told = {}
    for days in range(45):
        nightly.run_step(name="notice_expiries", as_of=D + days * DAY)
        told[D + (days + 1) * DAY] = ExpiryNotice.objects.count()
    changes = [(date, count) for date, count in told.items() if count != told.get(date - DAY, 0)]
    assert changes == [(ends - 30 * DAY, 1), (ends - 7 * DAY, 2), (ends - DAY, 3)]
    assert written() == [(ann, ends, days, ends - days * DAY, 120) for days in (30, 7, 1)]


def test_missed_nights_are_made_up_and_nobody_is_told_of_what_is_over(programme):
    publish(D - 60 * DAY, expiry={"kind": "inactivity", "count": 1})
    fill(random.Random(3), world.people(14, D - 60 * DAY))
    ways = []
    for nights in (range(1, 21), [1, 20], [1, 9, 20]):
        with transaction.atomic():
            for days in nights:
                world.night(NOTICE, D + days * DAY)
            ways.append(written())
            transaction.set_rollback(True)
    on_time, late, between = ways
    assert late == [row for row in on_time if row[3] <= D + 2 * DAY or row[1] > D + 20 * DAY]
    assert between == [
        row
        for row in on_time
        if row[3] <= D + 2 * DAY or (row[1] > D + 9 * DAY and (row[3] <= D + 10 * DAY or row in late))
    ]
    assert len(late) < len(between) < len(on_time)


def test_two_nights_in_one_catch_up_equal_two_nights(programme):
    publish(D - 60 * DAY, expiry={"kind": "inactivity", "count": 1})
    fill(random.Random(4), world.people(9, D - 60 * DAY))
    ways = []
    for nights in ([0, 1, 2], [0, 2]):
        with transaction.atomic():
            for days in nights:
                nightly.run_step(name="notice_expiries", as_of=D + days * DAY)
            ways.append([row for row in written() if row[1] > D + 2 * DAY])
            transaction.set_rollback(True)
    assert ways[0] == ways[1] and ways[0]


def test_the_reminders_are_those_of_the_policy_in_force(programme):
    publish(D, reminder_days=[14, 3])
    publish(D + 30 * DAY, reminder_days=[])
    [ann] = world.people(1, D - 30 * DAY)
    world.give(ann, 50, (D, D + 20 * DAY), D)
    world.give(ann, 60, (D, D + 34 * DAY), D)
    for days in range(60):
        nightly.run_step(name="notice_expiries", as_of=D + days * DAY)
    assert [row[1:4] for row in written()] == [
        (D + 20 * DAY, 14, D + 6 * DAY), (D + 20 * DAY, 3, D + 17 * DAY), (D + 34 * DAY, 14, D + 20 * DAY),
    ]  # fmt: skip


def test_the_amount_is_what_can_be_spent_by_then(programme):
    publish(D, return_window_days=0)
    [ann] = world.people(1, D - 30 * DAY)
    world.give(ann, 100, (D, D + 31 * DAY), D)
    world.give(ann, 7, (D + 10 * DAY, D + 31 * DAY), D)  # on its way still when the first reminder goes out
    use(ann, 40, world.noon(D))
    for days in (0, 23):
        world.night(NOTICE, D + days * DAY)
    assert [row[-2:] for row in written()] == [(D + DAY, 60), (D + 24 * DAY, 67)]


def test_who_owes_has_nothing_to_be_reminded_of(programme):
    [ann] = world.people(1, D - 30 * DAY)
    who = MemberReference(number="M0000001")
    place("1", ["100"], world.noon(D - 20 * DAY), who=who)
    use(ann, 100, world.noon(D))
    give_back("1", "R", {"1": 1}, world.noon(D))
    assert world.wallet_states()[ann, "points"].debt == 100
    for date in (dt.date(2027, 2, 28), dt.date(2027, 3, 23)):
        assert world.night(NOTICE, date).rows == 0


def test_a_deed_moves_the_date_and_with_it_the_reminder(programme):
    publish(D - 60 * DAY, expiry={"kind": "inactivity", "count": 1})
    [ann] = world.people(1, D - 60 * DAY)
    world.give(ann, 100, (D, WHILE_ACTIVE), D)
    first, second = dt.date(2026, 4, 30), dt.date(2026, 5, 20)
    nightly.run_step(name="notice_expiries", as_of=first - 8 * DAY)
    use(ann, 10, world.noon(dt.date(2026, 4, 20)))
    for days in range(40):
        nightly.run_step(name="notice_expiries", as_of=first - 7 * DAY + days * DAY)
    assert [row[1:] for row in written()] == [
        (first, 7, first - 7 * DAY, 100),
        (second, 7, second - 7 * DAY, 90),
        (second, 1, second - DAY, 90),
    ]


def test_reliving_a_history_tells_nobody(programme):
    [ann] = world.people(1, D - 60 * DAY)
    world.give(ann, 50, (D, D + 31 * DAY), D)
    nightly.relive(as_of=D)
    assert not ExpiryNotice.objects.exists() and not JobRun.objects.filter(step="notice_expiries").exists()


def test_what_the_database_promises(programme):
    [ann] = world.people(1, D)
    good = {"member_id": ann, "expires_on": D, "days_before": 1, "due_on": D - DAY, "points": 5}
    ExpiryNotice.objects.create(**good)
    assert str(ExpiryNotice.objects.get()) == "5 until 2026-03-31"
    with breaks("points_expirynotice_pkey"):
        ExpiryNotice.objects.bulk_create([ExpiryNotice(**good)])
    for points in (0, -1):
        with breaks("points_expirynotice_of_something"):
            ExpiryNotice.objects.bulk_create([ExpiryNotice(**good | {"days_before": 2, "points": points})])
    with breaks("points_expirynotice_before_the_end"):
        ExpiryNotice.objects.bulk_create([ExpiryNotice(**good | {"days_before": 2, "due_on": D + DAY})])
    with breaks("points_balance_waits_some_months"):
        Balance.objects.filter(member_id=ann).update(idle_until=D)
