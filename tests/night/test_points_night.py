"""The night of the wallets: pending lots released, ended lots expired, as the rules do it one by one."""

import datetime as dt
import random

import pytest

from kit.jobs import Step
from membership_site.flows import nightly, proof
from points import queries as points_queries
from points.enums import Wallet
from points.jobs import lots as points_jobs
from points.models import Entry, Lot
from points.rules.policy import Policy
from tests.night import world
from tests.night.world import DAY

pytestmark = pytest.mark.django_db

RELEASE, EXPIRE = nightly.find_step("release_lots"), nightly.find_step("expire_lots")
D = dt.date(2026, 3, 31)


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of three lots, so that a dozen members take several."""
    monkeypatch.setattr(points_jobs, "LOTS_A_CHUNK", 3)


@pytest.fixture
def policy(programme) -> Policy:
    """The starter's policy."""
    return points_queries.policy_on(D)


def fill(rng: random.Random, ids: list[int]) -> None:
    """Will give everybody lots that are long over, end, begin and lie ahead around D, some of them shared."""
    for member_id in ids:
        for _ in range(rng.randrange(9)):
            active = D + rng.randrange(-20, 6) * DAY
            expires = max(active, D + rng.choice([-9, -9, -2, -1, 0, 0, 1, 30]) * DAY)
            world.give(member_id, rng.randrange(1, 500), (active, expires), D - 25 * DAY)
        if rng.random() < 0.3:
            world.give(member_id, 7, (dt.date(1970, 1, 1), dt.date(9999, 12, 31)), D, Wallet.GROWTH)


def test_nobody_and_nothing(programme):
    assert world.night(RELEASE, D).rows == world.night(EXPIRE, D).rows == 0
    world.people(2, D - 9 * DAY)
    assert world.night(RELEASE, D + DAY).rows == world.night(EXPIRE, D + DAY).rows == 0


def test_one_lot_from_pending_to_expired(policy):
    [ann] = world.people(1, D - 30 * DAY)
    world.give(ann, 120, (D, D + 10 * DAY), D - 7 * DAY)
    world.night(RELEASE, D - DAY)
    assert Lot.objects.get().pending
    assert world.night(RELEASE, D).detail == {"lots": 1, "points": 120}
    assert world.ledger_now()["balances"][1][2:6] == (120, 0, 0, 1)
    world.night(EXPIRE, D + 9 * DAY)
    assert Lot.objects.get().points == 120
    assert world.night(EXPIRE, D + 10 * DAY).detail == {"entries": 1, "lots": 1, "points": 120}
    entry = Entry.objects.get(kind="expiry")
    assert (entry.source_key, entry.points, entry.balance_after) == ("expiry:2026-04-10:2", -120, 0)
    assert entry.at == dt.datetime(2026, 4, 10, 15, 59, 59, 999999, tzinfo=dt.UTC)
    assert entry.explanation == [{"code": "expired", "on": "2026-04-10"}] and entry.actor == "night"
    assert not list(proof.violations())


@pytest.mark.parametrize("seed", range(4))
def test_equal_to_the_rules_one_by_one(seed, programme, small_chunks):
    ids = world.people(12, D - 30 * DAY)
    fill(random.Random(seed), ids)
    states = world.wallet_states()
    seqs = {key: state.seq for key, state in states.items()}
    expected = world.close_one_by_one(states, D)
    world.night(RELEASE, D)
    world.night(EXPIRE, D)
    assert world.entries_since(seqs) == expected and expected
    assert world.ledger_now() == world.ledger_of(states)
    assert not list(proof.violations()) and not list(proof.violations_of_day(D))


def test_late_twice_and_without_release_equal_nights_on_time(programme, small_chunks):
    ids = world.people(10, D - 30 * DAY)
    fill(random.Random(7), ids)
    states = world.wallet_states()
    seqs = {key: state.seq for key, state in states.items()}
    expected = []
    for days in range(-26, 9):
        expected += world.close_one_by_one(states, D + days * DAY)
    world.night(EXPIRE, D)  # without release_lots: what was pending expires all the same
    world.night(EXPIRE, D + 8 * DAY)
    world.night(RELEASE, D + 8 * DAY)
    world.night(EXPIRE, D + 8 * DAY, again=True)
    written = world.entries_since(seqs)
    assert sorted(written, key=str) == sorted(expected, key=str)
    assert world.ledger_now() == world.ledger_of(states)
    assert not list(proof.violations())


def test_a_deed_that_came_first_has_booked_the_same(programme):
    ids = world.people(2, D - 30 * DAY)
    for member_id in ids:
        world.give(member_id, 50, (D - 9 * DAY, D - DAY), D - 9 * DAY)
        world.give(member_id, 30, (D, D + 30 * DAY), D - 7 * DAY)
    world.give(ids[0], 5, (D, D + 60 * DAY), D)  # settles first
    world.night(RELEASE, D)
    world.night(EXPIRE, D)
    fields = ("source_key", "points", "balance_after", "at", "business_date", "counts_on", "lot_points", "actor", "seq")
    first, second = Entry.objects.filter(kind="expiry").order_by("member_id").values_list(*fields)
    assert first == second


def test_available_on_10_march_2026_is_usable_through_31_march_2027(policy):
    [ann] = world.people(1, dt.date(2026, 3, 1))
    active = dt.date(2026, 3, 3) + policy.return_window_days * DAY
    assert (active, policy.expires_on(active)) == (dt.date(2026, 3, 10), dt.date(2027, 3, 31))
    world.give(ann, 100, (active, policy.expires_on(active)), dt.date(2026, 3, 3))
    world.night(RELEASE, dt.date(2026, 3, 10))
    world.night(EXPIRE, dt.date(2027, 3, 30))
    last = world.noon(dt.date(2027, 3, 31))
    assert points_queries.get_balance(ann, last).available == 100
    world.night(EXPIRE, dt.date(2027, 3, 31))
    assert points_queries.get_balance(ann, last + DAY).available == 0
    assert Entry.objects.get(kind="expiry").business_date == dt.date(2027, 3, 31)


def test_29_february_and_the_zone(policy, settings):
    [ann] = world.people(1, dt.date(2028, 1, 1))
    leap = dt.date(2028, 2, 29)
    assert policy.expires_on(dt.date(2027, 2, 10)) == leap
    settings.PROGRAMME_TIME_ZONE = "America/New_York"
    world.give(ann, 9, (leap, leap), leap - DAY)
    world.night(RELEASE, leap)
    world.night(EXPIRE, leap)
    assert Entry.objects.get(kind="expiry").at == dt.datetime(2028, 3, 1, 4, 59, 59, 999999, tzinfo=dt.UTC)


def test_an_expiry_carries_the_policy_in_force_on_its_own_date(policy):
    from points.models import PolicyVersion

    row = PolicyVersion.objects.get()
    new = PolicyVersion.objects.create(
        number=2, effective_on=D, terms=row.terms, published_at=row.published_at, actor="test"
    )
    [ann] = world.people(1, D - 30 * DAY)
    world.give(ann, 5, (D - 9 * DAY, D - DAY), D - 9 * DAY)
    world.give(ann, 6, (D - 9 * DAY, D), D - 9 * DAY)
    world.night(EXPIRE, D + 5 * DAY)
    booked = Entry.objects.filter(kind="expiry").order_by("seq").values_list("policy_id", "points", "balance_after")
    assert list(booked) == [(policy.id, -5, 6), (new.id, -6, 0)]


def test_steps_are_steps():
    assert all(isinstance(step, Step) for step in nightly.STEPS)
    assert EXPIRE.after == ("release_lots",)
