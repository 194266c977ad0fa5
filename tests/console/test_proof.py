"""The proof sheet: it adds up, says so where it does not, and the alarm stands on every page until it does."""

import csv
import datetime as dt
import io
import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from kit import jobs
from kit.jobs import Night
from kit.models import JobRun
from membership_site.flows import nightly, proof
from points import queries as points_queries
from points.enums import EntryKind, Wallet
from points.models import Balance, Entry
from tests.conftest import NOON, enrol
from tests.flows import shop
from tests.kit.broken import run
from tests.night import world

from .conftest import Join, buy, crowd, give_back, queries_of, text_of

pytestmark = pytest.mark.django_db

PAGE, CSV = "/console/proof/", "/console/proof/sheet.csv"
MOST_QUERIES = 8
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def busy(module_programme: None) -> int:
    """Ann with four months of orders, a return, spending and an expiry."""
    today = NOON.date()
    ann = enrol("ann", NOON - dt.timedelta(days=130), reward=True)
    for number in range(5):
        buy("ann", f"A{number}", "59.90 200", NOON - dt.timedelta(days=120 - 20 * number))
    give_back("A3", "2", NOON - dt.timedelta(days=40))
    shop.use(ann.id, 150, NOON - dt.timedelta(days=30))
    world.give(ann.id, 70, (today - 20 * DAY, today - 9 * DAY), today - 20 * DAY)
    world.night(nightly.find_step("expire_lots"), today - DAY)
    return ann.id


