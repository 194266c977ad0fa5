"""Why 137 and not 150: a member reads every row, every limit, and what did not apply - also where nothing came."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from members.models import Member
from membership_site.flows import event_received
from membership_site.portal.pages.statement import Deed, Entry, Filter, history
from points.models import Earning
from points.rules.policy import EventTerms

from .conftest import Buy, check_in, give_back
from .ruled import publish, rule

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
QUERIES = 17


def entries(member: Member, at: dt.datetime, shown: Filter = Filter.ALL) -> list[Entry]:
    """Will return what the first page of the history shows."""
    return [entry for month in history(member.id, shown, None, at).months for entry in month.entries]


def told(entry: Entry) -> Deed:
    """Will return the whole deed that an entry opens to."""
    assert entry.whole is not None
    return entry.whole


def rows(entry: Entry) -> list[tuple[str, int]]:
    """Will return the rows of the sum that an entry opens to."""
    return [(step.words, step.points) for step in told(entry).steps]


def test_why_137_and_not_150(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """The base, the rule, the limit with what was left of it, and the sum; on the page, in words and numbers."""
    publish(noon.date() - DAY, rule(caps=[{"per": "month", "points": 100}]))
    buy("A0", ["38"], noon - dt.timedelta(minutes=5))
    buy("A1", ["75"], noon)
    entry = next(one for one in entries(ann, noon) if one.title == "Order A1")
    assert entry.points == 137
    assert rows(entry) == [
        ("CN¥75.00 × 1, rounded down", 75),
        ("double points", 75),
        ("Limit: at most 100 points a member and month; 62 were left", -13),
    ]
    assert "Without limits it would have earned 150 points; it earned 137." in told(entry).sentences
    page = " ".join(browse.get("/points/").content.decode().split())
    assert "Limit: at most 100 points a member and month; 62 were left" in page
    assert "62 were left, so 62 of 75 points count." in page


def test_what_did_not_apply_is_said_with_what_was_there(
    browse: Client, ann: Member, buy: Buy, noon: dt.datetime
) -> None:
    """One sentence a rule, with the condition that failed."""
    publish(
        noon.date() - DAY,
        rule("gold", when=[{"what": "tier_min", "is": ["gold"]}]),
        rule("sunday", when=[{"what": "weekday", "is": ["7"]}]),
        rule("later", starts_on="2026-05-01"),
    )
    buy("A1", ["75"], noon)
    entry = next(one for one in entries(ann, noon) if one.title == "Order A1")
    assert told(entry).unfired == (
        "“gold points” did not apply: it is only by Gold and up; here it was Member.",
        "“later points” did not apply: it begins on 1 May 2026.",
        "“sunday points” did not apply: it is only on a Sunday; here it was Tuesday.",
    )
    assert "What did not apply" in browse.get("/points/").content.decode()


def test_the_smaller_of_two_rivals_is_named_by_its_own_name(ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Of rules of which the largest wins, each keeps its name and says which one gave more."""
    publish(
        noon.date() - DAY,
        rule("small", amount="1.5", stacking="largest"),
        rule("large", amount="3", stacking="largest"),
    )
    buy("A1", ["75"], noon)
    entry = next(one for one in entries(ann, noon) if one.title == "Order A1")
    sentence = "“small points” did not apply: only the largest applies, and “large points” gives more."
    assert told(entry).unfired == (sentence,)


def test_an_order_that_a_limit_left_without_points_is_there_with_the_reason(
    browse: Client, ann: Member, buy: Buy, noon: dt.datetime
) -> None:
    """Nothing came, and the page says why; months and sums are what they were."""
    publish(noon.date() - DAY, caps=[{"per": "day", "points": 50}])
    buy("A1", ["75"], noon - dt.timedelta(hours=1))
    buy("A2", ["30"], noon)
    first, second = entries(ann, noon)[1], entries(ann, noon)[0]
    assert (first.points, second.points, second.title) == (50, 0, "Order A2")
    assert rows(second) == [
        ("CN¥30.00 × 1, rounded down", 30),
        ("Limit: at most 50 points a member and day; 0 were left", -30),
    ]
    assert entries(ann, noon, Filter.USED) == []
    assert entries(ann, noon, Filter.EARNED)[0].title == "Order A2"
    page = browse.get("/points/").content.decode()
    assert "Why?" in page and "0 were left, so 0 of 30 points count." in page


def test_events_that_earned_nothing_say_why(ann: Member, noon: dt.datetime) -> None:
    """A second check-in of a day without any rule, by the day's own limit."""
    check_in(noon - dt.timedelta(minutes=10))
    check_in(noon)
    entry = entries(ann, noon)[0]
    assert (entry.title, entry.points, entry.lines) == ("Check-in", 0, ())
    assert told(entry).sentences == ("It earns 1 time a day at most.",)


@pytest.mark.parametrize(
    ("kind", "terms", "booked", "code"),
    [
        ("referral", EventTerms(points=200), False, "referral_waits"),
        ("referral", EventTerms(points=200), True, "referral_closed"),
        ("unboxing", None, True, "event_without_rule"),
        ("share", EventTerms(points=5, day_max=3), True, "day_cap"),
        ("profile_completed", EventTerms(points=50, once=True), True, "once_only"),
        ("odd", EventTerms(), True, ""),
    ],
)
def test_nothing_has_a_reason_for_each_kind_of_event(
    kind: str, terms: EventTerms | None, booked: bool, code: str
) -> None:
    """Told from the terms in force then, the same on the page as to the shop."""
    steps = event_received.nothing_of(kind, terms, is_booked=booked)
    assert [step["code"] for step in steps] == ([code] if code else [])


