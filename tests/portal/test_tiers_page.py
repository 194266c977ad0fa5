"""The tiers page and the card speak every setting of a ladder."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.models import Account, Member
from membership_site.flows import nightly
from tests.tiers.published import publish
from tiers import actions as tiers_actions
from tiers.enums import AtEnd, HoldKind, Join, Rounding, Start, Window
from tiers.rules import Requirement

from .conftest import Buy, check_in
from .test_overview import shown

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 3, 3)
PATH = "/tiers/"
CALENDAR: dict[str, Any] = {"window": Window.CALENDAR_YEAR, "window_days": 0}
MEMBERSHIP: dict[str, Any] = {"window": Window.MEMBERSHIP_YEAR, "window_days": 0}
LIFETIME: dict[str, Any] = {"window": Window.LIFETIME, "window_days": 0}


@pytest.mark.parametrize(
    ("terms", "sentences"),
    [
        ({}, ["What you did in the last 365 days counts.", "It is valid for 1 year.", "it stays 30 days longer."]),
        ({"validity_months": 6}, ["It is valid for 6 months."]),
        ({"validity_months": 1, "rounding": Rounding.MONTH}, ["It is valid for 1 month, to the end of that month."]),
        ({"validity_months": 24, "rounding": Rounding.YEAR}, ["It is valid for 2 years, to the end of that year."]),
        (CALENDAR, ["What you did since 1 January counts.", "CN¥0 spent since 1 Jan 2026"]),
        (MEMBERSHIP, ["What you did since the last anniversary", "CN¥0 spent since 27 Jan 2026"]),
        (LIFETIME, ["Everything you did since you joined counts.", "CN¥0 spent so far"]),
        ({"at_end": AtEnd.NEVER}, ["A tier that you reached is not lost."]),
        ({"at_end": AtEnd.ONE_STEP, "grace_rounds_up": True}, ["Then the next lower tier follows.", "their month."]),
        ({"start": Start.NEXT_PERIOD}, ["begins with the next month.", "The tier begins with the next period."]),
        (CALENDAR | {"start": Start.NEXT_PERIOD}, ["begins with the next calendar year."]),
        (MEMBERSHIP | {"start": Start.NEXT_PERIOD}, ["begins with your next year of membership."]),
    ],
)
def test_settings_are_said(browse: Client, terms: dict[str, Any], sentences: list[str]) -> None:
    """Each in a sentence of its own."""
    if terms:
        publish(TODAY, **terms)
    page = shown(browse, PATH)
    for sentence in sentences:
        assert sentence in page


def test_requirements_of_every_kind(browse: Client, ann: Member, noon: dt.datetime) -> None:
    """All of them, apart to keep and to come back, by invitation, and never lost."""
    silver = {
        "reach": Requirement(active_days=3, referrals=1, join=Join.ALL),
        "keep": Requirement(years=2),
        "re_enter": Requirement(orders=1),
    }
    gold = {"never_lost": True}
    diamond = {"by_invitation": True, "reach": Requirement(), "keep": Requirement()}
    publish(TODAY, rungs={"silver": silver, "gold": gold, "diamond": diamond})
    check_in(noon)
    page = shown(browse, PATH)
    assert "Begins at 3 active days and 1 friend referred." in page
    assert "Kept with 2 years of membership." in page
    assert "Who had it before comes back with 1 order." in page
    assert "Never lost." in page and "By invitation." in page
    assert "All of these are needed." in page and "Active days" in page and "Friends referred" in page
    assert "<b>2 active days and 1 friend referred</b> more reaches Silver" in page


def test_what_is_never_lost_begins_later_or_was_given(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Each has its sentence on the card."""
    publish(TODAY - 20 * DAY, start=Start.NEXT_PERIOD, at_end=AtEnd.NEVER)
    buy("A1", ["1100"], noon - 10 * DAY)
    nightly.run_step(name="recalculate_tiers", as_of=TODAY - DAY)
    page = shown(browse)
    assert "Silver is not lost, even without reaching it again" in page
    buy("A2", ["4000"], noon)
    assert "Gold begins on 1 Apr 2026" in shown(browse)
    deed: dict[str, Any] = {"at": noon, "actor": "staff:1", "reason": "VIP", "key": "k"}
    tiers_actions.give_tier(member_id=ann.id, tier="diamond", kind=HoldKind.MANUAL, until=TODAY + 60 * DAY, **deed)
    assert "Diamond was given to you; Silver is what you have reached yourself" in shown(browse)


def test_the_cheapest_way_is_on_the_card(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Where two orders and a little are all that is asked, that is what it says."""
    keep = Requirement(spend=Decimal(300), orders=2, join=Join.ALL)
    publish(TODAY - 20 * DAY, rungs={"silver": {"keep": keep}})
    buy("A1", ["1100"], noon - 10 * DAY)
    assert "<b>CN¥300 and 2 orders</b> more by 21 Feb 2027 keeps Silver" in shown(browse)


def test_before_the_night_has_been_nothing_is_promised(
    browse: Client, ann: Member, buy: Buy, noon: dt.datetime
) -> None:
    """The end is over and not decided yet: what will still keep the tier is said, and not that it is kept."""
    buy("A1", ["1100"], noon - 10 * DAY)
    with time_machine.travel(noon + 356 * DAY, tick=False):  # the day after its last
        log_in = Account.objects.get(email="ann@example.com")
        browse.force_login(log_in, backend=site.AUTHENTICATION_BACKENDS[-1])
        page = shown(browse)
        assert "Silver until 21 Feb 2027" in page and "Enough to keep" not in page
        assert "<b>CN¥1,000</b> more by 23 Mar 2027 keeps Silver" in page
        assert "On 23 Mar 2027 the tier is Member, without an end." in shown(browse, PATH + "ahead/?upto=2027-03-23")


def test_other_ladders_stand_below(browse: Client, ann: Member, noon: dt.datetime) -> None:
    """Whoever stands there sees where."""
    publish(TODAY - DAY, ladder="club", rungs={"silver": {"names": {"en": "Rower"}}}, validity_months=3)
    assert "It is valid for 3 months." in shown(browse, PATH)
    tiers_actions.join(member_id=ann.id, cause="join", at=noon, actor="t", ladder="club")
    page = shown(browse, PATH)
    assert page.count('class="tcard') == 2 and "Rower" in page and "club" in page


def test_it_costs_the_same_for_one_order_and_many(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """However long the history."""
    counts = []
    for number in range(6):
        buy(f"A{number}", ["400"], noon - (10 + number) * DAY)
        if number in (2, 5):
            browse.get(PATH)
            with CaptureQueriesContext(connection) as asked:
                browse.get(PATH)
            counts.append(len(asked))
    assert counts[0] == counts[1] <= 24
