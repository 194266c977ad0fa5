"""Nights over ladders of every shape: what they decide is what the rules decide for one member after the other."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.db import transaction

from kit.jobs import Night
from members.rules import MemberReference
from membership_site.flows import nightly
from orders.models import ShopEvent
from tests.flows.shop import do, place
from tests.night import world
from tests.night.test_tiers_night import lives, small_chunks  # noqa: F401
from tests.night.world import DAY, Happening
from tests.tiers.published import publish
from tiers import actions as tiers_actions
from tiers import invariants, rules
from tiers import jobs as tiers_jobs
from tiers import queries as tiers_queries
from tiers.actions.deciding import stand_of
from tiers.enums import AtEnd, Join, Occasion, Rounding, Start, Window
from tiers.models import Decision, Standing
from tiers.rules import Counted, History, Measure, Occurrence, Requirement

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

STEP = nightly.find_step("recalculate_tiers")
JOINED = dt.date(2024, 2, 29)
EVERYTHING = Requirement(Decimal(2000), 3, join=Join.ALL)

SHAPES = {
    "calendar": {"window": Window.CALENDAR_YEAR, "rounding": Rounding.YEAR, "at_end": AtEnd.ONE_STEP},
    "membership": {"window": Window.MEMBERSHIP_YEAR, "validity_months": 6, "grace_days": 0},
    "lifetime": {"window": Window.LIFETIME, "validity_months": 3, "rounding": Rounding.MONTH},
    "next month": {"start": Start.NEXT_PERIOD, "window_days": 90, "validity_months": 4, "grace_rounds_up": True},
    "next year": {"start": Start.NEXT_PERIOD, "window": Window.CALENDAR_YEAR, "rounding": Rounding.YEAR},
    "next turn": {"start": Start.NEXT_PERIOD, "window": Window.MEMBERSHIP_YEAR, "at_end": AtEnd.ONE_STEP},
    "never": {"at_end": AtEnd.NEVER, "validity_months": 2, "window_days": 30},
    "more asked": {
        "validity_months": 5,
        "grace_days": 10,
        "rungs": {
            "silver": {"reach": Requirement(active_days=3, years=1), "keep": Requirement(active_days=5)},
            "gold": {"reach": EVERYTHING, "keep": EVERYTHING, "re_enter": Requirement(Decimal(6000))},
            "diamond": {"reach": Requirement(referrals=1), "keep": Requirement(referrals=1), "never_lost": True},
        },
    },
}


def counted(happened: list[Happening], acted: list[dt.date]) -> list[Counted]:
    rows = [Counted(h.counts_on, h.known_on, h.spend, h.orders, h.growth) for h in happened]
    return rows + [Counted(date, date, events=1) for date in acted]


def one_by_one(history: History, happened, terms, last) -> tuple[rules.Position, list[tuple[dt.date, rules.Outcome]]]:
    """The reference: each date's events, then its night, with the one rule and nothing else."""
    position, decided = rules.Position(0, JOINED), []

    def ask(what):
        nonlocal position
        known = History(JOINED, [row for row in history.rows if row.known_on <= what.on])
        outcome = rules.decide(position, what, Measure(terms, known.facts(terms, what.on), JOINED))
        if outcome:
            position = outcome.position
            decided.append((what.on, outcome))
        return outcome

    for number in range((last - JOINED).days + 1):
        on = JOINED + number * DAY
        if any(h.known_on == on for h in happened):
            ask(Occurrence(Occasion.EVENT, on))
        while ask(Occurrence(Occasion.NIGHT, on)):
            if position.due is None or position.due > on:
                break
    return position, decided


def act(rng: random.Random, member_id: int, last: dt.date) -> list[dt.date]:
    """Will store some deeds of a member that earn nothing, and return their dates."""
    dates = sorted({JOINED + rng.randrange((last - JOINED).days) * DAY for _ in range(rng.randrange(12))})
    ShopEvent.objects.bulk_create(
        ShopEvent(
            member_id=member_id,
            source="app",
            event_id=f"{member_id}:{date}",
            type="survey",
            occurred_at=world.noon(date),
            business_date=date,
            digest=b"x",
            booked_at=world.noon(date),
        )
        for date in dates
    )
    return dates