def test_an_order_too_small_for_a_point_says_so(ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Rounding is a reason, too."""
    buy("A1", ["0.90"], noon)
    assert told(entries(ann, noon)[0]).sentences == ("CN¥0.90 count. Rounded down, they make no whole point.",)


def test_fractions_of_several_rows_are_a_row(ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Half a point of the base and half a point of the rule are one point together."""
    publish(noon.date() - DAY, rule())
    buy("A1", ["10.50"], noon)
    entry = next(one for one in entries(ann, noon) if one.title == "Order A1")
    assert rows(entry) == [
        ("CN¥10.50 × 1, rounded down", 10), ("double points", 10), ("Fractions of the rows together", 1)
    ]  # fmt: skip
    assert entry.points == 21


def test_an_events_rules_and_limits_are_rows_too(ann: Member, noon: dt.datetime) -> None:
    """A doubled check-in within a day's limit; growth value is told nothing of points' rules."""
    publish(noon.date() - DAY, rule(deed="check_in", amount="3", caps=[{"per": "deed", "points": 8}]))
    check_in(noon)
    entry = entries(ann, noon)[0]
    (line,) = entry.lines
    assert [(step.words, step.points) for step in line.steps] == [
        ("Check-in", 5),
        ("double points", 10),
        ("Limit: at most 8 points at once; 8 were left", -2),
    ]
    assert entry.points == 13


def test_growth_is_explained_like_points(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """On its own list and on the order: base, rule, limit, what did not apply; a return takes its share."""
    capped = rule("grow", wallet="growth", caps=[{"per": "month", "points": 40}])
    gold = rule("gold", wallet="growth", when=[{"what": "tier_min", "is": ["gold"]}])
    publish(noon.date() - DAY, capped, gold, rule(deed="check_in", wallet="growth"))
    buy("A1", ["60", "15.50"], noon - dt.timedelta(minutes=5))
    check_in(noon)
    event, entry = entries(ann, noon, Filter.GROWTH)
    assert (event.points, entry.points, entry.is_growth) == (4, 115, True)
    assert rows(entry) == [
        ("CN¥75.50 × 1, rounded down", 75),
        ("grow points", 75),
        ("Limit: at most 40 growth value a member and month; 40 were left", -35),
    ]
    assert "Without limits it would have earned 151 growth value; it earned 115." in told(entry).sentences
    assert told(entry).unfired == ("“gold points” did not apply: it is only by Gold and up; here it was Member.",)
    (line,) = event.lines
    assert [(step.words, step.points) for step in line.steps] == [("Check-in", 2), ("double points", 2)]
    page = " ".join(browse.get("/points/?show=growth").content.decode().split())
    assert "at most 40 growth value a member and month; 40 were left" in page and "+115" in page
    order = " ".join(browse.get("/orders/web/A1/").content.decode().split())
    assert "Growth value by now" in order and "What did not apply" in order and ">115<" in order
    give_back("A1", "1", noon)
    assert [one.points for one in entries(ann, noon, Filter.GROWTH)][:1] == [-46]


def test_after_an_edit_the_first_entry_keeps_its_own_words(ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """What is remembered is the order as it reads now; an entry of before is not explained by it."""
    publish(noon.date() - DAY, rule())
    buy("A1", ["50"], noon)
    give_back("A1", "1", noon + DAY)
    assert [entry.points for entry in entries(ann, noon + DAY) if "A1" in entry.title] == [-50, 100]
    assert Earning.objects.get().awarded == 100
    Earning.objects.update(awarded=0)
    assert [entry.whole for entry in entries(ann, noon + DAY) if entry.title == "Order A1"] == [None]


@pytest.mark.parametrize("deeds", [1, 3])
def test_explaining_takes_the_same_queries_for_one_and_three(
    browse: Client, ann: Member, buy: Buy, noon: dt.datetime, django_assert_max_num_queries: Any, deeds: int
) -> None:
    """One query finds all reasons of a page."""
    publish(noon.date() - DAY, rule(caps=[{"per": "month", "points": 30}]), caps=[{"per": "day", "points": 100}])
    for number in range(deeds):
        buy(f"A{number}", ["60", "70"], noon - dt.timedelta(minutes=number))
    browse.get("/points/")
    with django_assert_max_num_queries(QUERIES):
        browse.get("/points/")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "double points"), ("zh-hans", "双倍积分"), ("zh-hant", "雙倍積分")],
)
def test_reasons_are_read_in_the_readers_language(
    browse: Client, ann: Member, buy: Buy, noon: dt.datetime, language: str, words: str
) -> None:
    """A rule's name comes in three languages."""
    publish(noon.date() - DAY, rule())
    buy("A1", ["50"], noon)
    browse.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert words in browse.get("/points/").content.decode()


def test_flocafe_62_every_expiring_batch_is_shown(
    browse: Client, ann: Member, give: Callable[..., Any], noon: dt.datetime
) -> None:
    """FloCafe#62: not the earliest date alone - each, with its own points, and they sum to the balance."""
    dates = [noon.date() + dt.timedelta(days=30 * month) for month in range(1, 6)]
    for number, date in enumerate(dates):
        give(ann.id, 10 + number, f"k{number}", lot=(noon.date(), date))
    page = browse.get("/points/").content.decode()
    every = page[page.index("Every date") :]
    every = every[: every.index("</details>")]
    found = [int(points.replace(",", "")) for points in re.findall(r'<b class="num">([\d,]+)</b>', every)]
    assert found[:5] == [10, 11, 12, 13, 14]
