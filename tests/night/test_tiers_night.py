"""The night of the tiers: SQL decides as the pure rules do, whole or by slices, on time, late, skipped or twice."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.db import transaction

from kit import clock, jobs
from kit.enums import RunState
from kit.jobs import Night
from kit.models import AuditRow
from membership_site.flows import nightly, proof
from tests.night import world
from tests.night.world import DAY, Happening
from tiers import jobs as tiers_jobs
from tiers import queries as tiers_queries
from tiers.models import Decision, Ladder, LadderVersion, Standing, Tier
from tiers.rules import Facts, Position, at_night

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

STEP = nightly.find_step("recalculate_tiers")
JOINED = dt.date(2024, 11, 20)
D = dt.date(2026, 3, 31)


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of three members."""
    monkeypatch.setattr(tiers_jobs, "MEMBERS_A_CHUNK", 3)


@pytest.fixture
def terms(programme):
    """The starter's ladder."""
    return tiers_queries.terms_on(D)


def spent(date: dt.date, amount: str, orders: int = 1, growth: int = 0) -> Happening:
    """Spend that is known on the date it counts on."""
    return Happening(date, date, Decimal(amount), orders, growth)


def lives(seed: int, count: int, last: dt.date) -> dict[int, list[Happening]]:
    """Will make members, and up to now live no night; returns what is to happen to each."""
    rng = random.Random(seed)
    return {member_id: world.random_life(rng, JOINED, last) for member_id in world.people(count, JOINED)}


def live(happened: dict[int, list[Happening]], after: dt.date, upto: dt.date) -> None:
    """Will let happen, in order of time and evaluated each, what became known in a stretch of dates."""
    known = sorted(
        ((h.known_on, member_id, number, h) for member_id, all_ in happened.items() for number, h in enumerate(all_)),
        key=lambda row: row[:3],
    )
    for known_on, member_id, number, happening in known:
        if after < known_on <= upto:
            world.happen(member_id, number, happening, evaluate=True)


def test_nobody_and_nothing_to_decide(terms):
    assert world.night(STEP, D).rows == 0
    world.people(1, D)
    assert world.night(STEP, D + DAY).rows == 0


def test_every_night_in_slices_equals_lives_lived_one_by_one(terms, small_chunks):
    """Also, on every thirtieth date, the slice and everybody come to the same."""
    last = JOINED + 480 * DAY
    happened = lives(1, 24, last)
    live(happened, JOINED - DAY, JOINED + 340 * DAY)  # nothing ends before; events move up
    world.night(STEP, JOINED + 340 * DAY)
    for number in range(341, 481):
        date = JOINED + number * DAY
        live(happened, date - DAY, date)
        if number % 30 == 7:
            assert outcome_of(date, slice_only=True) == outcome_of(date, slice_only=False)
        world.night(STEP, date, slice_only=True)
    for member_id, position in world.positions().items():
        expected, decided = world.live_one_by_one(happened[member_id], terms, JOINED, last)
        assert position == expected
        assert world.sums()[member_id] == world.facts_of(happened[member_id], terms, last)
        kept = Decision.objects.filter(member_id=member_id, seq__gt=1).order_by("seq")
        assert list(kept.values_list("business_date", "kind", "until_date", "reached_by", "threshold")) == [
            (date, o.kind, o.position.until, o.reached_by, o.threshold) for date, o in decided
        ]
    kinds = set(Decision.objects.values_list("kind", flat=True))
    assert kinds == {"joined", "upgrade", "renewal", "grace", "downgrade"}
    assert Decision.objects.filter(cause__startswith="night:").count() > 10
    assert not any("standing" in sentence or "decision" in sentence.lower() for sentence in proof.violations())


def outcome_of(date: dt.date, *, slice_only: bool) -> tuple[object, ...]:
    """What a night would do, undone."""
    with transaction.atomic():
        world.night(STEP, date, slice_only=slice_only, again=True)
        outcome = (world.positions(), world.sums(), world.decisions("cause"))
        transaction.set_rollback(True)
    return outcome


@pytest.mark.parametrize("seed", range(3))
def test_one_night_at_the_end_stands_where_nights_on_time_would(seed, terms, small_chunks):
    last = JOINED + 700 * DAY
    happened = lives(seed, 16, last)
    live(happened, JOINED - DAY, last)
    world.night(STEP, last)
    for member_id, position in world.positions().items():
        assert position == world.live_one_by_one(happened[member_id], terms, JOINED, last)[0]
        assert world.sums()[member_id] == world.facts_of(happened[member_id], terms, last)


