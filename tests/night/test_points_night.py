"""The night of the wallets: pending lots released, ended lots expired, as the rules do it one by one."""

import datetime as dt
import io
import random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from kit import clock, sql
from kit.dates import WHILE_ACTIVE
from kit.jobs import Night, Step
from members.models import Identity
from membership_site.flows import nightly, proof
from membership_site.flows.starter import POINTS_TERMS
from points import queries as points_queries
from points.enums import Wallet
from points.jobs import lots as points_jobs
from points.models import Balance, Entry, Lot, PolicyVersion
from points.rules.policy import Policy
from tests.flows.shop import use
from tests.night import world
from tests.night.world import DAY
from tiers import jobs as tiers_jobs

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


# ---- lots that wait for a deed of their owner


@pytest.fixture
def idle(programme) -> PolicyVersion:
    """A policy under which points last while their owner does something every month."""
    terms = {**POINTS_TERMS, "expiry": {"kind": "inactivity", "count": 1}}
    return PolicyVersion.objects.create(
        number=2, effective_on=D - 400 * DAY, terms=terms, published_at=world.noon(D), actor="test"
    )


def fill_idle(rng: random.Random, ids: list[int]) -> None:
    """Will give most of them lots that wait, some until dates that are over by D, beside others with dates."""
    for member_id in ids:
        begun = D - rng.choice([45, 40, 32, 31, 30, 20]) * DAY
        for _ in range(rng.randrange(4)):
            world.give(member_id, rng.randrange(1, 500), (begun, WHILE_ACTIVE), begun)
        for _ in range(rng.randrange(4)):
            active = D + rng.randrange(-20, 6) * DAY
            world.give(member_id, 7, (active, active + rng.choice([0, 3, 9]) * DAY), begun)
        if rng.random() < 0.4:  # all of it spent: the wallet waits with nothing in it
            held = sum(lot.points for lot in Lot.objects.filter(member_id=member_id, expires_on=WHILE_ACTIVE))
            if held:
                use(member_id, held, world.noon(begun, rng.randrange(99)))


@pytest.mark.parametrize("seed", range(4))
def test_idle_wallets_equal_the_rules_one_by_one(seed, idle, small_chunks):
    ids = world.people(12, D - 60 * DAY)
    fill_idle(random.Random(seed), ids)
    states = world.wallet_states()
    seqs = {key: state.seq for key, state in states.items()}
    expected = []
    for days in range(-60, 1):
        expected += world.close_one_by_one(states, D + days * DAY)
    world.night(RELEASE, D)
    world.night(EXPIRE, D)
    written = world.entries_since(seqs)
    assert sorted(written, key=str) == sorted(expected, key=str) and any("idle" in str(entry) for entry in written)
    assert world.ledger_now() == world.ledger_of(states)
    assert not Balance.objects.filter(idle_until__lte=D).exists()
    assert not list(proof.violations()) and not list(proof.violations_of_day(D))


def test_what_can_be_spent_is_the_same_just_before_and_just_after_the_night(idle, tmp_path):
    ids = world.people(12, D - 60 * DAY)
    fill_idle(random.Random(11), ids)
    begins = clock.day_start(D + DAY)

    def seen() -> list[Any]:
        call_command("export_members", str(tmp_path / "m.csv"), "--as-of", str(D), stdout=io.StringIO())
        return [
            [points_queries.get_balance(member_id, begins) for member_id in ids],
            [points_queries.get_balance_as_of(member_id, begins) for member_id in ids],
            points_queries.available_of(ids, D + DAY),
            (tmp_path / "m.csv").read_text(),
        ]

    before = seen()
    world.night(EXPIRE, D)
    assert Entry.objects.filter(kind="expiry", lot_expires_on__contains=[WHILE_ACTIVE]).exists()
    assert seen() == before
    for member_id, balance in zip(ids, before[0], strict=True):
        assert balance.available == Balance.objects.get(member_id=member_id, wallet="points").available + sum(
            row.points for row in Lot.objects.filter(member_id=member_id, pending=True, active_on__lte=D + DAY)
        )


def test_a_late_night_of_idle_wallets_equals_nights_on_time(idle, small_chunks):
    ids = world.people(8, D - 60 * DAY)
    fill_idle(random.Random(5), ids)
    ways = []
    for nights in ([D], [D - 9 * DAY, D - 8 * DAY, D], [D - days * DAY for days in range(40, -1, -1)]):
        with transaction.atomic():
            for date in nights:
                world.night(RELEASE, date)
                world.night(EXPIRE, date)
                world.night(EXPIRE, date, again=True)
            rows = [{**row, "policy_id": None} for row in world.entries_since({})]
            ways.append((rows, world.ledger_now()))
            transaction.set_rollback(True)
    assert ways[0] == ways[1] == ways[2]


def test_lots_that_wait_are_not_looked_at_before_their_time(idle, django_assert_num_queries):
    for member_id in world.people(200, D - 60 * DAY):
        world.give(member_id, 10, (D, WHILE_ACTIVE), D)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE points_lot, points_balance")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + sql.statement("points", "bounds_of_ending"), {"date": D, "after": 0, "lots": 10})
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "points_balance_idle" in plan and "points_lot_expiring" in plan
    with django_assert_num_queries(2):
        assert list(points_jobs.expire_lots(Night(D), 0)) == []


def test_steps_are_steps():
    assert all(isinstance(step, Step) for step in nightly.STEPS)
    assert EXPIRE.after == ("release_lots",)


def test_the_export_takes_no_log_in_of_elsewhere_for_an_id_of_the_shops(programme):
    ann, bob = world.people(2, D)
    Identity.objects.filter(member_id=ann).update(source="login:google", value="g-77")
    shops = Identity.objects.get(member_id=bob).value
    assert [row[1] for row in tiers_jobs.members_as_of(D, is_over=True)] == ["", shops]
