"""What the database promises of ladders, standings and decisions, each promise broken once by name."""

import datetime as dt

import pytest

from tests.flows.shop import place
from tests.kit.broken import breaks, refused, refuses_all_change, run
from tests.tiers.published import NOTE
from tiers import actions as tiers_actions
from tiers.actions import Settings
from tiers.models import (
    Closing,
    ClosingCohort,
    ClosingPart,
    Decision,
    Ladder,
    LadderPreview,
    LadderVersion,
    Standing,
    Tier,
)

pytestmark = pytest.mark.django_db
THIRD = dt.date(2026, 3, 3)


@pytest.fixture
def ann(join, noon):
    """Ann on Silver."""
    member_id = join("ann").id
    place("1", ["1000"], noon)
    return member_id


@pytest.fixture
def draft(programme):
    """A second version of the ladder that is not published yet."""
    return LadderVersion.objects.create(
        ladder=Ladder.objects.get(), number=2, effective_on=THIRD, window_days=1, validity_months=12, grace_days=0
    )


def tier_of(version, rank, code, **rest):
    return Tier.objects.create(version=version, rank=rank, code=code, names={}, multiplier=1, **rest)


def test_ladder_versions(draft):
    with breaks("tiers_ladderversion_once"):
        LadderVersion.objects.filter(id=draft.id).update(number=1)
    for change in ({"window_days": 0}, {"validity_months": 0}):
        with breaks("tiers_ladderversion_settings_sane"):
            LadderVersion.objects.filter(id=draft.id).update(**change)
    for change in ({"window": "lifetime"}, {"window": "lifetime", "window_days": 0, "validity_months": 0}):
        with breaks("tiers_ladderversion_settings_sane"):
            LadderVersion.objects.filter(id=draft.id).update(**change)
    with breaks("tiers_ladderversion_one_draft"):
        LadderVersion.objects.create(
            ladder=draft.ladder, number=3, effective_on=THIRD, window_days=1, validity_months=1, grace_days=0
        )
    with breaks("tiers_ladder_code_key"):
        Ladder.objects.create(code="main")


def test_tiers(draft):
    tier_of(draft, 0, "member")
    with breaks("tiers_tier_rank_once"):
        tier_of(draft, 0, "silver")
    with breaks("tiers_tier_code_once"):
        tier_of(draft, 1, "member")
    with breaks("tiers_tier_multiplier_not_negative"):
        Tier.objects.filter(version=draft).update(multiplier=-1)


def test_a_published_ladder_and_its_tiers_stay_as_they_are(draft, noon):
    first = LadderVersion.objects.get(number=1)
    with refused(f"tiers_ladderversion {first.id} is published: UPDATE is refused"):
        LadderVersion.objects.filter(id=first.id).update(grace_days=0)
    with refused(f"tiers_ladderversion {first.id} is published: DELETE is refused"):
        run("DELETE FROM tiers_ladderversion WHERE number = 1")
    with refused(f"ladder version {first.id} is published: UPDATE of its tiers is refused"):
        Tier.objects.filter(version=first, rank=1).update(reach_spend=1)
    with refused(f"ladder version {first.id} is published: DELETE of its tiers is refused"):
        run("DELETE FROM tiers_tier")
    with refused(f"ladder version {first.id} is published: INSERT of its tiers is refused"):
        tier_of(first, 9, "jade")
    mine = tier_of(draft, 0, "member")
    with refused(f"ladder version {first.id} is published"):
        Tier.objects.filter(id=mine.id).update(version=first, rank=9, code="jade")
    assert Tier.objects.filter(id=mine.id).update(reach_spend=1) == 1
    assert LadderVersion.objects.filter(id=draft.id).update(published_at=noon) == 1
    with refused("is published: UPDATE of its tiers is refused"):
        Tier.objects.filter(id=mine.id).update(reach_spend=2)


def test_standings(ann):
    standing = Standing.objects.filter(member_id=ann)
    day = dt.timedelta(days=1)
    until = standing.get().until_date
    for change in (
        {"rank": 0},
        {"until_date": None},
        {"rank": 0, "until_date": None, "grace_date": THIRD},
    ):
        with breaks("tiers_standing_lowest_never_ends"):
            standing.update(**change)
    with breaks("tiers_standing_grace_after_validity"):
        standing.update(grace_date=until - day)
    tier_id = standing.get().tier_id
    whole = {"hold_kind": "manual", "earned_tier_id": tier_id, "earned_since_date": THIRD}
    standing.update(**whole)
    for change in ({"hold_kind": "whim"}, {"hold_kind": ""}, {"earned_tier_id": None}, {"earned_since_date": None}):
        with breaks("tiers_standing_hold_is_whole"):
            standing.update(**change)
    with breaks("tiers_standing_hold_is_whole"):
        standing.update(grace_date=until + day)
    standing.update(hold_kind="", earned_tier_id=None, earned_since_date=None)
    for change in ({"next_tier_id": tier_id}, {"next_date": until}):
        with breaks("tiers_standing_next_is_whole"):
            standing.update(**change)
    with breaks("tiers_standing_pkey"):
        Standing.objects.bulk_create([standing.get()])


