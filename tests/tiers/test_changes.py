"""What a version changes against another: each difference, what members make of it, and its words."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils.translation import override

from membership_site import formats
from points.enums import Verdict
from tests.tiers.ladder import LADDER, ladder
from tests.tiers.published import publish
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers import rules, wording
from tiers.actions import Settings
from tiers.enums import AtEnd, Join, OnRefund, Rounding, Start, Window
from tiers.rules import Requirement, implies
from tiers.rules.drafts import differences, easier

BETTER, WORSE, SAME = Verdict.BETTER, Verdict.WORSE, Verdict.SAME


def need(spend=None, orders=None, **rest):
    return Requirement(Decimal(spend) if spend is not None else None, orders, **rest)


ALL_OF = need(1000, 5, join=Join.ALL)
ANY_OF = need(1000, 5)


@pytest.mark.parametrize(
    ("was", "now", "verdict"),
    [
        (need(1000), need(800), BETTER),
        (need(1000), need(1200), WORSE),
        (need(1000), need(1000), SAME),
        (need(1000), ANY_OF, BETTER),
        (ANY_OF, need(1000), WORSE),
        (need(1000), ALL_OF, WORSE),
        (ALL_OF, ANY_OF, BETTER),
        (ALL_OF, need(900, 5, join=Join.ALL), BETTER),
        (need(1000), need(orders=5), SAME),
        (need(), need(1000), BETTER),
        (need(1000), need(), WORSE),
        (need(), need(), SAME),
    ],
)
def test_easier_harder_or_neither(was, now, verdict):
    assert easier(was, now) is verdict


def test_what_is_implied_is_met():
    """Whatever meets the harder requirement meets the easier one, on every corner of the two."""
    some = [need(), need(1000), need(800), need(orders=5), ANY_OF, ALL_OF, need(800, 9), need(1200, 3, join=Join.ALL)]
    corners = [rules.Facts(Decimal(spend), orders, 0) for spend in (0, 800, 1000, 1200) for orders in (0, 3, 5, 9)]
    for harder in some:
        for easy in some:
            if implies(harder, easy):
                assert all(rules.met(easy, facts) for facts in corners if rules.met(harder, facts)), (harder, easy)


CASES = [
    (ladder(window_days=180), "window", WORSE),
    (ladder(window=Window.LIFETIME, window_days=0), "window", BETTER),
    (ladder(window=Window.CALENDAR_YEAR, window_days=0), "window", SAME),
    (ladder(start=Start.NEXT_PERIOD), "start", WORSE),
    (ladder(validity_months=6), "validity", WORSE),
    (ladder(rounding=Rounding.MONTH), "validity", BETTER),
    (ladder(at_end=AtEnd.ONE_STEP), "at_end", BETTER),
    (ladder(grace_days=10), "grace", WORSE),
    (ladder(grace_rounds_up=True), "grace", BETTER),
    (ladder(on_refund=OnRefund.RE_EVALUATE, protection_days=14), "protection", WORSE),
    (ladder(notice_days=60), "notice", BETTER),
    (ladder(rungs={"gold": {"multiplier": Decimal(5)}}), "multiplier", BETTER),
    (ladder(rungs={"gold": {"reach": need(4000)}}), "reach", SAME),
    (ladder(rungs={"gold": {"keep": need(9000)}}), "keep", WORSE),
    (ladder(rungs={"gold": {"re_enter": need(9000)}}), "re_enter", WORSE),
    (ladder(rungs={"gold": {"never_lost": True}}), "never_lost", BETTER),
    (ladder(rungs={"gold": {"by_invitation": True}}), "by_invitation", WORSE),
    (replace(LADDER, rungs=LADDER.rungs[:3]), "tier", WORSE),
]


@pytest.mark.parametrize(("after", "what", "verdict"), CASES, ids=lambda value: str(value)[:20])
def test_each_difference(after, what, verdict):
    found = differences(LADDER, after)
    assert [(one.what, one.verdict) for one in found] == [(what, verdict)]
    if what == "tier":
        assert [one.verdict for one in differences(after, LADDER)] == [BETTER]
    assert differences(LADDER, LADDER) == [] == differences(after, after)


def test_an_order_that_changes_is_one_difference():
    member, silver, gold, *rest = LADDER.rungs
    swapped = (member, replace(gold, rank=1), replace(silver, rank=2), *rest)
    assert [one.what for one in differences(LADDER, replace(LADDER, rungs=swapped))] == ["order"]


@pytest.mark.django_db
def test_what_members_are_told_in_each_language(programme, noon):
    """The note that is offered has every change that concerns them, in their language, and the date."""
    asked = need(1200)
    rungs = {"silver": {"reach": asked, "keep": asked, "names": {"en": "Argent", "zh-hans": "银", "zh-hant": "銀"}}}
    publish(noon.date(), rungs, notice_days=60, courtesies_a_month=3, drop=("diamond",))
    after, before = tiers_queries.list_ladder_versions("main")
    changes = wording.ladder_changes(before, after, formats)
    assert [change.what for change in changes if change.is_staffs] == ["Courtesies"]
    note = wording.ladder_announcement(before, after, formats, noon.date(), "en")
    for line in (
        "From 3 Mar 2026 on:",
        "No more: Tier Diamond. from CN¥15,000 or 15,000 growth value, × 4",
        "To reach Argent: CN¥1,200; before, CN¥1,000, 5 orders or 1,000 growth value",
        "Notice before a fall: nobody falls in its first 60 days; before, none: it may let fall from its first day on",
        "The tier you hold stays yours to its date.",
    ):
        assert line in note.splitlines(), note
    assert "Courtesies" not in note
    for language in ("zh-hans", "zh-hant"):
        with override("en"):
            said = wording.ladder_announcement(before, after, formats, noon.date(), language)
        assert "2026年3月3日" in said and "1,200" in said and "Tier" not in said and len(said.splitlines()) >= 5


@pytest.mark.django_db
def test_a_version_that_says_the_same_announces_nothing(programme, noon):
    draft = tiers_actions.start_draft(at=noon, actor="staff:1")
    tiers_actions.save_settings(version_id=draft, settings=Settings(courtesies_a_month=2), at=noon, actor="staff:1")
    before, after = tiers_queries.list_ladder_versions("main")[0], tiers_queries.get_ladder_version(draft)
    assert wording.ladder_announcement(before, after, formats, noon.date(), "en") == ""