@pytest.mark.parametrize("shape", SHAPES)
def test_nights_decide_as_the_rules_do_member_by_member(shape, programme, small_chunks):  # noqa: F811
    """On time for the first stretch, then missed for months and caught up in one night."""
    terms = publish(JOINED - DAY, **SHAPES[shape])
    # The calendar year must turn while nights are on time; validities of few months need less.
    on_time = JOINED + (190 if SHAPES[shape].get("validity_months", 12) < 5 else 320) * DAY
    last = on_time + 110 * DAY
    rng = random.Random(shape)
    happened = lives_from(rng, 5, last)
    acted = {member_id: act(rng, member_id, last) for member_id in happened}
    # Same-day events are one evaluation in the reference, so they are all booked before the first is evaluated.
    by_date: dict[dt.date, list[tuple[int, int, Happening]]] = {}
    for member_id, life in happened.items():
        for number, happening in enumerate(life):
            by_date.setdefault(happening.known_on, []).append((member_id, number, happening))
    for number in range((last - JOINED).days + 1):
        date = JOINED + number * DAY
        for member_id, nth, happening in by_date.get(date, ()):
            world.happen(member_id, nth, happening, evaluate=False)
        for member_id in sorted({member_id for member_id, _, _ in by_date.get(date, ())}):
            tiers_actions.evaluate(member_id=member_id, cause=f"test:{date}", at=world.noon(date, 600), actor="test")
        if date <= on_time:
            world.work(STEP, date, slice_only=number % 2 == 1)
    for number in range((last - on_time).days):
        world.work(STEP, on_time + (number + 1) * DAY, slice_only=number > 0)
    for member_id, life in happened.items():
        history = History(JOINED, counted(life, acted[member_id]))
        _, decided = one_by_one(history, life, terms, on_time)
        kept = Decision.objects.filter(member_id=member_id, seq__gt=1, business_date__lte=on_time).order_by("seq")
        assert list(kept.values_list("business_date", "kind", "until_date", "reached_by", "next_date")) == [
            (on, o.kind, o.position.until, o.reached_by, o.position.next and o.position.next.on) for on, o in decided
        ], shape
        assert_equal_at_end(member_id, history, life, terms, last)
    assert not list(invariants.standings_follow_decisions())
    assert Decision.objects.exclude(kind="joined").count() > 5


def assert_equal_at_end(member_id, history, life, terms, last):
    """After a stretch without nights everybody stands where nights on time would have left him."""
    standing = Standing.objects.get(member_id=member_id)
    position, own = stand_of(standing)
    expected, _ = one_by_one(history, life, terms, last)
    assert own == terms
    assert (position.rank, position.since, position.until) == (expected.rank, expected.since, expected.until)
    assert (position.grace, position.next and position.next.on) == (expected.grace, expected.next and expected.next.on)
    assert position.peak == expected.peak
    facts = history.facts(terms, last)
    assert (standing.spend, standing.orders, standing.growth) == (facts.spend, facts.orders, facts.growth)


def lives_from(rng: random.Random, count: int, last: dt.date) -> dict[int, list[Happening]]:
    return {member_id: world.random_life(rng, JOINED, last) for member_id in world.people(count, JOINED)}


def test_a_referral_that_was_settled_counts(programme):

    terms = publish(JOINED - DAY, **SHAPES["more asked"])
    [ann, bob] = world.people(2, JOINED)
    who = [MemberReference(number=f"M{number:07d}") for number in (1, 2)]
    date = JOINED + 30 * DAY
    do("referral", world.noon(date), who=who[0], friend="M0000002")
    place("b", ["10"], world.noon(date), who=who[1])
    nightly.run_step(name="settle_referrals", as_of=date + 8 * DAY)
    assert tiers_queries.facts_on(ann, terms, date + 8 * DAY).referrals == 1
    assert tiers_queries.facts_on(bob, terms, date + 8 * DAY).referrals == 0
    world.night(STEP, date + 8 * DAY)
    assert {m: p.rank for m, p in world.positions().items()} == {ann: 3, bob: 0}


@pytest.mark.parametrize("notice", [0, 200])
def test_a_new_version_is_seen_by_the_night_it_begins_and_lets_nobody_fall_before_its_notice(notice, programme):
    reached = JOINED
    ann, bob, cat = world.people(3, reached)
    for member_id, amount in ((ann, "1000"), (bob, "1500"), (cat, "400")):
        world.happen(member_id, 1, Happening(reached, reached, Decimal(amount), 1), evaluate=True)
    end = dt.date(2025, 2, 28)
    for member_id, amount in ((ann, "1000"), (bob, "1500")):
        world.happen(member_id, 2, Happening(end, end, Decimal(amount), 1), evaluate=False)
    asked = Requirement(Decimal(1500))
    publish(end - 30 * DAY, notice_days=notice, rungs={"silver": {"reach": asked, "keep": asked}}, drop=("gold",))
    for number in range(-31, 31):
        world.night(STEP, end + number * DAY, slice_only=True, again=True)
    ranks = {member_id: position.rank for member_id, position in world.positions().items()}
    assert ranks == {ann: 0 if notice == 0 else 1, bob: 1, cat: 0}


