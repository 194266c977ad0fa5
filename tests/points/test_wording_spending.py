"""Spending, holding, returning and giving in words: every step has its sentence, and the rows add up."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from membership_site import formats
from membership_site.flows import points_given, points_reserved
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from points.rules import redemption
from points.wording import entries as wording
from tests.flows.shop import DAY, give_back, place
from tests.points.starter import policy
from tests.points.test_wording import Line

ROOT = Path(__file__).resolve().parents[2]
HELD = {"code": "held", "points": 500}
OUT = "500 points were set aside for a checkout; those that expire soonest went first."
RESTORED = {"code": "restored", "order": "10:45", "spent": 500, "points": 500}

SAID = [
    (Line(-500, "reserve:x", [HELD], kind="redemption"), "Held for a checkout", [OUT]),
    (
        Line(500, "reserve:x", [{"code": "hold_released", "points": 500}], kind="restoration"),
        "Points returned",
        ["The checkout was given up, so 500 points came back to where they were."],
    ),
    (
        Line(1, "reserve:x", [{"code": "hold_lapsed", "points": 1}, {"code": "lapsed_meanwhile", "points": 1}]),
        "Points returned",
        [
            "The checkout was not finished in time, so 1 point came back to where they were.",
            "1 point of them had expired meanwhile and did not come back.",
        ],
    ),
    (
        Line(
            500,
            "order:web:10%3A45:refund:R:restored",
            [RESTORED, {"code": "date_kept", "points": 500, "until": "2026-12-31"}],
            kind="restoration",
        ),
        "Points restored",
        [
            "500 points had paid for order 10:45 and came back with its return.",
            "500 points of them can be used through 31 Dec 2026, as before.",
        ],
    ),
    (
        Line(
            120,
            "order:web:1:cancel:2:restored",
            [RESTORED | {"points": 120}, {"code": "courtesy", "points": 20, "until": "2026-03-18"}],
            kind="restoration",
        ),
        "Points restored",
        [
            "120 points of the 500 that had paid for order 10:45 came back with its return.",
            "20 points of them had expired meanwhile; they can be used through 18 Mar 2026 all the same.",
        ],
    ),
    (
        Line(-500, "order:web:1:edit:3:restored", [{"code": "taken_again", "points": 500}], kind="reversal"),
        "Order 1 changed",
        ["The order is paid after all, so 500 points that had come back were taken again."],
    ),
    (
        Line(-50, "gift:k", [{"code": "gift_to", "points": 50, "member": "M12"}], kind="transfer"),
        "Gift to M12",
        ["50 points were given to M12; those that expire soonest went first."],
    ),
    (
        Line(50, "gift:k", [{"code": "gift_from", "points": 50, "member": "M12"}], kind="transfer"),
        "Gift from M12",
        ["M12 gave 50 points; they expire on the dates they had."],
    ),
]


@pytest.mark.parametrize(("entry", "title", "sentences"), SAID, ids=lambda value: str(value)[:30])
def test_an_entry_says_how_it_came_about(entry: Line, title: str, sentences: list[str]) -> None:
    """Title, sentences, and a sum that adds up."""
    words = wording.explain(entry, formats)
    assert (words.title, list(words.sentences)) == (title, sentences)
    assert sum(row.points for row in words.steps) == entry.points


def test_why_an_order_takes_fewer_points_is_said() -> None:
    """Share, smallest coin and minimum, as checkout hears them."""

    def said(basis: int, wanted: int, exponent: int = 2) -> list[str]:
        off = redemption.points_for(policy(), Decimal(basis), wanted, exponent)
        return [wording.step_text(step, formats) for step in off.why]

    assert said(100, 9000) == ["Points pay for 50% of an order at most: CN¥50.00 here, for 5,000 points."]
    assert said(1000, 1250, 0) == ["1,200 points of 1,250 are used: the rest is less than the smallest coin."]
    assert said(100, 99) == ["100 points are the least that can be used."]
    assert said(100, 100) == []


def test_what_was_held_and_came_back_is_one_deed_that_sums_to_nought() -> None:
    """Side by side on the statement; another checkout is another deed."""
    rows = [SAID[1][0], SAID[0][0], Line(-9, "reserve:y", [HELD], kind="redemption")]
    (pair, other) = wording.by_deed(rows)
    assert [row.points for row in pair] == [500, -500] and other == [rows[2]]


def test_every_code_of_the_actions_has_a_sentence() -> None:
    """Actions write steps themselves where no rule does."""
    found = set()
    for path in ROOT.glob("points/actions/*.py"):
        found |= set(re.findall(r'"code": "(\w+)"', path.read_text(encoding="utf-8")))
    assert {"held", "gift_to", "gift_from"} <= found <= set(wording.SENTENCES)


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
def test_what_is_really_booked_is_said_and_adds_up(join, give, noon) -> None:
    """A life of checkouts, returns and gifts: a sentence for each step, rows that sum to the entry."""
    ann, bob = join("ann").id, join("bob").id
    give(ann, 100, "soon", lot=(noon.date(), noon.date() + 2 * DAY))
    give(ann, 900)
    held = [
        points_actions.reserve(member_id=ann, source_key=str(n), points=150, at=noon, actor="test") for n in range(3)
    ]
    points_reserved.confirm(reservation_id=held[0].id, source="web", order_id="1", at=noon, actor="test")
    points_actions.release(reservation_id=held[1].id, at=noon, actor="test")
    points_actions.lapse(member_id=ann, at=noon + DAY, actor="night")
    place("1", [("a", 2, "50")], noon)
    give_back("1", "R", {"a": 2}, noon + 5 * DAY)
    place("1", [("a", 3, "50")], noon, stated_at=noon + 6 * DAY)
    points_given.give(donor_id=ann, recipient_id=bob, points=10, gift_key="k", at=noon, actor="test")
    for row in (
        *points_queries.list_statement(ann, wallet=Wallet.POINTS),
        *points_queries.list_statement(bob, wallet=Wallet.POINTS),
    ):
        if row.explanation[0]["code"] != "test":
            words = wording.explain(row, formats)
            assert sum(step.points for step in words.steps) == row.points
            assert words.title and len(words.sentences) == len(row.explanation)