def naive(first: dt.date, wallet: str) -> dict[dt.date, dict[str, int]]:
    """What each month moved, entry by entry."""
    months: dict[dt.date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry in Entry.objects.filter(wallet=wallet, business_date__gte=first):
        months[entry.business_date.replace(day=1)][entry.kind] += entry.points
    return {month: dict(lines) for month, lines in months.items()}


@pytest.mark.parametrize("wallet", list(Wallet))
def test_the_sheet_is_what_the_entries_say(busy: int, noon: dt.datetime, wallet: Wallet) -> None:
    first = dt.date(2025, 12, 1)
    sheet = points_queries.proof_sheets(first, noon.date())[wallet]
    assert sheet.is_even and not list(proof.violations_in_depth())
    assert [month.first.month for month in sheet.months] == [12, 1, 2, 3]
    expected = naive(first, wallet)
    for month in sheet.months:
        assert {kind: points for kind, points in month.lines.items() if points} == expected.get(month.first, {})
    before = sum(Entry.objects.filter(wallet=wallet, business_date__lt=first).values_list("points", flat=True))
    assert sheet.months[0].opening == before
    balance = Balance.objects.get(member_id=busy, wallet=wallet)
    assert sheet.closing == balance.available + balance.pending - balance.debt
    assert all(one.closing == two.opening for one, two in zip(sheet.months, sheet.months[1:], strict=False))


def test_an_empty_ledger_has_an_even_sheet(programme: None, noon: dt.datetime) -> None:
    sheets = points_queries.proof_sheets(noon.date(), noon.date())
    assert [(sheet.closing, sheet.is_even, len(sheet.months)) for sheet in sheets.values()] == [(0, True, 1)] * 2


def test_entries_that_count_ahead_are_not_left_out(busy: int, noon: dt.datetime) -> None:
    sheet = points_queries.proof_sheets(dt.date(2025, 11, 1), dt.date(2025, 12, 1))[Wallet.POINTS]
    assert sheet.is_even and sheet.months[-1].first == dt.date(2026, 2, 1)


def test_the_page_shows_it_and_the_file_agrees(enter: Callable[[str], Client], busy: int) -> None:
    client = enter("auditor")
    page = text_of(client.get(PAGE).content.decode())
    assert "<b>Equal.</b> The sheet closes with" in page and "December 2025" in page and "Taken back" in page
    assert "Transferred" not in page and "No night has sealed entries yet." in page
    answer = client.get(CSV + "?wallet=points&months=24")
    assert answer["Content-Type"].startswith("text/csv")
    assert answer["Content-Disposition"] == 'attachment; filename="proof-sheet-points-24-months.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 24 and {row["equal"] for row in rows} == {"yes"}
    for row in rows:
        lines = sum(int(row[kind]) for kind in EntryKind)
        assert int(row["opening"]) + lines == int(row["closing"])
        assert lines == int(row["lots_moved"]) - int(row["debt_moved"])
    assert f"{int(rows[-1]['closing']):,}" in page


def test_the_page_says_what_the_last_night_proved_and_sealed(enter: Callable[[str], Client], busy: int) -> None:
    for step in ("seal_entries", "proof"):
        world.night(nightly.find_step(step), dt.date(2026, 3, 2))
    page = text_of(enter("agent").get(PAGE + "?wallet=growth&months=60").content.decode())
    assert f"Night of 2 Mar 2026: Done, {proof.count_claims(in_depth=True)} claims proved." in page
    assert "new entries sealed under one root (members: 1)." in page
    assert re.search(r"<code class=\"key1\">[0-9a-f]{64}</code>", page)


@pytest.mark.parametrize("query", ["?wallet=miles&months=7", "?wallet=&months=", "?months=x"])
def test_what_is_not_offered_is_points_and_a_year(enter: Callable[[str], Client], busy: int, query: str) -> None:
    client = enter("operator")
    assert client.get(PAGE + query).status_code == 200
    assert "proof-sheet-points-12-months" in client.get(CSV + query)["Content-Disposition"]


def test_queries_do_not_grow(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    client = enter("operator")
    few, _ = queries_of(client, PAGE)
    crowd(join, 9, noon)
    world.night(nightly.find_step("seal_entries"), dt.date(2026, 3, 2))
    many, _ = queries_of(client, PAGE)
    assert few == many <= MOST_QUERIES


def break_entry(statement: str) -> None:
    """Will do behind the database's back what it refuses."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE points_entry DISABLE TRIGGER USER")
    assert run(statement) == 1
    run("ALTER TABLE points_entry ENABLE TRIGGER USER")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE points_entry SET points = points - 5 WHERE kind = 'redemption'", "the lines of 2026-02 come to"),
        ("UPDATE points_entry SET debt_change = 7 WHERE kind = 'redemption'", "7 of debt"),
        ("UPDATE points_entry SET lot_points[1] = 1 WHERE kind = 'redemption'", "the lines of 2026-02 come to"),
        ("UPDATE points_balance SET available = available + 3 WHERE wallet = 'points'", "points wallets close with"),
    ],
)
def test_what_does_not_add_up_is_said(enter: Callable[[str], Client], busy: int, statement: str, words: str) -> None:
    break_entry(statement)
    assert any(words in line for line in proof.violations_in_depth())
    assert "<b>Differs.</b>" in text_of(enter("operator").get(PAGE).content.decode())


# ---- the alarm


def test_a_failed_proof_is_on_every_page_until_one_holds(enter: Callable[[str], Client], busy: int, join: Join) -> None:
    operator, agent = enter("operator"), enter("agent")
    assert 'role="alert"' not in operator.get("/console/").content.decode()
    run("UPDATE points_balance SET available = available + 3 WHERE wallet = 'points'")
    assert jobs.run(nightly.find_step("proof"), Night(dt.date(2026, 3, 1))).state == "failed"
    for path in ("/console/", "/console/members/", f"/console/members/{join('bob').number}/", "/console/jobs/", PAGE):
        page = text_of(operator.get(path).content.decode())
        assert "The last proof of the books failed." in page and "wallet are not what its lots hold" in page, path
        assert 'href="/console/jobs/">See what it found</a>' in page
    page = text_of(agent.get("/console/").content.decode())
    assert "The last proof of the books failed." in page and "Tell an administrator." in page
    run("UPDATE points_balance SET available = available - 3 WHERE wallet = 'points' AND available > 3")
    assert jobs.run(nightly.find_step("proof"), Night(dt.date(2026, 3, 2))).state == "done"
    assert "The last proof of the books failed." not in operator.get("/console/").content.decode()


def test_what_a_proof_found_is_shown_as_text(enter: Callable[[str], Client], programme: None, noon: Any) -> None:
    JobRun.objects.create(
        step="proof", business_date=dt.date(2026, 3, 1), state="failed", started_at=noon, finished_at=noon,
        detail={"sentences": ["<b>9</b> & 3"]},
    )  # fmt: skip
    page = enter("operator").get("/console/").content.decode()
    assert "&lt;b&gt;9&lt;/b&gt; &amp; 3" in page
