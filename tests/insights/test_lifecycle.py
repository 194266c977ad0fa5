"""Stages follow the facts: by the rule for one, by the night for everybody, the same on random lives."""

import datetime as dt
import random

import pytest

from insights import actions, invariants, jobs, queries
from insights.enums import Stage
from insights.models import Lifecycle, LifecycleRules, StageChange
from insights.rules import LifecycleTerms, stage_on
from insights.wording import stage_name
from kit import clock
from kit.jobs import EVERYBODY, Night
from kit.models import AuditRow
from members.models import Member
from membership_site.flows import nightly
from orders.models import Order, ShopEvent
from tests.kit.broken import breaks, refuses_all_change

DAY = dt.timedelta(days=1)
TERMS = LifecycleTerms(new_days=5, sleeping_days=10, lapsed_days=20, won_back_days=7)
START = dt.date(2026, 1, 1)


def day(number):
    """A date of the story."""
    return START + number * DAY


@pytest.mark.parametrize(
    ("joined", "last", "before", "since", "stage"),
    [
        (99, None, None, None, Stage.NEW),
        (95, 99, None, None, Stage.ACTIVE),
        (96, 99, None, None, Stage.NEW),
        (0, 91, None, None, Stage.ACTIVE),
        (0, 90, None, None, Stage.SLEEPING),
        (0, 81, Stage.ACTIVE, 0, Stage.SLEEPING),
        (0, 80, Stage.SLEEPING, 90, Stage.LAPSED),
        (80, None, Stage.SLEEPING, 90, Stage.LAPSED),
        (0, 99, Stage.SLEEPING, 90, Stage.ACTIVE),
        (0, 99, Stage.LAPSED, 90, Stage.WON_BACK),
        (0, 99, Stage.WON_BACK, 94, Stage.WON_BACK),
        (0, 99, Stage.WON_BACK, 93, Stage.ACTIVE),
        (0, 90, Stage.WON_BACK, 99, Stage.SLEEPING),
    ],
)
def test_a_stage_is_told_by_days(joined, last, before, since, stage):
    last_on = None if last is None else day(last)
    since_on = None if since is None else day(since)
    assert stage_on(TERMS, day(100), day(joined), last_on, before, since_on) is stage


def member(number, joined):
    """Will make a member who joined on a day of the story."""
    return Member.objects.create(number=f"M{number:07d}", joined_at=clock.day_start(joined) + dt.timedelta(hours=9))


def order(who, number, on, status="paid"):
    """Will let a member order."""
    at = clock.day_start(on)
    Order.objects.create(
        member=who, source="t", order_id=number, status=status, placed_at=at, business_date=on, stated_at=at,
        currency="CNY", discount=0, shipping=0, tax=0, basis=1, digest=b"x",
    )  # fmt: skip


def event(who, number, on, kind="review"):
    """Will let something happen."""
    ShopEvent.objects.create(
        member=who,
        source="t",
        event_id=number,
        type=kind,
        occurred_at=clock.day_start(on),
        business_date=on,
        digest=b"x",
    )


def night(date, after=0, slice_only=False):
    """Will do the step of a night."""
    return list(jobs.tell_stages(Night(date, slice_only), after))


@pytest.fixture
def terms(db, noon):
    LifecycleRules.objects.create(
        number=1, effective_on=START, new_days=5, sleeping_days=10, lapsed_days=20, won_back_days=7, actor="t", at=noon
    )


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("slices", [False, True])
def test_the_night_tells_as_the_rule_does(terms, seed, slices, monkeypatch):
    monkeypatch.setattr(jobs, "MEMBERS_A_CHUNK", 7)
    dice = random.Random(seed)
    lives = {}
    for number in range(20):
        joined = day(dice.randrange(30))
        who = member(number, joined)
        deeds = sorted({joined + dice.randrange(90) * DAY for _ in range(dice.randrange(5))})
        for place, on in enumerate(deeds):
            (order if dice.random() < 0.6 else event)(who, f"{number}-{place}", on)
        order(who, f"{number}-cancelled", day(80), "cancelled")
        event(who, f"{number}-gift", day(81), "birthday")
        lives[who.id] = (joined, deeds, None, None)
    for number in range(100):
        night(day(number), slice_only=slices)
        if number % 9 == 0:
            assert sum(chunk.rows for chunk in night(day(number), slice_only=slices)) == 0
        for who, (joined, deeds, before, since) in lives.items():
            if joined > day(number):
                continue
            last = max((on for on in deeds if on <= day(number)), default=None)
            stage = stage_on(TERMS, day(number), joined, last, before, since)
            lives[who] = (joined, deeds, stage, day(number) if stage is not before else since)
        told = {row.member_id: (row.stage, row.since_date) for row in Lifecycle.objects.all()}
        assert told == {who: (stage, since) for who, (_, _, stage, since) in lives.items() if stage}
    assert list(invariants.stages_follow_their_changes()) == []
    assert StageChange.objects.filter(becomes="won_back").exists()


