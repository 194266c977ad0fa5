"""Checking in from the overview: a week of days, once a day, without scripts."""

import datetime as dt

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from members.models import Member
from membership_site.portal.pages.checkin import check_in
from orders.models import ShopEvent
from points.models import Entry

from .conftest import check_in as tell_of_check_in
from .ruled import publish

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_the_button_books_once_a_day_and_says_what_it_gave(browse: Client, ann: Member) -> None:
    """The first press earns, the second says so; the event is the member's own of that date."""
    assert "Check in, +5" in browse.get("/").content.decode()
    first = browse.post("/check-in/", follow=True)
    assert first.redirect_chain == [("/#check-in", 302)]
    assert "Checked in: +5 points." in first.content.decode()
    assert "Checked in today" in first.content.decode() and "Check in, +" not in first.content.decode()
    assert "You have checked in today already" in browse.post("/check-in/", follow=True).content.decode()
    event = ShopEvent.objects.get()
    assert (event.source, event.event_id, event.type) == ("portal", f"{ann.number} 2026-03-03", "check_in")
    assert Entry.objects.filter(source_key__startswith="event:portal", wallet="points").count() == 1


def test_a_second_press_later_that_day_is_no_second_check_in(browse: Client, noon: dt.datetime) -> None:
    """The instant differs, the deed does not."""
    browse.post("/check-in/")
    with time_machine.travel(noon + dt.timedelta(hours=3), tick=False):
        assert "already" in browse.post("/check-in/", follow=True).content.decode()
    with time_machine.travel(noon + DAY, tick=False):
        assert "Checked in: +5 points." in browse.post("/check-in/", follow=True).content.decode()
    assert ShopEvent.objects.count() == 2


def test_who_checked_in_with_the_shops_app_today_is_done(browse: Client, ann: Member, noon: dt.datetime) -> None:
    """Whatever the way, a day is a day; a press all the same earns nothing and says why."""
    tell_of_check_in(noon)
    assert "Checked in today" in browse.get("/").content.decode()
    assert "It earns 1 time a day at most." in browse.post("/check-in/", follow=True).content.decode()


@pytest.mark.parametrize(
    ("before", "today", "place", "points", "words"),
    [
        (0, False, 0, 5, "Check in today to begin a new row of days."),
        (0, True, 0, 5, "1 day in a row so far."),
        (2, False, 2, 10, "2 days in a row so far."),
        (6, False, 6, 50, "6 days in a row so far."),
        (6, True, 6, 50, "7 days in a row so far."),
        (7, False, 0, 5, "7 days in a row so far."),
    ],
)
def test_the_week_shows_what_is_done_and_what_each_day_gives(
    ann: Member, noon: dt.datetime, before: int, today: bool, place: int, points: int, words: str
) -> None:
    """Seven days, today's place among them, as the rule will count it."""
    for days in range(before, 0, -1):
        tell_of_check_in(noon - days * DAY)
    if today:
        tell_of_check_in(noon)
    card = check_in(ann.id, noon)
    assert card is not None
    assert [day.points for day in card.days] == [5, 5, 10, 10, 15, 15, 50]
    assert [day.is_today for day in card.days].index(True) == place
    assert [day.date for day in card.days][place] == noon.date()
    states = ["done"] * place + ["done" if today else "today"] + ["next"] * (6 - place)
    assert [day.state for day in card.days] == states
    assert (card.points, card.words, card.is_done) == (points, words, today)


def test_a_missed_day_begins_again(ann: Member, noon: dt.datetime) -> None:
    """And the rule says so in words."""
    tell_of_check_in(noon - 2 * DAY)
    card = check_in(ann.id, noon)
    assert card is not None and card.days[0].is_today
    assert "A missed day begins a new row; nothing is taken away." in card.rule


def test_a_programme_without_check_in_has_no_block(browse: Client, ann: Member, noon: dt.datetime) -> None:
    """Nor a fault where the button of an old page is pressed."""
    publish(noon.date(), events={"review": {"points": 20}})
    assert "check-in" not in browse.get("/").content.decode()
    assert "earns nothing in this programme" in browse.post("/check-in/", follow=True).content.decode()


def test_it_needs_a_press_of_a_member(client: Client, browse: Client) -> None:
    """A link checks nobody in, a stranger logs in first."""
    assert browse.get("/check-in/").status_code == 405
    client.logout()
    assert client.post("/check-in/").status_code == 302 and not ShopEvent.objects.exists()


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_it_is_there_in_other_languages(browse: Client, language: str) -> None:
    """The block, its days and its toast."""
    browse.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert browse.get("/").status_code == 200
    assert browse.post("/check-in/", follow=True).status_code == 200
