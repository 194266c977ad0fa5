"""What a ladder says and cannot mean: each finding has a ladder that draws it, and words."""

from dataclasses import replace
from decimal import Decimal

import pytest

from membership_site import formats
from tests.tiers.ladder import LADDER, ladder
from tiers import wording
from tiers.enums import Join, OnRefund, Severity
from tiers.rules import Requirement, lint
from tiers.wording import drafts

E, W = Severity.ERROR, Severity.WARNING
NAMES = {"member": "Member", "silver": "Silver", "gold": "Gold", "diamond": "Diamond"}


def need(**ways):
    return Requirement(**{metric: Decimal(way) if metric == "spend" else way for metric, way in ways.items()})


def both(requirement, **more):
    return {"reach": requirement, "keep": requirement, **more}


ALL_OF = Requirement(Decimal(1000), 5, join=Join.ALL)
CASES = [
    (replace(LADDER, rungs=()), E, "no_tiers", "", "The ladder has no tiers."),
    (
        ladder(rungs={"member": {"reach": need(spend=1)}}), E, "lowest_asks", "member",
        "Member is the lowest tier, which everybody has: it cannot ask for anything.",
    ),
    (
        ladder(rungs={"gold": both(Requirement(), never_lost=True)}), E, "unreachable", "gold",
        "Nobody can reach Gold: it has no threshold and is not by invitation.",
    ),
    (
        ladder(rungs={"gold": {"by_invitation": True}}), E, "invitation_with_thresholds", "gold",
        "Gold is by invitation: its thresholds would do nothing.",
    ),
    (
        ladder(rungs={"silver": both(need(orders=0))}), E, "asks_nothing", "silver",
        "Silver has a threshold of nought, which everybody reaches.",
    ),
    (
        ladder(rungs={"gold": both(need(spend=900, orders=5, growth=1000))}), E, "never_stood_on", "silver",
        "Nobody would ever be Silver: whoever reaches it reaches Gold too.",
    ),
    (
        ladder(rungs={"silver": both(ALL_OF), "gold": both(need(orders=5))}), E, "never_stood_on", "silver",
        "Nobody would ever be Silver: whoever reaches it reaches Gold too.",
    ),
    (
        ladder(rungs={"gold": both(need(spend=5000, orders=5))}), W, "easier_than_below", "gold",
        "Gold asks for 5 orders, no more than Silver with 5 orders.",
    ),
    (ladder(rungs={"gold": {"keep": Requirement()}}), W, "never_kept", "gold",
     "Nobody can keep Gold: it asks for nothing to keep it."),
    (
        ladder(keep={"gold": need(spend="5000.01")}), W, "keep_above_reach", "gold",
        "To keep Gold takes CN¥5,000.01, more than the CN¥5,000 that reach it.",
    ),
    (
        ladder(rungs={"gold": {"re_enter": need(spend=4000)}}), W, "re_enter_below_keep", "gold",
        "To keep Gold takes CN¥5,000, more than the CN¥4,000 to come back to it.",
    ),
    (
        ladder(rungs={"gold": {"multiplier": Decimal(2)}}), W, "multiplier_not_growing", "gold",
        "Gold earns no more points than Silver.",
    ),
    (
        ladder(protection_days=7), W, "protection_without_effect", "",
        "The protection does nothing as long as a return leaves the tier.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("terms", "severity", "code", "tier", "said"), CASES, ids=lambda value: str(value)[:24])
def test_a_finding_and_its_words(terms, severity, code, tier, said):
    found = [one for one in lint.lint(terms) if one.code == code]
    assert [(one.severity, one.tier) for one in found] == [(severity, tier)]
    assert wording.finding(found[0], NAMES, formats) == said
    assert bool(lint.errors(lint.lint(terms))) == (severity is E)


def test_a_tier_that_goes_is_said():
    without = replace(LADDER, rungs=(LADDER.rungs[0], *LADDER.rungs[2:]))
    [gone] = [one for one in lint.lint(without, LADDER) if one.code == "tier_gone"]
    assert (gone.severity, gone.tier) == (W, "silver")
    assert wording.finding(gone, NAMES, formats).startswith("Silver is gone")


def test_a_notice_that_gets_shorter_is_said():
    [shorter] = lint.lint(ladder(notice_days=10), ladder(notice_days=60))
    assert (shorter.severity, shorter.code) == (W, "notice_shorter")
    assert (
        wording.finding(shorter, NAMES, formats)
        == "Members were promised 60 days before a fall, and this says 10 days."
    )
    assert not lint.lint(ladder(notice_days=60), ladder(notice_days=10))


def test_every_finding_has_words_and_a_case():
    assert {code for _, _, code, _, _ in CASES} | {"tier_gone", "notice_shorter"} == set(drafts.FINDINGS)


@pytest.mark.parametrize(
    "terms",
    [
        LADDER,
        ladder(protection_days=7, on_refund=OnRefund.RE_EVALUATE),
        ladder(rungs={"diamond": {"by_invitation": True, "reach": Requirement(), "keep": Requirement()}}),
        ladder(rungs={"silver": both(need(orders=5)), "gold": both(ALL_OF)}),
        ladder(rungs={"silver": both(ALL_OF), "gold": both(Requirement(Decimal(1000), 6, join=Join.ALL))}),
        ladder(rungs={"gold": {"keep": Requirement(), "never_lost": True}}),
    ],
    ids=range(6),
)
def test_nothing_is_found_where_nothing_is_wrong(terms):
    assert lint.lint(terms, LADDER) == []
