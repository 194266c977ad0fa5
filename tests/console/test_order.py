"""One order as the staff see it: how it earned with version, rules, facts, every entry, what a return would do."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from members.models import Member
from points.models import Entry, Lot
from tests.conftest import NOON, enrol
from tests.portal.ruled import publish, rule

from .conftest import Join, buy, give_back, queries_of, text_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
MOST_QUERIES, PREVIEW_QUERIES = 20, 90


@pytest.fixture(scope="module")
def mei(module_programme: None) -> Member:
    """A member with an order that two rules and a limit looked at."""
    mei = enrol("mei", NOON - 300 * DAY)
    publish(
        NOON.date() - 30 * DAY,
        rule("double", caps=[{"per": "month", "points": 100}]),
        rule("gold", when=[{"what": "tier_min", "is": ["gold"]}]),
    )
    buy("mei", "A-0", "38", NOON - 2 * DAY)
    buy("mei", "A-1", "50 25", NOON - DAY)
    return mei


def path_of(member: Member, order: str = "A-1") -> str:
    """Will return the address of an order's page."""
    return f"/console/members/{member.number}/orders/web/{order}/"


@pytest.mark.parametrize("role", ["operator", "agent", "auditor", "admin"])
def test_the_staff_see_why_137_with_version_rules_and_facts(
    enter: Callable[[str], Client], mei: Member, role: str
) -> None:
    """The same sum as the member's, and what it was worked out with."""
    page = text_of(enter(role).get(path_of(mei)).content.decode())
    for words in (
        'CN¥75.00 × 1, rounded down</dt><dd class="num">+75',
        'double points</dt><dd class="num">+75',
        'Limit: at most 100 points a member and month; 62 were left</dt><dd class="num">−13',
        'The whole deed</b></dt><dd class="num"><b>+137',
        "“gold points” did not apply: it is only by Gold and up; here it was Member.",
        "version 2, in force since 1 Feb 2026",
        "Rules that applied</dt><dd>double",
        "Rules that did not</dt><dd>gold",
        "Tier then</dt><dd>Member",
        "Channel</dt><dd>web",
        "Paid orders, with this one</dt><dd>2",
        "Left of double</dt><dd>62",
        "order:web:A-1:line:1",
    ):
        assert words in page, words


def test_timeline_and_ledger_lead_to_the_order(enter: Callable[[str], Client], mei: Member) -> None:
    """From the member's page, both ways; the ledger's entry opens to the same reasons."""
    base = f"/console/members/{mei.number}/"
    assert f'href="{path_of(mei)}"' in enter("agent").get(base).content.decode()
    page = text_of(enter("agent").get(f"{base}?panel=ledger").content.decode())
    assert f'href="{path_of(mei)}"' in page
    assert "The whole deed" in page and "version 2, in force since 1 Feb 2026" in page


def test_a_preview_says_what_booking_it_does(enter: Callable[[str], Client], mei: Member, noon: dt.datetime) -> None:
    """Nothing is booked by looking; the same return booked takes just that."""
    before = list(Entry.objects.values_list()), list(Lot.objects.values_list())
    page = text_of(enter("auditor").get(path_of(mei) + "?units-1=1").content.decode())
    assert (list(Entry.objects.values_list()), list(Lot.objects.values_list())) == before
    back = re.search(r"Points taken back</b></dt><dd class=\"num\"><b>−(\d+)", page)
    assert back and 'Points on hold</dt><dd class="num">213 → ' in page and "Member stays." in page
    give_back("A-1", "1", noon)
    booked = -sum(Entry.objects.filter(wallet="points", kind="reversal").values_list("points", flat=True))
    assert booked == int(back[1])
    page = text_of(enter("auditor").get(path_of(mei)).content.decode())
    assert "1 of 2 units returned" in page and "1 returned" in page


@pytest.mark.parametrize("typed", ["2", "-1", "x"])
def test_units_that_cannot_come_back_are_named_at_their_field(
    enter: Callable[[str], Client], mei: Member, typed: str
) -> None:
    """422 with what was typed."""
    answer = enter("agent").get(path_of(mei), {"units-1": typed})
    page = text_of(answer.content.decode())
    assert answer.status_code == 422 and "Use a whole number from 0 to 1" in page and f'value="{typed}"' in page


def test_an_order_without_rules_says_so(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """The base is all there is."""
    ann = join("ann", at=noon - 300 * DAY)
    buy("ann", "B-1", "50", noon)
    page = text_of(enter("agent").get(path_of(ann, "B-1")).content.decode())
    assert "No rule and no limit looked at this order" in page


def test_orders_of_others_are_not_there(enter: Callable[[str], Client], mei: Member, join: Join) -> None:
    """Neither another member's nor nobody's; the staff of no role are refused, strangers log in."""
    ann = join("ann")
    client = enter("agent")
    for path in (path_of(ann), path_of(mei, "none"), "/console/members/M1/orders/web/A-1/"):
        assert client.get(path).status_code == 404
    assert enter("").get(path_of(mei)).status_code == 403
    assert Client().get(path_of(mei)).status_code == 302
    assert client.post(path_of(mei)).status_code == 405


def test_pages_take_the_same_queries_for_one_and_three(
    enter: Callable[[str], Client], mei: Member, noon: dt.datetime
) -> None:
    """Lines and entries alike."""
    buy("mei", "A-2", "10 20 30", noon)
    client = enter("operator")
    one, _ = queries_of(client, path_of(mei, "A-0"))
    three, _ = queries_of(client, path_of(mei, "A-2"))
    assert one == three <= MOST_QUERIES
    assert queries_of(client, path_of(mei, "A-2") + "?units-1=1&units-3=1")[0] <= PREVIEW_QUERIES


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_it_is_there_in_other_languages(enter: Callable[[str], Client], mei: Member, language: str) -> None:
    """Page, preview and refusal."""
    client: Any = enter("agent")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for query, status in (("", 200), ("?units-1=1", 200), ("?units-1=7", 422)):
        assert client.get(path_of(mei) + query).status_code == status
