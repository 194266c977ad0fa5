"""A draft is changed tier by tier: what others changed meanwhile is not written over, and every change is kept."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kit.models import AuditRow
from tests.tiers.published import NOTE, tier_drafts
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers.actions import TierDraft
from tiers.enums import Join, Look
from tiers.models import Tier
from tiers.rules import Requirement
from tiers.rules.drafts import free_code

pytestmark = pytest.mark.django_db

JADE = TierDraft(
    code="jade",
    names={"en": "Jade", "zh-hans": "翡翠卡", "zh-hant": "翡翠卡"},
    look=Look.JADE,
    icon="star",
    multiplier=Decimal("4.5"),
    reach=Requirement(Decimal(30000), 9, join=Join.ALL),
)


@pytest.fixture
def draft(programme, noon):
    return tiers_actions.start_draft(at=noon, actor="staff:1")


@pytest.fixture
def deed(draft, noon):
    return {"version_id": draft, "at": noon, "actor": "staff:1"}


def codes(draft):
    return list(Tier.objects.filter(version_id=draft).order_by("rank").values_list("code", flat=True))


def rows():
    return list(Tier.objects.order_by("version_id", "rank").values())


def test_a_tier_is_put_on_top_and_changed_in_its_place(draft, deed):
    tiers_actions.save_tier(tier=JADE, **deed)
    assert codes(draft) == ["member", "silver", "gold", "diamond", "jade"]
    tiers_actions.save_tier(tier=replace(JADE, multiplier=Decimal(5)), replaces="jade", **deed)
    assert TierDraft.of(Tier.objects.get(code="jade")) == replace(JADE, multiplier=Decimal(5))
    row = AuditRow.objects.latest("id")
    assert (row.deed, row.was, row.becomes) == (
        "ladder.tier_saved", {"tier": "jade", "multiplier": "4.5"}, {"multiplier": "5"},
    )  # fmt: skip
    count = AuditRow.objects.count()
    tiers_actions.save_tier(tier=replace(JADE, multiplier=Decimal(5)), replaces="jade", **deed)
    assert AuditRow.objects.count() == count


def test_what_somebody_else_changed_is_not_written_over(draft, deed):
    seen = tiers_queries.get_ladder_version(draft).tier_digests["gold"]
    gold = replace(tier_drafts()[2], icon="star")
    tiers_actions.save_tier(tier=gold, replaces="gold", seen=seen, **deed)
    before = rows()
    with pytest.raises(tiers_actions.DraftChanged):
        tiers_actions.save_tier(tier=replace(gold, icon="sun"), replaces="gold", seen=seen, **deed)
    settings = tiers_queries.get_ladder_version(draft).settings_digest
    tiers_actions.save_settings(settings=tiers_actions.Settings(grace_days=3), seen=settings, **deed)
    with pytest.raises(tiers_actions.DraftChanged):
        tiers_actions.save_settings(settings=tiers_actions.Settings(grace_days=4), seen=settings, **deed)
    assert rows() == before


def test_tiers_are_moved_and_taken_out(draft, deed):
    for _ in range(2):
        tiers_actions.order_tiers(codes=["member", "gold", "silver", "diamond"], **deed)
        assert codes(draft) == ["member", "gold", "silver", "diamond"]
    tiers_actions.remove_tier(code="gold", **deed)
    before = rows()
    for refused in (
        lambda: tiers_actions.remove_tier(code="gold", **deed),
        lambda: tiers_actions.order_tiers(codes=["member", "silver"], **deed),
        lambda: tiers_actions.save_tier(tier=JADE, replaces="gold", **deed),
    ):
        with pytest.raises(tiers_actions.NoSuchTierInDraft):
            refused()
    assert rows() == before
    for code in ("silver", "diamond"):
        tiers_actions.remove_tier(code=code, **deed)
    with pytest.raises(tiers_actions.BadSettings):
        tiers_actions.remove_tier(code="member", **deed)
    assert codes(draft) == ["member"]


def test_a_code_stands_once_and_a_published_version_is_not_changed(draft, deed, noon):
    with pytest.raises(tiers_actions.BadSettings):
        tiers_actions.save_tier(tier=replace(JADE, code="gold"), **deed)
    tiers_actions.save_tier(tier=JADE, **deed)
    tiers_actions.publish(version_id=draft, effective_on=noon.date(), note=NOTE, at=noon, actor="staff:1")
    before = rows()
    for refused in (
        lambda: tiers_actions.save_tier(tier=JADE, replaces="jade", **deed),
        lambda: tiers_actions.remove_tier(code="jade", **deed),
        lambda: tiers_actions.order_tiers(codes=codes(draft), **deed),
    ):
        with pytest.raises(tiers_actions.NoDraft):
            refused()
    assert rows() == before


def test_a_draft_like_an_old_version_rolls_back(draft, deed, noon):
    tiers_actions.save_tier(tier=JADE, **deed)
    tiers_actions.publish(version_id=draft, effective_on=noon.date(), note=NOTE, at=noon, actor="staff:1")
    again = tiers_actions.start_draft(copy_of=1, at=noon, actor="staff:1")
    assert codes(again) == ["member", "silver", "gold", "diamond"]
    tiers_actions.discard_draft(version_id=again, at=noon, actor="staff:1")
    with pytest.raises(tiers_queries.NoLadder):
        tiers_actions.start_draft(copy_of=9, at=noon, actor="staff:1")
    assert tiers_queries.find_ladder_draft("main") is None


@pytest.mark.parametrize(
    ("name", "taken", "code"),
    [
        ("Jade & Co", [], "jade-co"),
        ("Gold", ["gold"], "gold-2"),
        ("Gold", ["gold", "gold-2"], "gold-3"),
        ("翡翠", [], "tier"),
        ("翡翠", ["tier"], "tier-2"),
    ],
)
def test_a_new_tier_has_a_code_of_its_own(name, taken, code):
    assert free_code(name, taken) == code
