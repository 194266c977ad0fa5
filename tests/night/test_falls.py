"""Warnings before a tier is lost: who, of what, when and what keeps it, once each, also after nights missed."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from members.models import Member
from membership_site.flows import nightly
from tests.flows.shop import give_back, place
from tests.kit.broken import breaks
from tests.night import world
from tests.night.world import DAY
from tests.tiers.published import publish
from tiers import actions as tiers_actions
from tiers import jobs as tiers_jobs
from tiers import queries as tiers_queries
from tiers.enums import AtEnd, HoldKind
from tiers.models import FallNotice, Standing

pytestmark = pytest.mark.django_db
STEP = nightly.find_step("notice_falls")
TODAY = dt.date(2026, 3, 3)
END = dt.date(2027, 3, 3)


@pytest.fixture
def ann(join, noon):
    """Ann on Gold until END, with what reached it gone by then."""
    member_id = join("ann").id
    place("1", ["5000"], noon)
    return member_id


def written() -> list[tuple[Any, ...]]:
    rows = FallNotice.objects.order_by("member_id", "ends_on", "-days_before")
    return list(rows.values_list("member_id", "ends_on", "days_before", "due_on", "falls_on", "to_tier__code"))


def night(date: dt.date, **options: Any) -> None:
    world.night(STEP, date, **options)


def test_nobody_is_warned_of_nothing(programme):
    night(TODAY)
    assert written() == []


def test_each_warning_is_written_the_night_before_it_is_due_once(ann):
    for number in range(62, 0, -1):
        night(END - number * DAY)
        night(END - number * DAY, again=True)
    grace = END + 30 * DAY
    assert written() == [(ann, END, days, END - days * DAY, grace, "member") for days in (60, 30, 7)]
    [notice] = tiers_queries.fall_notices_due(END - 30 * DAY)
    assert (notice.member_id, notice.days_before, notice.fall.tier.code) == (ann, 30, "gold")
    [way, *_] = notice.fall.ways
    # an order of 5,000 brings 5,000 growth value too; each of them keeps it
    assert (dict(way.more), way.by) == ({"spend": Decimal(5000)}, END)


def test_in_grace_the_end_of_grace_is_warned_of(ann):
    nightly.run_step(name="recalculate_tiers", as_of=END)
    grace = Standing.objects.get(member_id=ann).grace_date
    for date in (END, grace - 8 * DAY):
        night(date)
    assert written() == [(ann, grace, 7, grace - 7 * DAY, grace, "member")]


def test_nights_that_were_missed_are_made_up_but_for_ends_that_are_over(ann):
    night(END - 62 * DAY)
    night(END - 10 * DAY)
    assert [row[2] for row in written()] == [60, 30]
    night(END)
    assert [row[2] for row in written()] == [60, 30]


def test_a_fall_that_is_averted_is_not_warned_of_nor_sent(ann, noon):
    night(END - 61 * DAY)
    place("2", ["4000"], noon + 320 * DAY)
    assert len(tiers_queries.fall_notices_due(END - 60 * DAY)) == 1
    place("3", ["1000"], noon + 325 * DAY)
    night(END - 31 * DAY)
    assert [row[2] for row in written()] == [60]
    place("4", ["15000"], noon + 326 * DAY)  # Diamond, with an end of its own
    assert tiers_queries.fall_notices_due(END - 60 * DAY) == []


def test_what_a_return_takes_back_is_warned_of(ann, noon):
    place("2", [("a", 2, "2500")], noon + 320 * DAY)
    night(END - 31 * DAY)
    assert written() == []
    give_back("2", "R", {"a": 1}, noon + 340 * DAY)
    night(END - 8 * DAY)
    assert [row[2:] for row in written()] == [(7, END - 7 * DAY, END + 30 * DAY, "silver")]
    [way] = FallNotice.objects.get().ways[:1]
    assert Decimal(way["more"][0][1]) == 2500
    assert (way["since"], way["by"]) == (str(END - 7 * DAY), str(END))


@pytest.mark.parametrize("status", ["blocked", "pending"])
def test_only_active_members_are_warned(ann, status):
    Member.objects.filter(id=ann).update(status=status)
    night(END - 61 * DAY)
    assert written() == []


def test_what_is_never_lost_is_not_warned_of_and_what_was_given_is(ann, join, noon):
    publish(TODAY, at_end=AtEnd.NEVER)
    bob = join("bob").id
    tiers_actions.give_tier(
        member_id=bob, tier="silver", kind=HoldKind.PROMOTION, until=END, reason="Spring", key="k", at=noon, actor="t"
    )
    night(END - 61 * DAY)
    assert written() == [(bob, END, 60, END - 60 * DAY, END, "member")]


def test_each_ladder_warns_of_its_own_in_chunks_that_go_on(ann, noon, monkeypatch):
    monkeypatch.setattr(tiers_jobs, "NOTICES_A_CHUNK", 1)
    publish(TODAY - DAY, ladder="club")
    tiers_actions.join(member_id=ann, cause="join", at=noon, actor="t", ladder="club")
    tiers_actions.evaluate(member_id=ann, cause="x", at=noon, actor="t", ladder="club")
    night(END - 61 * DAY)
    assert len(written()) == 2
    assert set(FallNotice.objects.values_list("ladder__code", flat=True)) == {"main", "club"}


def test_notices_hold_what_they_promise(ann):
    night(END - 61 * DAY)
    with breaks("tiers_fallnotice_before_the_end"):
        FallNotice.objects.update(due_on=END)
    with breaks("tiers_fallnotice_falls_after_its_end"):
        FallNotice.objects.update(falls_on=END - DAY)
    with breaks("tiers_fallnotice_of_a_change"):
        FallNotice.objects.update(to_tier=FallNotice.objects.get().tier)
    with breaks("tiers_fallnotice_pkey"):
        FallNotice.objects.bulk_create(FallNotice.objects.all())
