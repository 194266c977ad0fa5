"""Tier decisions in words: every kind says what counted, in which window, and what was asked for."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from django.utils import translation

from membership_site import formats
from tiers import wording
from tiers.enums import DecisionKind


@dataclass(frozen=True)
class Tier:
    """A tier as wording needs it."""

    code: str
    names: dict[str, str] = field(default_factory=dict)


MEMBER, SILVER, GOLD = (
    Tier("member", {"en": "Member"}),
    Tier("silver", {"en": "Silver", "zh-hans": "银卡"}),
    Tier("gold"),
)


@dataclass(frozen=True)
class Decided:
    """A decision as wording needs it."""

    kind: str
    to_tier: Tier
    from_tier: Tier | None = MEMBER
    business_date: dt.date = dt.date(2026, 4, 2)
    window_starts_date: dt.date = dt.date(2025, 4, 3)
    until_before: dt.date | None = None
    until_date: dt.date | None = dt.date(2027, 3, 31)
    grace_date: dt.date | None = None
    spend: Decimal = Decimal("5420.000")
    orders: int = 4
    growth: int = 3200
    reached_by: str = "spend"
    threshold: Decimal | None = Decimal(5000)


SAID: list[tuple[Decided, str, tuple[str, ...]]] = [
    (
        Decided("joined", MEMBER, None, until_date=None, reached_by="", threshold=None),
        "Joined as Member", ("Member, without an end.", "Everybody begins as Member."),
    ),
    (
        Decided("upgrade", SILVER), "Up to Silver",
        ("Silver until 31 Mar 2027.", "Silver begins at CN¥5,000; you had CN¥5,420 from 3 Apr 2025 to 2 Apr 2026."),
    ),
    (
        Decided("renewal", GOLD, GOLD, reached_by="orders", threshold=Decimal("4.000")), "gold kept",
        ("gold until 31 Mar 2027.", "gold is kept with 4 orders; you had 4 orders from 3 Apr 2025 to 2 Apr 2026."),
    ),
    (
        Decided("grace", SILVER, SILVER, grace_date=dt.date(2027, 4, 30), reached_by="", threshold=None, orders=1),
        "Silver in grace",
        ("Silver ran until 31 Mar 2027 and stays until 30 Apr 2027.",
         "CN¥5,420, 1 order and 3,200 growth value from 3 Apr 2025 to 2 Apr 2026 were not enough to keep Silver.",
         "Reach it in grace and nothing is lost."),
    ),
    (
        Decided("downgrade", SILVER, GOLD, reached_by="growth", threshold=Decimal(1000)), "Down to Silver",
        ("Silver until 31 Mar 2027.",
         "CN¥5,420, 4 orders and 3,200 growth value from 3 Apr 2025 to 2 Apr 2026 were not enough to keep gold.",
         "Silver begins at 1,000 growth value."),
    ),
    (
        Decided("downgrade", MEMBER, SILVER, until_date=None, reached_by="", threshold=None), "Down to Member",
        ("Member, without an end.",
         "CN¥5,420, 4 orders and 3,200 growth value from 3 Apr 2025 to 2 Apr 2026 were not enough to keep Silver."),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("decision", "title", "said"), SAID, ids=lambda value: str(value)[:30])
def test_a_decision_gives_its_reasons(decision: Decided, title: str, said: tuple[str, ...]) -> None:
    """Where it left the member, until when, and why."""
    assert wording.decision_title(decision) == title
    assert wording.standing(decision, formats) == said
    assert wording.reasons(decision, formats) == said[1:]


def test_every_kind_of_decision_has_reasons() -> None:
    """A new kind needs words."""
    assert set(wording.REASONS) == set(DecisionKind)


def test_names_are_the_reader_s() -> None:
    """In his language, in English where it has none, else the code."""
    with translation.override("zh-hans"):
        assert wording.tier_name(SILVER) == "银卡"
        assert wording.tier_name(MEMBER) == "Member"
    assert wording.tier_name(GOLD) == "gold"