def test_a_night_in_slices_sees_whom_a_new_version_keeps_from_the_day_its_notice_runs_out(programme):
    end = dt.date(2025, 2, 28)
    [ann] = world.people(1, JOINED)
    world.happen(ann, 1, Happening(JOINED, JOINED, Decimal(1000), 1), evaluate=True)
    world.happen(ann, 2, Happening(end, end, Decimal(600), 1), evaluate=False)
    publish(end - 30 * DAY, notice_days=40, rungs={"silver": {"keep": Requirement(Decimal(500))}})
    for number in range(-31, 30):
        world.night(STEP, end + number * DAY, slice_only=True, again=True)
    decided = Decision.objects.filter(member_id=ann).order_by("seq").values_list("kind", "business_date")
    assert list(decided)[2:] == [("grace", end), ("renewal", end + 10 * DAY)]


def test_what_was_asked_to_come_back_is_what_a_page_of_the_past_shows(programme):
    back = Requirement(Decimal(3000), 4, join=Join.ALL)
    publish(JOINED - DAY, grace_days=0, rungs={"silver": {"re_enter": back}})
    [ann] = world.people(1, JOINED)
    world.happen(ann, 1, Happening(JOINED, JOINED, Decimal(1000), 1), evaluate=True)
    fell = dt.date(2025, 2, 28)
    world.night(STEP, fell)
    later = world.noon(fell + DAY)
    now, then = tiers_queries.get_standing(ann, later), tiers_queries.get_standing_as_of(ann, later)
    assert now.tier.code == then.tier.code == "member" and now.reach_all and then.reach_all
    assert now.reach == then.reach == (("spend", Decimal(3000), Decimal(3000)), ("orders", Decimal(4), Decimal(4)))
    first = tiers_queries.get_standing_as_of(ann, world.noon(JOINED))
    assert first.reach[0][:2] == ("spend", Decimal(1000)) and not first.reach_all


def test_every_ladder_has_its_night_and_a_resumed_night_goes_on_where_it_stopped(programme, small_chunks):  # noqa: F811
    publish(JOINED - DAY, ladder="club", rungs={"silver": {"reach": Requirement(orders=1)}})
    ids = world.people(7, JOINED)
    for member_id in ids:
        tiers_actions.join(member_id=member_id, cause="join", at=world.noon(JOINED), actor="test", ladder="club")
        world.happen(member_id, 1, Happening(JOINED, JOINED, Decimal(1000), 1), evaluate=False)
    with transaction.atomic():
        work = tiers_jobs.recalculate_tiers(Night(JOINED), 0)
        cursors = [next(work).upto for _ in range(4)]  # three chunks of main, one of club
        work.close()
    assert cursors[2] == ids[-1] and cursors[3] == (1 << tiers_jobs.LADDER_BITS) + ids[2]
    done = Standing.objects.filter(ladder__code="club", rank=1)
    assert list(done.values_list("member_id", flat=True)) == ids[:3]
    rest = [chunk.upto for chunk in tiers_jobs.recalculate_tiers(Night(JOINED), cursors[3])]
    assert rest == [(1 << tiers_jobs.LADDER_BITS) + ids[5], (1 << tiers_jobs.LADDER_BITS) + ids[6]]
    for ladder in ("main", "club"):
        assert set(Standing.objects.filter(ladder__code=ladder).values_list("rank", flat=True)) == {1}


def test_whoever_was_there_before_a_ladder_began_is_placed_on_it_by_its_first_night(programme, small_chunks):  # noqa: F811
    """Also who came by an import later; what he did before counts; a night that is run again places nobody twice."""
    ann, bob = world.people(2, JOINED)
    world.happen(ann, 1, Happening(JOINED, JOINED, Decimal(10), 1), evaluate=False)
    begins = JOINED + 10 * DAY
    publish(begins, ladder="club", rungs={"silver": {"reach": Requirement(orders=1)}})
    world.night(STEP, begins - DAY, slice_only=True)
    assert not Standing.objects.filter(ladder__code="club").exists()
    for again in (False, True):
        world.night(STEP, begins, slice_only=True, again=again)
    [cat] = world.people(1, JOINED, start=3)
    world.happen(cat, 1, Happening(JOINED, JOINED, Decimal(10), 1), evaluate=False)
    world.night(STEP, begins + DAY, slice_only=True)
    stands = Standing.objects.filter(ladder__code="club").order_by("member_id")
    assert list(stands.values_list("member_id", "rank", "since_date", "orders")) == [
        (ann, 1, begins, 1), (bob, 0, begins, 0), (cat, 1, begins + DAY, 1),
    ]  # fmt: skip
    kinds = Decision.objects.filter(ladder__code="club").order_by("member_id", "seq").values_list("member_id", "kind")
    assert list(kinds) == [(ann, "joined"), (ann, "upgrade"), (bob, "joined"), (cat, "joined"), (cat, "upgrade")]
    assert list(invariants.standings_follow_decisions()) == []
