"""The programme's rules for everybody: what is in force, what changes when, what was before - in three languages."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from membership_site.flows.starter import POINTS_TERMS
from membership_site.portal.pages.programme import programme_page
from points.models import PolicyVersion

from .ruled import publish, rule

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
QUERIES = 6


def sections(at: dt.datetime) -> dict[str, tuple[str, ...]]:
    """Will return what the page says, by subject."""
    return {section.title: section.sentences for section in programme_page(at).sections}


def test_a_stranger_reads_the_rules_without_logging_in(client: Client, programme: None) -> None:
    """Every number of the starter stands there, with an example date; the log-in leads there and back."""
    page = " ".join(client.get("/programme/").content.decode().split())
    for words in (
        "in force from the beginning",
        "1 point per CN¥1",
        "4 points per CN¥1",
        "5, 5, 10, 10, 15, 15 and 50 points on 7 days in a row",
        "Review: 20 points, with a photo 50, 10 growth value.",
        "Share: 5 points, 5 growth value, 3 times a day at most.",
        "Profile completed: 50 points, once in a membership.",
        "Joining: 100 points.",
        "on hold for 7 days",
        "Example: points of an order of 3 Mar 2026 can be used from 10 Mar 2026 through 31 Mar 2027.",
        "100 points are worth CN¥1.",
        "You can spend from 100 points on, and pay 50% of an order with points at most.",
        "You can give points to another member: from 10 points on, 1,000 a day at most.",
        "The price of the goods counts after all discounts.",
        "Log in to see your own points",
        "These are the first rules",
    ):
        assert words in page, words
    assert 'href="/programme/"' in client.get("/login/").content.decode()


def test_a_member_finds_it_from_the_points_page(browse: Client) -> None:
    """And is not asked to log in again."""
    assert browse.get("/points/").content.decode().count('href="/programme/"') == 2
    assert "Log in to see" not in browse.get("/programme/").content.decode()


def test_what_changes_is_said_before_it_is_in_force(client: Client, programme: None, noon: dt.datetime) -> None:
    """The date, the note, and subject by subject what it was and becomes; what stays the same is not repeated."""
    publish(
        noon.date() + 30 * DAY,
        rule(caps=[{"per": "month", "points": 2000}]),
        note="Double points for everybody.",
        expiry={"kind": "months", "count": 6},
        refund="within_balance",
    )
    now = programme_page(noon)
    (version,) = now.upcoming
    changed = {change.what: change for change in version.changes}
    assert set(changed) == {"Offers", "When they expire", "Returns"}
    assert changed["Offers"].was == ()
    sentence = "“double points”. For orders: points × 2, at most 2,000 points a member and month."
    assert changed["Offers"].becomes == (sentence,)
    assert changed["When they expire"].becomes[0] == "Points expire 6 months after they can first be used."
    assert "Points once earned keep their date, whatever changes later." not in changed["When they expire"].becomes
    page = " ".join(client.get("/programme/").content.decode().split())
    assert "What changes on 2 Apr 2026" in page and "Double points for everybody." in page
    assert "12 months after the month" in page and "Until then the rules below apply." in page


def test_afterwards_the_history_has_both(client: Client, programme: None, noon: dt.datetime) -> None:
    """The one in force and those before it with their dates; one replaced on its own first day never counted."""
    publish(noon.date() - 10 * DAY, number=2, note="A first try.", sign_up_points=1)
    publish(noon.date() - 10 * DAY, number=3, note="More for joining.", sign_up_points=200)
    page = programme_page(noon)
    assert page.current is not None and page.current.number == 3
    assert page.current.since == noon.date() - 10 * DAY and page.current.until is None
    assert [(version.number, version.since, version.until) for version in page.past] == [
        (1, None, noon.date() - 11 * DAY)
    ]
    assert [change.becomes for change in page.current.changes] == [("Joining: 200 points.",)]
    text = client.get("/programme/").content.decode()
    assert "More for joining." in text and "A first try." not in text


def test_a_draft_is_not_told(client: Client, programme: None, noon: dt.datetime) -> None:
    """Nobody reads what is not published."""
    PolicyVersion.objects.create(
        number=2, effective_on=noon.date() - DAY, terms=POINTS_TERMS, note={"en": "A secret."}, actor="test"
    )
    text = client.get("/programme/").content.decode()
    assert "A secret." not in text


def test_nothing_published_is_said(client: Client, db: None) -> None:
    """A fresh installation has a page, too."""
    assert "No rules yet" in client.get("/programme/").content.decode()


@pytest.mark.parametrize(
    ("terms", "title", "said"),
    [
        ({"basis": {"discount": "before", "tax": True, "shipping": True, "points_paid": False}}, "What counts",
         "What was paid with points does not count."),
        ({"expiry": {"kind": "never"}}, "When they expire", "Points do not expire."),
        ({"expiry": {"kind": "days", "count": 1}}, "When they expire",
         "Points expire 1 day after they can first be used."),
        ({"expiry": {"kind": "end_of_period", "count": 0, "period": "year"}}, "When they expire",
         "Points expire at the end of the year in which they can first be used."),
        ({"expiry": {"kind": "inactivity", "count": 6}}, "When they expire",
         ("Points expire after 6 months in which you neither earn nor spend any; each time you do, the time begins "
          "again.")),
        ({"refund": "pending_only"}, "Returns", "Only points that are still on hold are taken; nothing is owed."),
        ({"gifts": {"is_on": False}}, "Gifts", "Points cannot be given to others."),
        ({"return_window_days": 0}, "When they can be used", "Points of an order can be used at once."),
        ({"caps": [{"per": "day", "points": 500}]}, "Limits",
         "All points together: at most 500 points a member and day. What is above it is not given."),
        ({"events": {"walked": {"property": "km", "points_per_unit": "2"}}}, "What else earns",
         "walked: 2 points for each unit of “km”."),
    ],
)  # fmt: skip
def test_every_setting_is_said(
    programme: None, noon: dt.datetime, terms: dict[str, Any], title: str, said: str
) -> None:
    """A setting that members feel has a sentence that changes with it."""
    before = sections(noon).get(title, ())
    publish(noon.date(), **terms)
    assert said in sections(noon)[title]
    assert said not in before


def test_complaint_20_points_come_back_never_in_money(client: Client, programme: None) -> None:
    """Complaint 20: what points paid is never paid out; the rules say so before anybody returns anything."""
    page = " ".join(client.get("/programme/").content.decode().split())
    assert "Points that paid for goods come back as points, with the expiry they had, never in money." in page


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
@pytest.mark.parametrize("versions", [1, 3])
def test_the_page_takes_the_same_queries_in_every_language(
    client: Client, programme: None, noon: dt.datetime, django_assert_max_num_queries: Any, language: str, versions: int
) -> None:
    """However many versions there are."""
    for number in range(versions):
        publish(noon.date() + number * DAY, rule(), number=2 + number)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    client.get("/programme/")
    with django_assert_max_num_queries(QUERIES):
        assert client.get("/programme/").status_code == 200
