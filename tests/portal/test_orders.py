"""The member's orders, and a preview of a return that is what booking it does afterwards."""

import datetime as dt
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from members.models import Member
from membership_site.flows import order_refunded, return_previewed
from orders import queries as orders_queries
from orders.models import Order, Refund
from orders.rules import RefundStatement
from points import queries as points_queries
from points.models import Balance, Entry, Lot
from tests.points.proof import balanced  # noqa: F401

from .conftest import Buy, check_in, give_back
from .ruled import publish, rule

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
QUERIES = 21
PREVIEW_QUERIES = 90


def shown(client: Client, path: str) -> str:
    """Will return what a page says, in one line."""
    return " ".join(client.get(path).content.decode().split())


def books() -> tuple[Any, ...]:
    """Will return all that a preview must leave alone."""
    return (
        list(Entry.objects.order_by("member_id", "wallet", "seq").values_list()),
        list(Lot.objects.order_by("member_id", "wallet", "active_on", "expires_on").values_list()),
        list(Balance.objects.order_by("member_id", "wallet").values_list()),
        list(Order.objects.order_by("id").values_list("id", "revision", "lines__refunded_quantity")),
        Refund.objects.count(),
    )


def test_orders_are_listed_with_their_points(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """After returns; each leads to its page."""
    buy("A/1 ü", ["100", "50"], noon - DAY)
    give_back("A/1 ü", "1", noon)
    page = shown(browse, "/orders/")
    assert "Order A/1 ü" in page and "+100" in page and "Partly or wholly returned" in page
    address = re.search(r'href="(/orders/web/[^"]+)"', page)
    assert address and "What a return would do" in shown(browse, address[1])
    assert "No orders yet" not in page


def test_no_orders_yet(browse: Client) -> None:
    """Says what will come."""
    assert "No orders yet" in shown(browse, "/orders/")


def test_the_list_is_paged_through_once(
    browse: Client, ann: Member, buy: Buy, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every order once, latest first, an address nobody wrote is the first page."""
    from membership_site.portal.pages import orders as orders_page

    monkeypatch.setattr(orders_page, "ROWS_MAX", 2)
    for number in range(5):
        buy(f"A{number}", ["10"], noon - number * DAY)
    found, path = [], "/orders/"
    for _page in range(5):
        page = browse.get(path).content.decode()
        found += re.findall(r"Order (A\d)<", page)
        link = re.search(r'rel="next" href="(\?[^"]+)"', page)
        if not link:
            break
        path = "/orders/" + link[1]
    assert found == ["A0", "A1", "A2", "A3", "A4"]
    assert "Order A0" in shown(browse, "/orders/?before=x")


def test_spree_what_was_debited_stands_on_the_order(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """spree-loyalty-points#10: say what was debited on the order page - and complaint 20: never in money."""
    buy("A1", ["100"], noon - DAY)
    Order.objects.update(points_paid=2000)
    page = shown(browse, "/orders/web/A1/")
    assert '<dt>Paid with points</dt><dd class="num">2,000 points</dd>' in page
    assert "come back as points when the goods are returned, with the expiry they had, never in money" in page


def test_complaint_2_a_preview_charges_nothing_and_books_nothing(
    browse: Client, ann: Member, buy: Buy, noon: dt.datetime
) -> None:
    """Complaint 2: looking at a return, however often, leaves every table as it was."""
    buy("A1", ["100", "50"], noon - DAY)
    before = books()
    for _ in range(2):
        page = shown(browse, "/orders/web/A1/?units-1=1&units-2=2")
        assert "If these units came back today" in page and "−100" in page
    assert books() == before


def test_it_says_from_which_points_and_what_stays(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """On hold or to be used until when, the growth value, the tier with its date."""
    buy("A1", ["1100"], noon - DAY)
    page = shown(browse, "/orders/web/A1/?units-1=1")
    assert 'Points on hold until 9 Mar 2026</th><td class="n">−550</td>' in page
    assert "You can spend 0 points now, and 0 then." in page
    assert "550 growth value goes back as well." in page
    assert "Silver stays yours until 2 Mar 2027." in page


def test_it_says_what_would_be_owed(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Points that are spent already become a debt, in words and in the sum."""
    from .test_overview import _spend

    buy("A1", ["300"], noon - 40 * DAY)
    _spend(ann, 250, noon)
    page = shown(browse, "/orders/web/A1/?units-1=2")
    assert 'Used already: owed, repaid by the next points earned</th><td class="n">−250</td>' in page
    assert "250 points would be owed." in page and 'Points taken back</th><td class="n">−300</td>' in page


@pytest.mark.parametrize("typed", ["3", "-1", "1.5", "x", "9" * 30, "１", "1e1"])
def test_units_that_cannot_come_back_are_named_at_their_field(
    browse: Client, ann: Member, buy: Buy, noon: dt.datetime, typed: str
) -> None:
    """422, the sentence under the field, what was typed kept; nothing is worked out."""
    buy("A1", ["100", "50"], noon - DAY)
    answer = browse.get("/orders/web/A1/", {"units-1": typed, "units-2": "1"})
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    assert "Use a whole number from 0 to 2, the units that have not come back yet." in page
    assert 'aria-describedby="error-1"' in page and 'id="error-1"' in page and f'value="{typed}"' in page
    assert "If these units came back" not in page


def test_units_are_read_line_by_line(ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """By the line's place, noughts where nothing is typed; what cannot be is named and left out."""
    buy("A1", ["100", "50"], noon - DAY)
    order = orders_queries.find_order_of(ann.id, "web", "A1")
    assert order is not None and [line.position for line in order.lines] == [1, 2]
    typed = return_previewed.read_units(order, {"units-1": " 2 ", "units-2": "3", "show": "x"})
    assert (typed.units, typed.refused, typed.asked) == ({"1": 2}, {2}, True)
    nothing = return_previewed.read_units(order, {"show": "x"})
    assert (nothing.units, nothing.refused, nothing.asked) == ({"1": 0, "2": 0}, frozenset(), False)


def test_no_units_is_no_preview(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """All noughts: one is asked for."""
    buy("A1", ["100"], noon - DAY)
    assert "No unit is chosen." in shown(browse, "/orders/web/A1/?units-1=0")
    give_back("A1", "1", noon)
    assert browse.get("/orders/web/A1/?units-1=2").status_code == 422


def test_another_members_order_is_not_there(
    browse: Client, join: Any, buy: Buy, noon: dt.datetime, client: Client
) -> None:
    """404 for another's and for none at all; a stranger logs in first."""
    join("bob")
    buy("B1", ["100"], noon - DAY, name="bob")
    assert browse.get("/orders/web/B1/").status_code == 404
    assert browse.get("/orders/web/B1/?units-1=1").status_code == 404
    assert browse.get("/orders/web/none/").status_code == 404
    assert Client().get("/orders/").status_code == 302
    assert Client().get("/orders/web/B1/").status_code == 302
    assert browse.post("/orders/").status_code == 405


def test_a_cancelled_order_offers_no_return(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Its lines and entries stand there, without fields."""
    buy("A1", ["100"], noon - DAY)
    Order.objects.update(status="cancelled")
    page = shown(browse, "/orders/web/A1/?units-1=1")
    assert "What was ordered" in page and "Cancelled" in page
    assert 'name="units-1"' not in page and "If these units came back" not in page


@how(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_what_is_shown_is_what_is_booked(ann: Member, buy: Buy, noon: dt.datetime, data: st.DataObject) -> None:
    """For any order, rule, spending and return: rows sum to what goes back, and booking it gives the same."""
    from .test_overview import _spend

    number = f"P{Order.objects.count()}"
    if number == "P0":
        publish(noon.date() - 300 * DAY, rule(caps=[{"per": "month", "points": 300}]))
    at = noon - data.draw(st.integers(0, 30)) * DAY
    buy(number, [str(amount) for amount in data.draw(st.lists(st.integers(2, 400), min_size=1, max_size=3))], at)
    available = points_queries.get_balance(ann.id, noon).available
    if available > 10 and data.draw(st.booleans()) and not Entry.objects.filter(source_key="till:1").exists():
        _spend(ann, available // 2, noon)
    order = orders_queries.find_order_of(ann.id, "web", number)
    assert order is not None
    units = {line.line_id: data.draw(st.integers(0, line.returnable)) for line in order.lines}
    if not any(units.values()):
        return
    before = books()
    preview = return_previewed.preview(member_id=ann.id, order=order, units=units, at=noon)
    assert books() == before
    assert sum(lot.points for lot in preview.taken) + preview.answer.debt == preview.answer.reversed
    lines = tuple((line_id, count) for line_id, count in units.items() if count)
    statement = RefundStatement("web", number, "R", noon, lines)
    booked = order_refunded.take_refund(statement=statement, at=noon, actor="test")
    amounts = ("reversed", "debt", "restored", "growth", "tier")
    assert [getattr(booked, name) for name in amounts] == [getattr(preview.answer, name) for name in amounts]
    assert points_queries.get_balance(ann.id, noon) == preview.after


@pytest.mark.parametrize("count", [1, 3])
def test_pages_take_the_same_queries_for_one_and_three(
    browse: Client, ann: Member, buy: Buy, noon: dt.datetime, django_assert_max_num_queries: Any, count: int
) -> None:
    """Lines, entries and orders alike; a preview costs what a return costs."""
    for number in range(count):
        buy(f"A{number}", ["100"] * count, noon - (number + 1) * DAY)
    for path, most in (("/orders/", 6), ("/orders/web/A0/", QUERIES), ("/orders/web/A0/?units-1=1", PREVIEW_QUERIES)):
        browse.get(path)
        with django_assert_max_num_queries(most):
            assert browse.get(path).status_code == 200


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_it_is_there_in_other_languages(
    browse: Client, ann: Member, buy: Buy, noon: dt.datetime, language: str
) -> None:
    """List, order, preview and refusal."""
    buy("A1", ["1100"], noon - DAY)
    check_in(noon)
    browse.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for path, status in (("/orders/", 200), ("/orders/web/A1/?units-1=1", 200), ("/orders/web/A1/?units-1=9", 422)):
        assert browse.get(path).status_code == status