@pytest.mark.parametrize("seed", range(3))
def test_nights_now_and_then_stand_where_nights_on_time_would(seed, terms, small_chunks):
    last = JOINED + 700 * DAY
    happened = lives(10 + seed, 12, last)
    rng = random.Random(seed)
    before = JOINED - DAY
    for date in sorted({JOINED + rng.randrange(700) * DAY for _ in range(9)} | {last}):
        live(happened, before, date)
        world.night(STEP, date)
        before = date
    for member_id, position in world.positions().items():
        assert position == world.live_one_by_one(happened[member_id], terms, JOINED, last)[0]


def test_a_catch_up_and_a_second_run_decide_as_nights_on_time(terms, small_chunks):
    """What happened is all known; then fifty nights are run on time, in one catch-up, or twice each."""
    end, nights = JOINED + 400 * DAY, 50
    happened = lives(5, 16, end)
    live(happened, JOINED - DAY, end)
    world.night(STEP, end)
    ways = []
    for way in ("on time", "caught up", "twice", "relived"):
        with transaction.atomic():
            for number in range(1, nights + 1):
                date = end + number * DAY
                if way == "on time":
                    assert [o.state for o in nightly.run_step(name=STEP.name, as_of=date)] == ["done"]
                elif way == "twice":
                    world.night(STEP, date)
                    world.night(STEP, date, again=True)
                elif way == "relived":
                    nightly.relive(as_of=date)
            if way == "caught up":
                done = nightly.run_step(name=STEP.name, as_of=end + nights * DAY)
                assert len(done) == nights and all(o.is_done for o in done)
            ways.append((way, world.positions(), world.sums(), world.decisions("cause")))
            transaction.set_rollback(True)
    for way, *outcome in ways[1:]:
        assert outcome == list(ways[0][1:]), way
    assert len(ways[0][3]) > Decision.objects.count()


def odd_ladder() -> None:
    """A second version of the ladder, in force from D on: thresholds out of order, missing, and lower to keep."""
    version = LadderVersion.objects.create(
        ladder=Ladder.objects.get(),
        number=2,
        effective_on=D,
        window_days=90,
        validity_months=24,
        grace_days=0,
        actor="test",
    )
    rows = [
        (None, None, None, None, None, None),
        (Decimal(300), 4, None, Decimal(200), 2, None),
        (Decimal(250), None, 900, Decimal(100), None, 100),
        (Decimal(2000), 3, 5000, None, None, 4000),
    ]
    for rank, (spend, orders, growth, *keep) in enumerate(rows):
        Tier.objects.create(
            version=version, rank=rank, code=f"odd{rank}", names={}, look="gold", icon="crown", multiplier=1,
            reach_spend=spend, reach_orders=orders, reach_growth=growth,
            keep_spend=keep[0], keep_orders=keep[1], keep_growth=keep[2],
        )  # fmt: skip
    version.published_at = clock.day_start(D)
    version.save()


@pytest.mark.parametrize(("seed", "odd"), [(1, False), (2, False), (3, True), (4, True)])
def test_any_position_is_decided_as_the_rules_decide_it(seed, odd, terms, small_chunks):
    """Whatever the position and the facts, on the very boundaries too."""
    if odd:
        odd_ladder()
    rng = random.Random(seed)
    old, terms = terms, tiers_queries.terms_on(D)
    ids, happened, before = world.people(60, D - 400 * DAY), {}, {}
    for member_id in ids:
        happened[member_id] = [
            Happening(D - days * DAY, D - max(days - rng.choice([0, 0, 9]), -1) * DAY, Decimal(amount), orders, growth)
            for days in (0, 1, terms.window_days - 1, terms.window_days, -1)
            for amount, orders, growth in [
                rng.choice(
                    [(0, 0, 0), (100, 1, 100), (250, 1, 0), (999, 2, 900), (1000, 5, 0), (0, 0, 5000), (15000, 3, 1)]
                )
            ]
        ]
        for number, happening in enumerate(happened[member_id]):
            world.happen(member_id, number, happening, evaluate=False)
        rank = rng.randrange(4)
        until = rng.choice([D, D, D + DAY, D - 9 * DAY, D + 200 * DAY])
        grace = rng.choice([D, D + DAY, D + 21 * DAY]) if until < D else rng.choice([None, until + 30 * DAY])
        position = Position(rank, D - 300 * DAY, until, grace) if rank else Position(0, D - 300 * DAY)
        before[member_id] = position
        Standing.objects.filter(member_id=member_id).update(
            rank=rank, since_date=position.since, until_date=position.until, grace_date=position.grace,
            tier_id=old.rungs[rank].tier_id,
        )  # fmt: skip
    world.night(STEP, D)
    now = world.positions()
    decided = 0
    for member_id in ids:
        facts = world.facts_of(happened[member_id], terms, D)
        position = before[member_id]
        while outcome := at_night(position, facts, terms, D):
            position, decided = outcome.position, decided + 1
            if position.until is None or (position.grace or position.until) > D:
                break
        assert now[member_id] == position, (before[member_id], facts)
    assert decided == Decision.objects.exclude(kind="joined").count() > 10
    assert outcome_of(D, slice_only=True)[:2] == outcome_of(D, slice_only=False)[:2]


