"""Nights of the tiers that are undone: everybody back where he stood, and looked at again by the next night."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction

from kit import clock
from kit.models import AuditRow
from membership_site.flows import nightly
from tests.night import world
from tests.night.test_tiers_night import JOINED, live, lives, spent
from tests.night.world import DAY
from tests.tiers.published import publish
from tiers import actions as tiers_actions
from tiers import invariants
from tiers.actions import NoReason, NothingToUndo, Return
from tiers.enums import HoldKind
from tiers.models import Decision, Standing
from tiers.rules import Requirement

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

STEP = nightly.find_step("recalculate_tiers")
ENDS = JOINED + 400 * DAY
"""A night on which validity ends; grace ends thirty days later."""


def undo(since: dt.date, date: dt.date, key: str = "1", **more):
    deed = {"reason": "The shop's file was cut off.", "at": world.noon(date + DAY), "actor": "staff:7", **more}
    return tiers_actions.undo_nights(since=since, date=date, key=key, **deed)


def stands() -> dict[int, tuple[object, ...]]:
    """All columns of all standings but the number of the decision and its instant, by member."""
    names = [f.attname for f in Standing._meta.concrete_fields if f.attname not in ("seq", "decided_at", "ladder_id")]
    return {row[0]: row for row in Standing.objects.order_by("member_id").values_list(*names)}


@pytest.fixture
def fallen(programme) -> tuple[int, int]:
    """Ann and Bob, who fall from Silver on the last date of grace; the file with Bob's orders was cut off."""
    ann, bob = world.people(2, JOINED)
    for member_id in (ann, bob):
        world.happen(member_id, 1, spent(JOINED, "1200"), evaluate=True)
    for number in range(364, 395):
        world.night(STEP, JOINED + number * DAY, slice_only=number > 364)
    return ann, bob


LAST_OF_GRACE = dt.date(2025, 12, 20)


def test_everybody_goes_back_and_the_next_night_decides_on_what_is_there_then(fallen):
    ann, bob = fallen
    before = stands()
    assert {row[2] for row in before.values()} == {1}
    world.night(STEP, LAST_OF_GRACE, slice_only=True)
    assert set(Standing.objects.values_list("rank", flat=True)) == {0}
    seen = undo(LAST_OF_GRACE, LAST_OF_GRACE, preview=True)
    assert set(Standing.objects.values_list("rank", flat=True)) == {0}, "looking changes nothing"
    done = undo(LAST_OF_GRACE, LAST_OF_GRACE)
    assert seen == done and done.returns == (Return("main", "member", "silver", 2),) and done.left == 0
    assert stands() == before
    decision = Decision.objects.get(member_id=ann, kind="restored")
    assert (decision.actor, decision.reason) == ("staff:7", "The shop's file was cut off.")
    assert decision.cause == "undo:2025-12-20:1"
    assert AuditRow.objects.get(deed="tiers.undone").becomes["members"] == 2
    assert list(invariants.standings_follow_decisions()) == []
    world.happen(bob, 2, spent(LAST_OF_GRACE, "1000"), evaluate=False)
    world.night(STEP, LAST_OF_GRACE + DAY, slice_only=True)
    assert dict(Standing.objects.values_list("member_id", "rank")) == {ann: 0, bob: 1}


def test_it_is_done_once_and_never_without_a_reason(fallen):
    world.night(STEP, LAST_OF_GRACE, slice_only=True)
    with pytest.raises(NoReason):
        undo(LAST_OF_GRACE, LAST_OF_GRACE, reason=" ")
    with pytest.raises(NothingToUndo):
        undo(LAST_OF_GRACE + DAY, LAST_OF_GRACE + DAY)
    assert not Decision.objects.filter(kind="restored").exists()
    undo(LAST_OF_GRACE, LAST_OF_GRACE)
    after = stands()
    with pytest.raises(NothingToUndo):
        undo(LAST_OF_GRACE, LAST_OF_GRACE)
    assert stands() == after and Decision.objects.filter(kind="restored").count() == 2


def test_who_was_decided_on_since_or_was_given_a_tier_is_left(fallen):
    ann, bob = fallen
    world.night(STEP, LAST_OF_GRACE, slice_only=True)
    world.happen(bob, 2, spent(LAST_OF_GRACE + DAY, "5000"), evaluate=True)
    tiers_actions.give_tier(
        member_id=ann, tier="diamond", kind=HoldKind.MANUAL, until=LAST_OF_GRACE + 90 * DAY, reason="Thanks.",
        key="k", at=world.noon(LAST_OF_GRACE + DAY), actor="staff:1",
    )  # fmt: skip
    before = stands()
    with pytest.raises(NothingToUndo):
        undo(LAST_OF_GRACE, LAST_OF_GRACE)
    assert stands() == before


def test_what_an_event_decided_between_nights_is_not_taken_back_with_them(fallen):
    """Bob came into grace by a night, kept his tier by an order, and kept it by a night again a year later."""
    _ann, bob = fallen
    world.happen(bob, 2, spent(LAST_OF_GRACE, "1200"), evaluate=True)
    again = dt.date(2026, 12, 20)
    world.night(STEP, again)
    kinds = list(Decision.objects.filter(member_id=bob).order_by("seq").values_list("kind", "actor"))
    assert [kind for kind, actor in kinds if actor == "night"] == ["grace", "renewal"] and len(kinds) == 5
    before = stands()[bob]
    done = undo(JOINED + 364 * DAY, again)
    assert done.left == 1 and stands()[bob] == before


@pytest.mark.parametrize("seed", range(3))
def test_random_lives_come_back_to_where_they_stood_column_by_column(seed, programme):
    """Whatever a night decided, also one that made up for many; on a ladder of its own beside the main one too."""
    last = JOINED + 500 * DAY
    publish(JOINED, ladder="club", rungs={"silver": {"reach": Requirement(orders=2), "keep": Requirement(orders=2)}})
    happened = lives(seed, 20, last)
    live(happened, JOINED - DAY, last)
    world.night(STEP, JOINED + 380 * DAY)
    names = ("member_id", "ladder_id", "rank", "since_date", "until_date", "grace_date", "next_date", "highest_rank",
             "granted_by", "rank_before", "until_before_date")  # fmt: skip
    before = list(Standing.objects.order_by("member_id", "ladder_id").values_list(*names))
    decided = Decision.objects.count()
    world.night(STEP, last)
    moved = Decision.objects.filter(business_date__gt=JOINED + 380 * DAY, actor="night").values(
        "member_id", "ladder_id"
    )
    assert Decision.objects.count() > decided
    done = undo(JOINED + 381 * DAY, last)
    assert done.members == moved.distinct().count() and done.left == 0
    assert list(Standing.objects.order_by("member_id", "ladder_id").values_list(*names)) == before
    assert list(invariants.standings_follow_decisions()) == []
    with transaction.atomic():
        world.night(STEP, last + DAY)
    assert list(invariants.standings_follow_decisions()) == []
    assert Decimal(0) <= min(Standing.objects.values_list("spend", flat=True))
    assert clock.day_end(last + DAY) == max(Standing.objects.values_list("decided_at", flat=True))
