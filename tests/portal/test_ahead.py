"""Looking ahead: an order that is not placed, answered in sentences and dates; bad input is named at its field."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.models import Member
from tiers.models import Decision

from .conftest import Buy
from .test_overview import shown

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
PATH = "/tiers/ahead/"
QUERIES = 17


def test_an_order_that_reaches_the_next_tier(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """And what stops counting until the end of what is held."""
    buy("A1", ["1100"], noon - 10 * DAY)
    before = Decision.objects.count()
    page = shown(browse, PATH + "?spend=3900&on=2026-04-01")
    assert "An order of CN¥3,900 on 1 Apr 2026 brings Gold at once." in page
    assert "Silver is valid until 21 Feb 2027, and what counts so far does not keep it." in page
    assert "CN¥1,000 more by 21 Feb 2027 keeps Silver." in page
    assert "Otherwise it stays until 23 Mar 2027, and Member follows." in page
    assert "Up to Gold, until 1 Apr 2027" in page
    assert "CN¥1,100, 1 order and 1,100 growth value stop counting" in page
    assert Decision.objects.count() == before


def test_an_order_that_is_not_enough_and_one_that_keeps(
    browse: Client, ann: Member, buy: Buy, noon: dt.datetime
) -> None:
    """What is missing then is said; what is kept is said."""
    buy("A1", ["1100"], noon - 10 * DAY)
    page = shown(browse, PATH + "?spend=500")
    assert "does not reach Gold: CN¥3,400 more are needed then." in page
    assert "It does not keep Silver after 21 Feb 2027: Member would follow." in page
    assert "It keeps Silver after 21 Feb 2027, which nothing does without it." in shown(browse, PATH + "?spend=1000")


def test_without_an_order_it_only_looks(browse: Client, ann: Member) -> None:
    """On the lowest tier nothing can be lost."""
    page = shown(browse, PATH)
    assert "Nothing that is known takes Member away." in page
    assert "Nothing that is known changes anything until then." in page
    assert "What the order would change" not in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("spend=much", "Use an amount, for example 500."),
        ("spend=0", "Use an amount above nought, for example 500."),
        ("spend=1e30", "This is more than any order. Use a smaller amount."),
        ("spend=NaN", "Use an amount, for example 500."),
        ("spend=1.234", "Use at most two decimal places, for example 59.90."),
        ("spend=5&on=yesterday", "Use a date such as 2027-03-31."),
        ("spend=5&on=2026-03-02", "Use a date from 3 Mar 2026 to 2 Mar 2029."),
        ("upto=9999-12-31", "Use a date from 3 Mar 2026 to 2 Mar 2029."),
        ("spend=5&on=2026-05-01&upto=2026-04-01", "Look at least to the date of the order."),
    ],
)
def test_bad_input_is_named_at_its_field(browse: Client, ann: Member, query: str, words: str) -> None:
    """What was typed stays."""
    answer = browse.get(f"{PATH}?{query}")
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page and 'role="alert"' in page


def test_it_costs_the_same_for_one_order_and_many(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """However long the history."""
    counts = []
    for number in range(6):
        buy(f"A{number}", ["400"], noon - (10 + number) * DAY)
        if number in (2, 5):
            browse.get(PATH + "?spend=500")
            with CaptureQueriesContext(connection) as asked:
                browse.get(PATH + "?spend=500")
            counts.append(len(asked))
    assert counts[0] == counts[1] <= QUERIES