# ---- the contract's numbers


def test_a_year_thirty_days_of_grace_and_down(terms):
    reached = dt.date(2026, 3, 3)
    [ann] = world.people(1, reached - 10 * DAY)
    world.happen(ann, 1, spent(reached, "1000.00"), evaluate=True)
    assert world.positions()[ann] == Position(1, reached, dt.date(2027, 3, 3))
    world.night(STEP, dt.date(2027, 3, 2))
    assert world.positions()[ann].grace is None
    world.night(STEP, dt.date(2027, 3, 3))
    assert world.positions()[ann] == Position(1, reached, dt.date(2027, 3, 3), dt.date(2027, 4, 2))
    world.night(STEP, dt.date(2027, 4, 1))
    assert world.positions()[ann].rank == 1
    world.night(STEP, dt.date(2027, 4, 2))
    assert world.positions()[ann] == Position(0, dt.date(2027, 4, 2))
    last = Decision.objects.get(seq=4)
    assert (last.kind, last.cause, last.actor) == ("downgrade", "night:2027-04-02", "night")
    assert last.at == clock.day_end(dt.date(2027, 4, 2)) and last.window_starts_date == dt.date(2026, 4, 3)


@pytest.mark.parametrize("day", [dt.date(2027, 3, 4), dt.date(2027, 4, 2)])
@pytest.mark.parametrize("by_night", [True, False])
def test_reached_again_in_grace_extends_from_the_old_end(day, by_night, terms):
    reached = dt.date(2026, 3, 3)
    [ann] = world.people(1, reached)
    world.happen(ann, 1, spent(reached, "1000"), evaluate=True)
    world.night(STEP, dt.date(2027, 3, 3))
    world.happen(ann, 2, spent(day, "1000"), evaluate=not by_night)
    world.night(STEP, day)
    assert world.positions()[ann] == Position(1, reached, dt.date(2028, 3, 3))


def test_still_reached_on_the_last_night_is_renewed_from_the_old_end(terms):
    reached = dt.date(2026, 3, 3)
    [ann, bob] = world.people(2, reached)
    for member_id in (ann, bob):
        world.happen(member_id, 1, spent(reached, "1000"), evaluate=True)
    world.happen(ann, 2, spent(dt.date(2026, 3, 4), "1000.00"), evaluate=True)  # the first date that still counts
    world.happen(bob, 2, spent(dt.date(2026, 3, 4), "999.99"), evaluate=True)
    world.night(STEP, dt.date(2027, 3, 3))
    assert world.positions()[ann] == Position(1, reached, dt.date(2028, 3, 3))
    assert world.positions()[bob].grace == dt.date(2027, 4, 2)
    assert world.sums()[ann] == Facts(Decimal("1000.00"), 1, 0)


def test_down_to_the_tier_earned_then(terms):
    reached = dt.date(2026, 3, 3)
    [ann] = world.people(1, reached)
    world.happen(ann, 1, spent(reached, "15000"), evaluate=True)
    world.happen(ann, 2, spent(dt.date(2026, 8, 1), "5000"), evaluate=True)
    world.night(STEP, dt.date(2027, 4, 30))  # skipped until now
    assert world.positions()[ann] == Position(2, dt.date(2027, 4, 2), dt.date(2028, 4, 2))
    assert list(Decision.objects.order_by("seq").values_list("kind", "business_date"))[2:] == [
        ("grace", dt.date(2027, 3, 3)),
        ("downgrade", dt.date(2027, 4, 2)),
    ]


