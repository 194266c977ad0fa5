"""Looking ahead of a member's tier, from his page."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from .conftest import Join, buy, queries_of, text_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
QUERIES = 21


def test_what_the_member_would_be_told(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """In the same words, at the same cost however long the history."""
    ann = join("ann", at=noon - 400 * DAY)
    buy("ann", "A1", "1100", noon - 10 * DAY)
    client, path = enter("agent"), f"/console/members/{ann.number}/ahead/?spend=4000"
    client.get(path)
    first, page = queries_of(client, path)
    assert "An order of CN¥4,000 on 3 Mar 2026 brings Gold at once." in text_of(page)
    assert "Silver is valid until 21 Feb 2027, and what counts so far does not keep it." in text_of(page)
    for number in range(5):
        buy("ann", f"B{number}", "20", noon - (20 + number) * DAY)
    assert queries_of(client, path)[0] == first <= QUERIES
    assert "/ahead/" in client.get(f"/console/members/{ann.number}/").content.decode()


def test_nothing_to_look_at(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """Nobody, and bad input."""
    client, ann = enter("auditor"), join("ann")
    assert client.get("/console/members/M99/ahead/").status_code == 404
    assert client.get(f"/console/members/{ann.number}/ahead/?spend=x").status_code == 422
    assert client.post(f"/console/members/{ann.number}/ahead/").status_code == 405
