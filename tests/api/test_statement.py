"""GET of the statement: newest first, every entry explained, paged without gaps, as it was at an earlier time."""

from typing import Any

import pytest

from tests.api.conftest import Shop, event, line, order, refund

pytestmark = pytest.mark.django_db

FIELDS = {
    "id", "at", "business_date", "kind", "points", "wallet", "source_key", "balance_after", "expires_on", "explanation",
}  # fmt: skip


@pytest.fixture
def number(shop: Shop, join: Any) -> str:
    """Ann, with an order of three lines, a return and a review: ten entries in two wallets."""
    ann = join("ann")
    lines = (line("1", "600.50"), line("2", "499.70"), line("3", "10"))
    shop.put("/orders/web/1", order(*lines, placed_at="2026-03-02T10:00:00+08:00"))
    shop.put("/orders/web/1/refunds/R1", refund(("1", 1), refunded_at="2026-03-03T09:00:00+08:00"))
    shop.post("/events", event())
    return str(ann.number)


def test_entries_come_newest_first_with_their_explanation(shop: Shop, number: str) -> None:
    """Exactly the contract's fields; ids are wallet and sequence."""
    page = shop.get(f"/members/{number}/statement", Accept_Language="en").json()
    assert set(page) == {"entries", "next_cursor"} and page["next_cursor"] is None
    entries = page["entries"]
    assert all(set(entry) == FIELDS for entry in entries)
    assert [entry["id"] for entry in entries] == [
        "points-5", "growth-5", "points-4", "growth-4", "points-3", "growth-3", "points-2", "growth-2", "points-1",
        "growth-1",
    ]  # fmt: skip
    assert [entry["at"] for entry in entries] == sorted((entry["at"] for entry in entries), reverse=True)
    assert entries[0] == {
        "id": "points-5", "at": "2026-03-03T04:00:00Z", "business_date": "2026-03-03", "kind": "accrual", "points": 20,
        "wallet": "points", "source_key": "event:web:e1", "balance_after": 530, "expires_on": "2027-03-31",
        "explanation": [
            {"text": "Review earns 20 points.", "code": "event", "type": "review", "points": 20, "growth": 10}
        ],
    }  # fmt: skip
    returned = entries[2]
    assert (returned["kind"], returned["points"], returned["expires_on"]) == ("reversal", -600, None)
    assert returned["explanation"][0]["text"] == "1 of 1 returned; of 600 points this line keeps 0."


def test_pages_follow_each_other_without_gap_or_repeat(shop: Shop, number: str) -> None:
    """Entries of one instant in both wallets too."""
    whole = shop.get(f"/members/{number}/statement").json()["entries"]
    for limit in (1, 2, 3, 7):
        found: list[Any] = []
        cursor: str | None = ""
        while cursor is not None:
            page = shop.get(f"/members/{number}/statement?limit={limit}&cursor={cursor}").json()
            assert len(page["entries"]) <= limit
            found += page["entries"]
            cursor = page["next_cursor"]
        assert found == whole


PAST = {
    "2026-03-01": 0,
    "2026-03-02": 6,
    "2026-03-02T09:59:59%2B08:00": 0,
    "2026-03-02T10:00:00%2B08:00": 6,
    "2026-03-02T10:00:00+08:00": 6,
    "2026-03-03T01:00:00Z": 8,
    "2026-03-03": 10,
}


def test_the_past_is_as_it_was(shop: Shop, number: str) -> None:
    """A date is its end; an offset's plus may come as a space."""
    for as_of, count in PAST.items():
        entries = shop.get(f"/members/{number}/statement?as_of={as_of}").json()["entries"]
        assert len(entries) == count, as_of


WRONG = (
    "limit=0", "limit=201", "limit=x", "limit=-1", "cursor=x", "cursor=%00", "cursor=%E7%A7%AF", "cursor=" + "A" * 300,
    "cursor=MjAyNi0wMy0wM1QwNDowMDowMH4zfnBvaW50cw", "cursor=MDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OX4zfnBvaW50cw",
    "as_of=2026-02-30", "as_of=0202-01-01", "as_of=9999-12-31", "as_of=yesterday", "as_of=2027-01-01", "as_of=%00",
    "as_of=2026-03-03T12:00:00",
)  # fmt: skip


def test_a_page_that_cannot_be_is_refused(shop: Shop, number: str) -> None:
    """422 at the parameter."""
    for query in WRONG:
        answer = shop.get(f"/members/{number}/statement?{query}")
        assert answer.status_code == 422, answer.content
        assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_nobody_s_statement_is_a_404(shop: Shop) -> None:
    """Unknown number."""
    assert shop.get("/members/M1/statement").status_code == 404


def test_amounts_in_the_facts_have_the_currency_s_decimals(shop: Shop, number: str) -> None:
    """Money is text with two decimals for CNY, the multiplier without noughts."""
    entries = shop.get(f"/members/{number}/statement").json()["entries"]
    step = next(entry["explanation"][0] for entry in entries if entry["source_key"] == "order:web:1:line:1")
    assert step == step | {"basis": "600.50", "code": step["code"]}
    assert {entry["explanation"][0].get("multiplier") for entry in entries} == {None, "1"}