def test_the_leap_day(terms):
    leap = dt.date(2028, 2, 29)
    [ann] = world.people(1, leap)
    world.happen(ann, 1, spent(leap, "1000"), evaluate=True)
    assert world.positions()[ann].until == dt.date(2029, 2, 28)
    world.happen(ann, 2, spent(dt.date(2028, 9, 1), "1000"), evaluate=True)
    world.night(STEP, dt.date(2029, 2, 28))
    assert world.positions()[ann].until == dt.date(2030, 2, 28)
    [bob] = world.people(1, leap - DAY, start=2)
    world.happen(bob, 1, spent(leap, "1000"), evaluate=False)
    world.night(STEP, leap, again=True)
    assert world.positions()[bob] == Position(1, leap, dt.date(2029, 2, 28))


def test_nothing_later_than_the_evaluation_counts(terms):
    [ann, bob, cat] = world.people(3, D - 30 * DAY)
    world.happen(ann, 1, spent(D + DAY, "1000"), evaluate=False)
    world.happen(bob, 1, Happening(D - 5 * DAY, D + DAY, Decimal(1000), 1), evaluate=False)
    world.happen(cat, 1, Happening(D - 5 * DAY, D + DAY, growth=1000), evaluate=False)
    world.night(STEP, D)
    assert [position.rank for position in world.positions().values()] == [0, 0, 0]
    world.night(STEP, D + DAY, slice_only=True)
    assert [position.rank for position in world.positions().values()] == [1, 1, 1]


def test_what_no_event_saw_is_seen_by_the_next_night(terms):
    """The night looks at everybody, so also at what came late for dates that were closed."""
    [ann] = world.people(1, D - 30 * DAY)
    world.happen(ann, 2, spent(D - DAY, "500"), evaluate=True)
    world.night(STEP, D - DAY)
    world.happen(ann, 1, spent(D - 9 * DAY, "500"), evaluate=False)
    assert [outcome.state for outcome in nightly.run_step(name=STEP.name, as_of=D)] == ["done"]
    assert world.positions()[ann] == Position(1, D, dt.date(2027, 3, 31))


def test_a_night_of_the_past_leaves_later_decisions_and_sums(terms):
    [ann] = world.people(1, D - 30 * DAY)
    world.happen(ann, 1, spent(D + DAY, "5000"), evaluate=True)
    before = world.positions(), world.sums(), world.decisions()
    world.night(STEP, D)
    assert (world.positions(), world.sums(), world.decisions()) == before


# ---- too many would fall


def test_too_many_falls_wait_for_a_person(terms, monkeypatch):
    monkeypatch.setattr(tiers_jobs, "FALLS_UNASKED", 3)
    reached = dt.date(2025, 3, 1)
    due = dt.date(2026, 3, 31)
    ids = world.people(5, reached)
    for member_id in ids:
        world.happen(member_id, 1, spent(reached, "1000"), evaluate=True)
    world.happen(ids[0], 2, spent(dt.date(2025, 5, 1), "1000"), evaluate=True)
    before = world.positions(), world.decisions(), world.sums()
    job = jobs.run(STEP, Night(due))
    assert job.state == RunState.HELD and job.detail == {"moves": 4, "limit": 3}
    assert "4 members would fall to a lower tier" in job.error
    assert (world.positions(), world.decisions(), world.sums()) == before
    falls = tiers_queries.held_falls()
    assert [(row.member_id, row.date, row.from_tier.code, row.to_tier.code) for row in falls] == [
        (member_id, due, "silver", "member") for member_id in ids[1:]
    ]
    [moves] = tiers_queries.held_moves()
    assert (moves.from_tier.code, moves.to_tier.code, moves.members) == ("silver", "member", 4)
    again = nightly.run_step(name=STEP.name, as_of=due + DAY)
    assert [outcome.state for outcome in again] == [RunState.HELD, nightly.WAITING]
    with pytest.raises(jobs.NotHeld):
        jobs.approve(step=STEP.name, date=due + DAY, at=world.noon(due), actor="staff:1")
    jobs.approve(step=STEP.name, date=due, at=world.noon(due), actor="staff:1")
    assert AuditRow.objects.get().subject == f"job:recalculate_tiers:{due}"
    world.happen(ids[0], 3, Happening(dt.date(2025, 5, 1), dt.date(2026, 2, 20), Decimal(-1000), -1), evaluate=False)
    assert jobs.run(STEP, Night(due)).state == RunState.HELD  # by now it would be five
    jobs.approve(step=STEP.name, date=due, at=world.noon(due), actor="staff:1")
    assert [outcome.state for outcome in nightly.run_step(name=STEP.name, as_of=due + DAY)] == ["done", "done"]
    assert tiers_queries.held_falls() == []
    assert {position.rank for position in world.positions().values()} == {0}