def decision(**changes):
    """Will write a decision like the latest one, with something else."""
    row = Decision.objects.order_by("-seq").values().first()
    del row["recorded_at"]
    Decision.objects.bulk_create([Decision(**(row | {"seq": 9, "cause": "other"} | changes))])


def test_decisions_only_grow(ann):
    with breaks("tiers_decision_pkey"):
        decision(seq=1)
    with breaks("tiers_decision_once_per_cause"):
        decision(cause="order:web:1")
    with breaks("tiers_decision_seq_counts_up"):
        decision(seq=0)
    with breaks("tiers_decision_kind_known"):
        decision(kind="whim")
    given = {"kind": "granted", "reason": "VIP", "hold_kind": "manual"}
    for change in ({"reason": ""}, {"hold_kind": ""}, {"hold_kind": "whim"}, {"until_date": None}, {"actor": ""}):
        with breaks("tiers_decision_given_with_reason_and_end"):
            decision(**given | change)
    refuses_all_change("tiers_decision")


def test_closings(db):
    closing = Closing.objects.create(date=THIRD)
    part = {"closing": closing, "tier": "member", "source": "order", "is_pending": False}
    ClosingPart.objects.create(**part, lapses=THIRD, points=7)
    owed = ClosingPart.objects.create(**{**part, "source": "debt"}, lapses=None, points=-7)
    with breaks("tiers_closingpart_once"):
        ClosingPart.objects.create(**part, lapses=THIRD, points=8)
    with breaks("tiers_closingpart_once"):
        ClosingPart.objects.create(**{**part, "source": "debt"}, lapses=None, points=-1)
    for change in ({"points": 7}, {"is_pending": True}, {"lapses": THIRD}):
        with breaks("tiers_closingpart_held_or_owed"):
            ClosingPart.objects.filter(id=owed.id).update(**change)
    first = {"closing": closing, "earned": 7, "redeemed": 0, "expired": 0, "last": THIRD}
    march, april = dt.date(2026, 3, 1), dt.date(2026, 4, 1)
    ClosingCohort.objects.create(**first, cohort=march, month=april)
    with breaks("tiers_closingcohort_once"):
        ClosingCohort.objects.create(**first, cohort=march, month=april)
    for cohort, month in ((april, march), (march, dt.date(2026, 4, 2)), (THIRD, april)):
        with breaks("tiers_closingcohort_by_month"):
            ClosingCohort.objects.create(**first, cohort=cohort, month=month)
    closing.delete()
    assert not ClosingPart.objects.exists() and not ClosingCohort.objects.exists()


def test_previews_are_over_or_open_one_at_a_time_and_kept_as_they_were(ann, noon):
    draft = tiers_actions.start_draft(at=noon, actor="staff:1")
    row = {"version_id": draft, "effective_on": THIRD, "terms_digest": b"x", "actor": "staff:1", "requested_at": noon}
    for change in ({"state": "done"}, {"finished_at": noon}, {"state": "failed"}):
        with breaks("tiers_ladderpreview_finished_when_over"):
            LadderPreview.objects.create(**row | change)
    one = LadderPreview.objects.create(**row)
    with breaks("tiers_ladderpreview_one_open"):
        LadderPreview.objects.create(**row)
    LadderPreview.objects.filter(id=one.id).update(state="done", finished_at=noon, result={"members": 1})
    with refused("is over: UPDATE is refused"):
        LadderPreview.objects.filter(id=one.id).update(result={})
    tiers_actions.save_settings(version_id=draft, settings=Settings(grace_days=9), at=noon, actor="staff:1")
    tiers_actions.publish(version_id=draft, effective_on=THIRD, note=NOTE, at=noon, actor="staff:1")
    for deed in (
        lambda: LadderPreview.objects.filter(id=one.id).update(result={}),
        lambda: LadderPreview.objects.filter(id=one.id).delete(),
        lambda: LadderPreview.objects.create(**row),
    ):
        with refused("of its previews is refused"):
            deed()