@pytest.mark.django_db
def test_who_leaves_has_no_stage_and_what_a_merged_one_did_counts(terms):
    ann, bob = member(1, day(0)), member(2, day(0))
    order(bob, "b", day(30))
    night(day(31))
    assert queries.count_stages(day(0), day(0))[0] == {Stage.LAPSED: 1, Stage.ACTIVE: 1}
    Member.objects.filter(id=bob.id).update(status="merged", merged_into=ann)
    night(day(32))
    assert queries.stages_of([ann.id, bob.id])[ann.id].stage is Stage.WON_BACK and queries.count_stages(day(0), day(0))[
        0
    ] == {Stage.WON_BACK: 1}
    assert [(one.was, one.becomes) for one in queries.list_changes(ann.id)] == [
        (Stage.LAPSED, Stage.WON_BACK), (None, Stage.LAPSED),
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_slice_looks_at_whom_its_date_may_change(terms, monkeypatch):
    """Who did something, who has no stage yet, whose days are over; new days for all look at everybody."""
    asked = []
    real = jobs.sql.fetch_prepared
    monkeypatch.setattr(jobs.sql, "fetch_prepared", lambda *a, **o: asked.append(o.get("members")) or real(*a, **o))
    ann, bob = member(1, day(0)), member(2, day(0))
    night(day(1), slice_only=True)
    order(bob, "b", day(3))
    for number in (2, 3, 4, 5):
        night(day(number), slice_only=True)
    # Nobody on the 2nd and the 4th; on the 5th both are not new any more, though who never bought stays so.
    assert [some for some in asked if some] == [[ann.id, bob.id], [bob.id], [ann.id, bob.id]]
    LifecycleRules.objects.create(
        number=2, effective_on=day(6), new_days=2, sleeping_days=4, lapsed_days=5, won_back_days=1, actor="t",
        at=clock.day_start(day(5)),
    )  # fmt: skip
    night(day(6), slice_only=True)
    assert (
        queries.count_stages(day(0), day(0))[0] == {Stage.LAPSED: 1, Stage.ACTIVE: 1}
        and len([some for some in asked if some]) == 3
    )


@pytest.mark.django_db
def test_who_will_fall_asleep_is_listed_before(terms):
    people = [member(number, day(number)) for number in range(4)]
    night(day(5))
    found = queries.list_drowsy(day(10), day(12))
    assert found == [(day(10), people[0].id), (day(11), people[1].id), (day(12), people[2].id)]
    assert (
        queries.list_drowsy(day(10), day(12), after=found[0]) == found[1:]
        and queries.count_stages(day(10), day(12))[1] == 3
    )
    assert queries.list_of_stage(Stage.NEW, after=people[1].id, limit=1) == [people[2].id]
    assert stage_name(Stage.SLEEPING) == "Asleep"


@pytest.mark.django_db
def test_days_are_set_by_version(db, noon):
    assert queries.latest_rules() == (0, LifecycleTerms())
    for _press in range(2):
        assert actions.set_lifecycle_rules(terms=TERMS, at=noon, actor="staff:1") == 1
    assert queries.latest_rules() == (1, TERMS) and queries.terms_on(dt.date(2026, 3, 2)) == LifecycleTerms()
    with pytest.raises(actions.OutOfOrder):
        actions.set_lifecycle_rules(terms=LifecycleTerms(5, 20, 20, 7), at=noon, actor="staff:1")
    assert AuditRow.objects.get(deed="lifecycle.set").becomes["sleeping_days"] == 10
    with breaks("insights_lifecyclerules_in_order"):
        LifecycleRules.objects.create(
            number=2,
            effective_on=START,
            new_days=1,
            sleeping_days=5,
            lapsed_days=5,
            won_back_days=1,
            actor="t",
            at=noon,
        )
    with breaks("insights_lifecyclerules_number_key"):
        LifecycleRules.objects.create(
            number=1,
            effective_on=START,
            new_days=1,
            sleeping_days=5,
            lapsed_days=6,
            won_back_days=1,
            actor="t",
            at=noon,
        )
    refuses_all_change("insights_lifecyclerules")


@pytest.mark.django_db
def test_the_database_keeps_stages(terms):
    ann = member(1, day(0))
    night(day(1))
    with breaks("insights_lifecycle_stage_known"):
        Lifecycle.objects.update(stage="gone")
    with breaks("insights_lifecycle_pkey"):
        Lifecycle.objects.create(member=ann, stage="new", since_date=START, active_on=START, asleep_on=START)
    with breaks("insights_stagechange_changes"):
        StageChange.objects.create(member=ann, changed_on=day(9), was="new", becomes="new")
    with breaks("insights_stagechange_pkey"):
        StageChange.objects.create(member=ann, changed_on=day(1), was="new", becomes="active")
    refuses_all_change("insights_stagechange")
    Lifecycle.objects.update(stage="lapsed")
    assert len(list(invariants.stages_follow_their_changes())) == 1


@pytest.mark.django_db
def test_a_step_of_the_night_resumes(terms):
    assert night(day(1)) == []
    ann, bob = member(1, day(0)), member(2, day(0))
    night(day(1), after=ann.id)
    assert set(queries.stages_of([ann.id, bob.id])) == {bob.id}
    assert night(day(1), after=EVERYBODY) == []
    assert any(step.name == "tell_stages" for step in nightly.STEPS)
