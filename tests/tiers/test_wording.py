"""Tier decisions in words: every kind says what counted, in which window, and what was asked for."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from django.utils import translation

from membership_site import formats
from tiers import wording
from tiers.enums import DecisionKind
from tiers.wording import decisions


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
    next_tier: Tier | None = None
    next_date: dt.date | None = None
    hold_kind: str = ""
    reason: str = ""
    asked: tuple[tuple[str, Decimal, Decimal], ...] = ()


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
    (
        Decided("upgrade", SILVER, reached_by="active_days", threshold=Decimal(30),
                asked=(("active_days", Decimal(30), Decimal(31)),)), "Up to Silver",
        ("Silver until 31 Mar 2027.",
         "Silver begins at 30 active days; you had 31 active days from 3 Apr 2025 to 2 Apr 2026."),
    ),
    (
        Decided("upgrade", SILVER, reached_by="all", threshold=None, window_starts_date=dt.date(1970, 1, 1),
                asked=(("spend", Decimal(1000), Decimal(5420)), ("years", Decimal(1), Decimal(2)),
                       ("referrals", Decimal(1), Decimal(1)))), "Up to Silver",
        ("Silver until 31 Mar 2027.",
         ("Silver begins with all of this: CN¥1,000, 1 year of membership and 1 friend referred; you had CN¥5,420, "
         "2 years of membership and 1 friend referred from the beginning to 2 Apr 2026.")),
    ),
    (
        Decided("renewal", SILVER, reached_by="all", threshold=None,
                asked=(("spend", Decimal(1000), Decimal(5420)), ("orders", Decimal(1), Decimal(4)))), "Silver kept",
        ("Silver until 31 Mar 2027.",
         ("Silver is kept with all of this: CN¥1,000 and 1 order; you had CN¥5,420 and 4 orders "
         "from 3 Apr 2025 to 2 Apr 2026.")),
    ),
    (
        Decided("upgrade", SILVER, reached_by="", threshold=None), "Up to Silver",
        ("Silver until 31 Mar 2027.", "Silver was reached in the period before."),
    ),
    (
        Decided("scheduled", MEMBER, next_tier=SILVER, next_date=dt.date(2026, 5, 1), until_date=None,
                threshold=Decimal(1000)), "Silver reached, begins later",
        ("Member, without an end.",
         "Silver begins at CN¥1,000; you had CN¥5,420 from 3 Apr 2025 to 2 Apr 2026.", "Silver begins on 1 May 2026."),
    ),
    (
        Decided("withdrawn", MEMBER, until_date=None, reached_by="", threshold=None), "The next tier was called off",
        ("Member, without an end.", "The order that had reached it was returned."),
    ),
    (
        Decided("extended", SILVER, SILVER, reached_by="", threshold=None), "Silver extended",
        ("Silver until 31 Mar 2027.", "Silver is not lost, even without reaching it again."),
    ),
    (
        Decided("extended", SILVER, SILVER, reached_by="", threshold=None, reason="Ill for months"), "Silver extended",
        ("Silver until 31 Mar 2027.", "Silver was extended as a courtesy."),
    ),
    (
        Decided("revalued", MEMBER, SILVER, until_date=None, reached_by="", threshold=None),
        "Back to Member after a return",
        ("Member, without an end.", "The order that had brought Silver was returned."),
    ),
    *(
        (
            Decided("granted", SILVER, reached_by="", threshold=None, hold_kind=kind, reason="VIP"), "Silver given",
            ("Silver until 31 Mar 2027.", said),
        )
        for kind, said in [
            ("manual", "Silver was given to you by us."),
            ("promotion", "Silver was given to you in a promotion."),
            ("invitation", "You were invited to Silver."),
        ]
    ),
    (
        Decided("ended", SILVER, GOLD, threshold=Decimal(1000)), "Silver after the end of what was given",
        ("Silver until 31 Mar 2027.", "gold, which was given to you, ended.",
         "Silver begins at CN¥1,000; you had CN¥5,420 from 3 Apr 2025 to 2 Apr 2026."),
    ),
    (
        Decided("ended", MEMBER, GOLD, until_date=None, reached_by="", threshold=None),
        "Member after the end of what was given", ("Member, without an end.", "gold, which was given to you, ended."),
    ),
    (
        Decided("restored", SILVER, MEMBER, reached_by="", threshold=None, reason="A file was cut off."),
        "Back to Silver",
        ("Silver until 31 Mar 2027.", "A review of tiers was taken back by us. You have Silver again, as before it."),
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
    assert set(decisions.REASONS) == set(DecisionKind)
    assert set(decisions.TITLES) == set(DecisionKind) - {DecisionKind.SCHEDULED}
    assert {decision.kind for decision, _title, _said in SAID} == set(DecisionKind)


def test_when_it_begins_stands_in_the_title_where_dates_can_be_said() -> None:
    """Lists have no room for a sentence."""
    later = Decided("scheduled", MEMBER, next_tier=SILVER, next_date=dt.date(2026, 5, 1))
    assert wording.decision_title(later, formats) == "Silver reached, begins 1 May 2026"


def test_the_reason_of_a_person_is_for_the_staff() -> None:
    """The member reads that it was given; the staff read why."""
    given = Decided("granted", SILVER, hold_kind="manual", reason="VIP", reached_by="", threshold=None)
    assert wording.staff_reasons(given, formats) == ("Silver was given to you by us.", "Reason: VIP")
    assert wording.staff_reasons(Decided("upgrade", SILVER), formats) == wording.reasons(
        Decided("upgrade", SILVER), formats
    )


def test_names_are_the_reader_s() -> None:
    """In his language, in English where it has none, else the code."""
    with translation.override("zh-hans"):
        assert wording.tier_name(SILVER) == "银卡"
        assert wording.tier_name(MEMBER) == "Member"
    assert wording.tier_name(GOLD) == "gold"
