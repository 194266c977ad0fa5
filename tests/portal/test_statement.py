"""The points history: filtered, by month, paged by key - every entry once, every sum true."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils.http import urlencode

from kit.paging import read_row
from members.models import Account, Member
from membership_site.flows import points_given
from membership_site.portal.pages import statement
from membership_site.portal.pages.statement import Filter, History, history
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from tests.conftest import NOON, enrol

from .conftest import check_in, give_back, order

pytestmark = pytest.mark.django_db

QUERIES = 16


def pages(member: Member, shown: Filter, at: dt.datetime) -> Iterator[History]:
    """Will turn the pages as a reader would, by the address of each next one."""
    before = None
    for _ in range(200):
        page = history(member.id, shown, before, at)
        yield page
        if not page.older:
            return
        query = dict(part.split("=") for part in page.older.split("&"))
        before = read_row(query["before"].replace("%3A", ":").replace("%2B", "+").replace("%7E", "~"))
        assert before is not None
    raise AssertionError("the pages never end")


@pytest.fixture(scope="module")
def ann(module_programme: None) -> Member:
    """A member for a year and some days, with her welcome points."""
    return enrol("ann", NOON - dt.timedelta(days=400), reward=True)


@pytest.fixture(scope="module")
def busy(ann: Member) -> Member:
    """Five months of orders with up to seven lines, a return, and check-ins."""
    for number in range(25):
        amounts = [f"{10 + line}.30" for line in range(1 + number % 7)]
        order(f"A{number}", amounts, NOON - dt.timedelta(days=150 - 6 * number))
    give_back("A22", "2", NOON - dt.timedelta(days=10))
    for day in range(9):
        check_in(NOON - dt.timedelta(days=9 - day, hours=2))
    return ann


@pytest.mark.parametrize("rows_max", [1, 2, 5, 13, 60, 500])
@pytest.mark.parametrize("shown", list(Filter))
def test_every_entry_is_on_exactly_one_page(
    busy: Member, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch, rows_max: int, shown: Filter
) -> None:
    """However small the pages; an order's lines stay together unless it alone is longer than a page."""
    monkeypatch.setattr(statement, "ROWS_MAX", rows_max)
    told = [entry for page in pages(busy, shown, noon) for month in page.months for entry in month.entries]
    wallet = Wallet.GROWTH if shown is Filter.GROWTH else Wallet.POINTS
    rows = points_queries.list_statement(busy.id, wallet=wallet, kinds=statement.KINDS[shown], limit=10_000)
    assert sum(len(entry.lines) for entry in told) == len(rows)
    assert sum(entry.points for entry in told) == sum(row.points for row in rows)
    if rows_max >= 7:
        titles = [(entry.title, entry.at) for entry in told if entry.title.startswith("Order")]
        assert len(titles) == len(set(titles))


@pytest.mark.parametrize("rows_max", [5, 13, 60])
def test_a_sum_is_shown_only_for_a_whole_month(
    busy: Member, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch, rows_max: int
) -> None:
    """And then it is the month's, held points apart."""
    rows = points_queries.list_statement(busy.id, wallet=Wallet.POINTS, limit=10_000)
    monkeypatch.setattr(statement, "ROWS_MAX", rows_max)
    seen = 0
    for page in pages(busy, Filter.ALL, noon):
        for month in page.months:
            own = [row.points for row in rows if row.business_date.replace(day=1) == month.first]
            if month.whole:
                seen += 1
                assert month.plus + month.held + month.minus == sum(own)
            else:
                assert sum(entry.points for entry in month.entries) != sum(own) or len(month.entries) < len(own)
    assert seen or rows_max < 13


def test_the_page_filters(browse: Client, busy: Member) -> None:
    """Each filter is an address; an unknown one shows all."""
    for query, wanted in (
        ("?show=earned", "Order A24"),
        ("?show=used", "Nothing of this kind"),
        ("?show=x", "Order A24"),
    ):
        answer = browse.get("/points/" + query)
        assert wanted in answer.content.decode()


@pytest.mark.parametrize("before", ["", "x", "2026-01-01~1", "2026-01-01T00:00:00+00:00~x", "~", "9" * 400])
def test_a_cursor_nobody_wrote_is_the_first_page(browse: Client, busy: Member, before: str) -> None:
    """Addresses are typed and cut off by people."""
    answer = browse.get("/points/?" + urlencode({"before": before}))
    assert answer.status_code == 200
    assert "Order A24" in answer.content.decode()


def test_a_return_explains_itself(browse: Client, busy: Member) -> None:
    """It is an entry of its own with the units returned."""
    page = " ".join(browse.get("/points/").content.decode().split())
    assert "Return from order A22" in page
    assert "1 of 2 returned" in page


@pytest.mark.parametrize("query", ["", "?show=earned"])
def test_the_history_takes_a_fixed_number_of_queries(
    browse: Client, busy: Member, django_assert_max_num_queries: Any, query: str
) -> None:
    """A hundred rows or one."""
    browse.get("/points/" + query)
    with django_assert_max_num_queries(QUERIES):
        browse.get("/points/" + query)


def test_gifts_and_what_we_adjusted_have_lists_of_their_own(
    browse: Client, ann: Member, join: Callable[..., Member], noon: dt.datetime
) -> None:
    """Each with its icon on the chip; sums are of the kind alone."""
    bob = join("bob", reward=True)
    points_given.give(donor_id=bob.id, recipient_id=ann.id, points=30, gift_key="gift:1", at=noon, actor="test")
    agent = Account.objects.create_user("agent@staff.example", None, is_staff=True, roles=["agent"])
    points_actions.request_adjustment(
        member_id=ann.id, points=7, reason="Goodwill", requested_by=agent.id, form_key=uuid.uuid4(), at=noon, actor="t"
    )
    for shown, points in ((Filter.GIFTS, 30), (Filter.ADJUSTED, 7)):
        (month,) = history(ann.id, shown, None, noon).months
        assert [entry.points for entry in month.entries] == [points] and month.plus == points
        page = browse.get(f"/points/?show={shown.value}").content.decode()
        assert f'href="?show={shown.value}" aria-current="true"' in page and month.entries[0].title in page
    assert not history(bob.id, Filter.ADJUSTED, None, noon).months
