"""A ladder is written as a draft, published from a date on, and frozen."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from kit.models import AuditRow
from members.rules import MemberReference
from tests.flows.shop import DAY, place
from tests.kit.broken import refused
from tests.tiers.published import NOTE, publish, tier_drafts
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers.actions import Settings
from tiers.enums import AtEnd, Join, OnRefund, Rounding, Start, Window
from tiers.models import Ladder, LadderVersion, Standing, Tier
from tiers.rules import Requirement

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 3)


@pytest.fixture
def draft(programme, noon):
    return tiers_actions.start_draft(at=noon, actor="staff:1")


def rows():
    return [list(model.objects.order_by("id").values()) for model in (Ladder, LadderVersion, Tier)]


def test_a_draft_begins_with_what_is_published_and_there_is_one(draft, noon):
    assert tiers_actions.start_draft(at=noon, actor="staff:2") == draft
    version = LadderVersion.objects.get(id=draft)
    assert (version.number, version.published_at, version.effective_on) == (2, None, TODAY + DAY)
    assert tiers_queries.terms_of(version).rungs[1].reach == tiers_queries.terms_on(TODAY).rungs[1].reach
    assert [terms.version_id for terms in tiers_queries.versions_of()] != [draft]


def test_every_setting_and_tier_is_kept_as_it_was_saved(draft, noon):
    settings = Settings(
        Window.CALENDAR_YEAR, 0, Start.NEXT_PERIOD, 6, Rounding.MONTH, AtEnd.ONE_STEP, 20, True, 14,
        OnRefund.RE_EVALUATE, 60, 3,
    )  # fmt: skip
    asked = Requirement(Decimal("1.500"), 2, 3, 4, 5, 6, Join.ALL)
    others = {"keep": replace(asked, years=1), "re_enter": replace(asked, years=9), "never_lost": True}
    changed = tier_drafts({"silver": {"reach": asked, **others}, "gold": {"by_invitation": True}})
    tiers_actions.save_settings(version_id=draft, settings=settings, at=noon, actor="staff:1")
    tiers_actions.save_tiers(version_id=draft, tiers=changed, at=noon, actor="staff:1")
    version = LadderVersion.objects.get(id=draft)
    assert Settings(**{name: getattr(version, name) for name in Settings.__dataclass_fields__}) == settings
    terms = tiers_queries.terms_of(version)
    silver, gold = terms.rungs[1:3]
    assert (silver.reach, silver.keep.years, silver.re_enter.years) == (asked, 1, 9)
    assert (silver.never_lost, gold.never_lost, silver.by_invitation, gold.by_invitation) == (True, False, False, True)
    assert gold.re_enter is None and terms.uses == set(asked.__dataclass_fields__) - {"join"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("window_days", 0), ("window_days", -1), ("validity_months", 0), ("grace_days", -1), ("notice_days", 40_000)],
)
def test_settings_that_cannot_be_are_refused(draft, noon, name, value):
    before = rows()
    with pytest.raises(tiers_actions.BadSettings, match=name):
        tiers_actions.save_settings(
            version_id=draft, settings=replace(Settings(), **{name: value}), at=noon, actor="staff:1"
        )
    assert rows() == before


@pytest.mark.parametrize(
    "drafts",
    [
        [],
        [*tier_drafts(), tier_drafts()[1]],
        tier_drafts({"gold": {"multiplier": Decimal(-1)}}),
        tier_drafts({"gold": {"reach": Requirement(orders=-1)}}),
    ],
)
def test_tiers_that_cannot_be_are_refused(draft, noon, drafts):
    before = rows()
    with pytest.raises(tiers_actions.BadSettings):
        tiers_actions.save_tiers(version_id=draft, tiers=drafts, at=noon, actor="staff:1")
    assert rows() == before


def test_a_draft_is_published_from_a_date_on_and_frozen(draft, noon):
    harder = tier_drafts({"silver": {"reach": Requirement(Decimal(2000)), "keep": Requirement(Decimal(2000))}})
    tiers_actions.save_tiers(version_id=draft, tiers=harder, at=noon, actor="staff:1")
    publishing = {"version_id": draft, "effective_on": TODAY + 7 * DAY, "note": NOTE, "at": noon, "actor": "staff:1"}
    published = tiers_actions.publish(**publishing)
    assert tiers_actions.publish(**publishing) == published
    assert tiers_queries.terms_on(TODAY + 6 * DAY).version_id != draft
    assert tiers_queries.terms_on(TODAY + 7 * DAY) == published
    assert LadderVersion.objects.get(id=draft).note == NOTE
    assert AuditRow.objects.filter(deed="ladder.published").count() == 1
    for deed, more in (
        (tiers_actions.save_tiers, {"tiers": harder}),
        (tiers_actions.save_settings, {"settings": Settings()}),
        (tiers_actions.discard_draft, {}),
        (tiers_actions.publish, {"effective_on": TODAY + 8 * DAY, "note": NOTE}),
    ):
        with pytest.raises(tiers_actions.NoDraft):
            deed(version_id=draft, **more, at=noon, actor="staff:1")
    with refused("is published: UPDATE is refused"):
        LadderVersion.objects.filter(id=draft).update(notice_days=9)


def test_what_is_not_ready_is_not_published(draft, noon):
    publishing = {"version_id": draft, "effective_on": TODAY, "note": NOTE, "at": noon, "actor": "staff:1"}
    with pytest.raises(tiers_actions.NothingChanged):
        tiers_actions.publish(**publishing)
    tiers_actions.save_settings(version_id=draft, settings=Settings(grace_days=10), at=noon, actor="staff:1")
    with pytest.raises(tiers_actions.TooEarly, match="2026-03-03"):
        tiers_actions.publish(**{**publishing, "effective_on": TODAY - DAY})
    for missing in NOTE:
        with pytest.raises(tiers_actions.NoteMissing):
            tiers_actions.publish(**{**publishing, "note": {**NOTE, missing: " "}})
    broken = tier_drafts({"gold": {"reach": Requirement()}})
    tiers_actions.save_tiers(version_id=draft, tiers=broken, at=noon, actor="staff:1")
    with pytest.raises(tiers_actions.NotReady, match="unreachable"):
        tiers_actions.publish(**publishing)
    assert len(tiers_queries.versions_of()) == 1


def test_a_version_does_not_begin_before_the_one_it_replaces(programme, noon):
    publish(TODAY + 30 * DAY, grace_days=10)
    second = tiers_actions.start_draft(at=noon, actor="staff:1")
    tiers_actions.save_settings(version_id=second, settings=Settings(grace_days=11), at=noon, actor="staff:1")
    with pytest.raises(tiers_actions.TooEarly, match="2026-04-02"):
        tiers_actions.publish(version_id=second, effective_on=TODAY, note=NOTE, at=noon, actor="staff:1")


def test_a_draft_is_thrown_away_once(draft, noon):
    for _ in range(2):
        tiers_actions.discard_draft(version_id=draft, at=noon, actor="staff:1")
    assert LadderVersion.objects.count() == 1 and Tier.objects.count() == 4
    assert AuditRow.objects.filter(deed="ladder.discarded").count() == 1
    with pytest.raises(tiers_actions.NoDraft):
        tiers_actions.publish(version_id=draft, effective_on=TODAY, note=NOTE, at=noon, actor="staff:1")


def test_a_draft_needs_something_to_begin_with(db, noon):
    with pytest.raises(tiers_queries.NoLadder):
        tiers_actions.start_draft(at=noon, actor="staff:1")


def test_a_second_ladder_stands_beside_the_main_one(join, noon):
    ann = join("ann").id
    club = publish(TODAY, ladder="club", rungs={"silver": {"reach": Requirement(orders=1)}})
    assert tiers_queries.ladders_in_force(TODAY - DAY) == ["main"]
    assert tiers_queries.ladders_in_force(TODAY) == ["main", "club"]
    tiers_actions.join(member_id=ann, cause="join", at=noon, actor="test", ladder="club")
    place("1", ["10"], noon)
    outcome = tiers_actions.evaluate(member_id=ann, cause="order:web:1", at=noon, actor="test", ladder="club")
    assert outcome is None, "the order has been decided on every ladder"
    repeat = {"member_id": ann, "at": noon, "actor": "test"}
    tiers_actions.join_everywhere(cause="join", **repeat)
    tiers_actions.evaluate_everywhere(cause="order:web:1", **repeat)
    assert Standing.objects.filter(member_id=ann, seq__gt=2).count() == 0, "a repeat decides nothing"
    on_club = Standing.objects.select_related("tier").get(member_id=ann, ladder__code="club")
    assert (on_club.rank, on_club.tier.version_id) == (1, club.version_id)
    assert tiers_queries.standings_of([ann])[ann].tier.code == "member"
    assert tiers_queries.tier_before(ann, noon + DAY, "x").code == "member"


def test_the_lowest_tier_earns_as_the_ladder_in_force_says(join, noon):
    """It has no end to which it would be kept; what was earned before stays."""
    ann = join("ann").id
    publish(TODAY + 10 * DAY, rungs={"member": {"multiplier": Decimal("1.5")}})
    first = place("1", ["100"], noon)
    later = place("2", ["100"], noon + 20 * DAY)
    assert (first.points, later.points) == (100, 150)
    assert tiers_queries.tier_before(ann, noon + 9 * DAY, "x").multiplier == 1
    assert tiers_queries.tier_before(ann, noon + 10 * DAY, "x").multiplier == Decimal("1.5")


def test_tiers_are_kept_by_their_holders_until_the_end_of_validity(join, noon):
    """The tier of an old version is held, multiplier and all, until its own end; then the new version decides."""
    ann, bob = join("ann").id, join("bob").id
    place("1", ["1000"], noon)
    place("2", ["1000"], noon, who=MemberReference(external_id="c-bob"))
    asked = Requirement(Decimal(2000))
    publish(TODAY + 10 * DAY, rungs={"silver": {"multiplier": Decimal("1.5"), "reach": asked, "keep": asked}})
    place("3", ["500"], noon + 20 * DAY)
    assert tiers_queries.tier_before(ann, noon + 30 * DAY, "x").multiplier == 2
    assert tiers_queries.get_standing(ann, noon + 41 * DAY).tier.multiplier == 2
    assert tiers_queries.get_standing(bob, noon + 41 * DAY).keep[0][1] == 2000  # what he will be asked
