"""The reports: every page per role and language, figures equal to the ledger, files equal to tables, odd addresses."""

import csv
import datetime as dt
import io
import itertools
import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from campaigns.models import Campaign, Headline
from kit import clock, dates, paging
from members.models import Member
from membership_site import formats
from membership_site.console.forms.reports import BreakageForm, LiabilityForm, MovementForm, SpendingForm
from membership_site.console.pages import reports
from membership_site.console.pages.reports import breakage, tables
from membership_site.console.pages.reports.shelf import form_of
from membership_site.flows import nightly
from messaging import actions as messaging_actions
from messaging.enums import Question
from messaging.models import Message
from points import actions as points_actions
from points import queries as points_queries
from tests.benefits.coupons import define
from tests.benefits.coupons import give as give_coupon
from tests.campaigns import cast
from tests.conftest import NOON, enrol
from tests.night import world

from .conftest import Join, buy, crowd, give_back, queries_of, text_of

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
PATHS = tuple(f"/console/reports/{kind.code}/" for kind in reports.SHELF)
MOST_QUERIES = 24


def told(answer: Any) -> str:
    """A page in one line, without marks."""
    return text_of(unescape(answer.content.decode()))


def table_of(page: str, title: str) -> list[list[str]]:
    """The rows of a table as a reader sees them."""
    body = re.search(rf'<h2 id="h-\d">{re.escape(title)}</h2>.*?<table.*?</table>', page, re.DOTALL)
    assert body, title
    rows = re.findall(r"<tr.*?</tr>", body[0], re.DOTALL)
    return [
        [re.sub(r"<.*?>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in rows
    ]


def plain(text: str) -> str:
    """A number as a file has it."""
    return re.sub(r"[^\d.-]", "", text.replace("\N{MINUS SIGN}", "-"))


@pytest.fixture(scope="module")
def shop(module_programme: None) -> list[Member]:
    """Three members with orders, a return, spending and an expiry that no night has booked."""
    members = [enrol(name, NOON - 420 * DAY, reward=True) for name in ("ann", "bob", "cat")]
    buy("ann", "1", "600 500", NOON - 100 * DAY)
    buy("bob", "2", "90", NOON - 70 * DAY)
    buy("cat", "3", "40", NOON - 2 * DAY)
    give_back("1", "2", NOON - 95 * DAY)
    spend(members[0], 250, NOON - 40 * DAY)
    return members


def spend(member: Member, points: int, at: dt.datetime) -> None:
    """Will spend points."""
    points_actions.spend(
        member_id=member.id,
        source_key=f"use:{at.isoformat()}",
        points=points,
        explanation=[{"code": "test"}],
        policy_id=points_queries.policy_on(at.date()).id,
        at=at,
        actor="test",
    )


@pytest.fixture
def fall(join: Join) -> Callable[[str, dt.datetime], Member]:
    """Makes a member whose silver, reached by one order, ends in 25 days and is not kept."""

    def make(name: str, noon: dt.datetime, amount: str = "1200") -> Member:
        member = join(name, at=noon - 400 * DAY)
        buy(name, f"F-{name}", amount, noon - 340 * DAY)
        return member

    return make


@pytest.fixture
def years(join: Join, noon: dt.datetime) -> list[int]:
    """A member who for years gets points each month, uses a third of them in their last, and lets the rest expire."""
    join("first", at=noon - 900 * DAY, reward=False)
    [member_id] = ids = world.people(1, noon.date() - 900 * DAY, start=50)
    policy = points_queries.policy_on(noon.date())
    first = dates.add_months(noon.date().replace(day=1), -28)
    for number in range(28):
        on = dates.add_months(first, number) + 4 * DAY
        world.give(member_id, 300, (on, policy.expires_on(on)), on)
        if number >= 12:
            points_actions.spend(
                member_id=member_id,
                source_key=f"use:{number}",
                points=90 + number % 5,
                explanation=[{"code": "test"}],
                policy_id=policy.id,
                at=world.noon(on + 9 * DAY),
                actor="test",
            )
    world.night(nightly.find_step("expire_lots"), noon.date() - 70 * DAY)
    return ids


@pytest.mark.parametrize("path", ["/console/reports/", *PATHS])
@pytest.mark.parametrize("role", ["operator", "agent", "auditor", "admin", ""])
def test_reports_are_for_those_who_may(enter: Callable[[str], Client], programme: None, path: str, role: str) -> None:
    """Everybody of the staff but agents; the files too."""
    client = enter(role)
    status = 200 if role in ("operator", "auditor", "admin") else 403
    assert client.get(path).status_code == status
    assert Client().get(path)["Location"].startswith("/console/login/?next=")
    assert client.post(path).status_code == 405
    if path == PATHS[0]:
        assert client.get(f"{path}tier.csv").status_code == status


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_every_report_is_shown_in_every_language(
    enter: Callable[[str], Client],
    shop: list[Member],
    years: list[int],
    fall: Callable[[str, dt.datetime], Member],
    noon: dt.datetime,
    language: str,
) -> None:
    """With and without all that can be asked of it."""
    client = enter("auditor")
    fall("eve", noon)
    client.cookies["django_language"] = language
    asked = {
        "liability": ("date=2025-12-31&tier=silver", "tier=member"),
        "movement": ("by=day&ends=2026-02", "months=36"),
        "breakage": ("ends=2025-11",),
        "spending": ("months=24&tier=silver&ends=2026-01",),
        "standings": ("months=36",),
        "migration": ("starts=2025-06-30&date=2025-12-31", "starts=2025-12-31"),
        "stays": ("months=12&ends=2026-01",),
        "risk": ("days=90&tier=silver",),
        "economics": ("months=24&ends=2026-01",),
        "effect": ("months=1&ends=2026-02",),
        "campaigns": ("months=24&ends=2026-01",),
        "satisfaction": ("months=24&ends=2026-01",),
    }
    idle = {"effect", "campaigns", "satisfaction"}
    for kind in reports.SHELF:
        for query in ("", *asked[kind.code]):
            page = client.get(f"/console/reports/{kind.code}/?{query}")
            there = "<table" in page.content.decode() or kind.code in ("campaigns", "satisfaction")
            assert page.status_code == 200 and there, (kind.code, query)
            # Where nothing was used there is nothing to draw; with uses it is drawn in test_effect and test_campaigns.
            assert page.content.decode().count('role="img"') >= (kind.code not in idle), (kind.code, query)


def test_nothing_yet_and_no_programme(enter: Callable[[str], Client], request: pytest.FixtureRequest) -> None:
    """Without a programme each says so; with one and nobody in it each has its table or says why not."""
    client = enter("operator")
    for path in (PATHS[0], PATHS[3]):
        assert "No programme has been published" in told(client.get(path))
        assert client.get(f"{path}tier.csv").status_code == 404
    request.getfixturevalue("programme")
    said = {path: told(client.get(path)) for path in PATHS}
    assert "outstanding now, 3 Mar 2026: 0, worth CN¥0.00." in said[PATHS[0]]
    assert "Not enough history" in said[PATHS[2]] and "No points have become usable yet" in said[PATHS[2]]
    assert "points went from 0 to 0 (0)" in said[PATHS[1]]


def test_liability_is_what_the_balances_say(
    enter: Callable[[str], Client], shop: list[Member], noon: dt.datetime
) -> None:
    """The sums of all tables are one; what ended is left out though no night came; the past is as it was."""
    client = enter("operator")
    balances = [points_queries.get_balance(member.id, noon) for member in shop]
    available, pending = sum(b.available for b in balances), sum(b.pending for b in balances)
    assert (
        points_queries.moved_and_held(noon.date(), noon.date())[1].net > available + pending
    )  # three sign-ups have ended and are not booked
    page = client.get(PATHS[0]).content.decode()
    worth = f"CN¥{Decimal(available + pending) / 100:,.2f}"
    assert f"Points outstanding now, 3 Mar 2026: {available + pending:,}, worth {worth}." in text_of(page)
    tiers = table_of(page, "By tier")
    assert tiers[-1] == ["All", f"{available:,}", f"{pending:,}", "0", f"{available + pending:,}", worth]
    assert [row[0] for row in tiers[1:-1]] == ["Member", "Silver"]
    assert (
        table_of(page, "By source")[-1][1] == table_of(page, "By month of expiry")[-1][3] == f"{available + pending:,}"
    )
    then = told(client.get(PATHS[0], {"date": "2025-12-20"}))
    assert "at the end of 20 Dec 2025: 900, worth CN¥9.00." in then  # 600 of Ann, and three sign-ups of 100


def test_movement_adds_up_and_ends_where_liability_begins(
    enter: Callable[[str], Client], shop: list[Member], noon: dt.datetime
) -> None:
    """Opening and all columns make the closing, line by line; the last closing is what is outstanding."""
    client = enter("operator")
    for query in ("", "months=24", "by=day"):
        _head, *rows = rows_of(client.get(f"{PATHS[1]}movement.csv?{query}"))
        for row in rows:
            assert int(row[1]) + sum(int(points) for points in row[2:-1]) == int(row[-1])
        assert all(before[-1] == row[1] for before, row in itertools.pairwise(rows[:-1]))
        outstanding = rows_of(client.get(f"{PATHS[0]}tier.csv"))[-1][4]
        assert rows[-1][-1] == outstanding
    opening = rows_of(client.get(f"{PATHS[1]}movement.csv?by=day&ends=2026-02"))[1][1]
    assert opening == rows_of(client.get(f"{PATHS[0]}tier.csv?date=2026-01-31"))[-1][4]


def test_complaint_21_the_running_balance_survives_a_cancelled_and_refunded_order(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime
) -> None:
    """Points used, the order returned in pieces: report, balances and sum of all entries are one number."""
    ann = join("ann", at=noon - 90 * DAY, reward=True)
    buy("ann", "1", "300 200", noon - 60 * DAY)
    spend(ann, 450, noon - 40 * DAY)
    give_back("1", "1", noon - 30 * DAY)
    give_back("1", "2", noon - 20 * DAY)
    buy("ann", "2", "120", noon - 10 * DAY)
    balance = points_queries.get_balance(ann.id, noon)
    client = enter("operator")
    net = balance.available + balance.pending - balance.debt
    assert rows_of(client.get(f"{PATHS[0]}tier.csv"))[-1][4] == str(net)
    assert rows_of(client.get(f"{PATHS[1]}movement.csv"))[-1][-1] == str(net)
    for date in ("2026-01-20", "2026-01-25", "2026-02-05", "2026-02-15"):
        then = points_queries.get_balance_as_of(ann.id, clock.day_end(dt.date.fromisoformat(date)))
        row = rows_of(client.get(f"{PATHS[0]}tier.csv?date={date}"))[-1]
        assert row[1:4] == [str(then.available), str(then.pending), str(then.debt)], date


def test_breakage_tells_what_expired_and_what_is_to_be_expected(
    enter: Callable[[str], Client], years: list[int]
) -> None:
    """A steady shop: the rate of what is over, a forecast near it, and last year's without much error."""
    client = enter("auditor")
    page = told(client.get(PATHS[2]))
    rate = re.search(r"of months that are over, ([\d.]+)% expired unused", page)
    assert rate and 68.5 < float(rate[1]) < 70
    rows = rows_of(client.get(f"{PATHS[2]}cohorts.csv"))
    over = [row for row in rows if row[-1] == "over"]
    forecast = [row for row in rows if row[-1] == "forecast"]
    assert len(over) == 16 and len(forecast) == 12
    assert all(int(row[1]) == int(row[2]) + int(row[4]) + int(row[5]) for row in rows[1:])
    assert all(float(row[7]) <= float(row[6]) <= float(row[8]) for row in forecast)
    assert all(0.68 < float(row[6]) < 0.71 for row in forecast)
    tested = rows_of(client.get(f"{PATHS[2]}back_test.csv"))
    assert abs(int(tested[-1][5])) < 0.02 * int(tested[-1][4])
    assert "The forecast of 28 Feb 2025" in page
    expected = rows_of(client.get(f"{PATHS[0]}expected.csv"))
    total = breakage.of_open_points(dt.date(2026, 2, 28))
    assert total and expected[1][2] == f"{total.share:.6f}"
    assert int(expected[2][3]) >= int(expected[1][3]) >= int(expected[3][3])


def test_spending_is_set_against_earning_and_sales(enter: Callable[[str], Client], shop: list[Member]) -> None:
    """By month and tier, alike in sum; a chosen tier shows its own."""
    client = enter("operator")
    months, tiers = (rows_of(client.get(f"{PATHS[3]}{table}.csv")) for table in ("month", "tier"))
    assert months[-1][1:8] == tiers[-1][1:8]
    assert months[-1][1:3] == ["730", "250"] and months[-1][4] == "730.00" and months[-1][6] == "2.50"
    assert months[-1][8:] == ["1", "0.333333"]
    silver = rows_of(client.get(f"{PATHS[3]}month.csv?tier=silver"))
    assert silver[-1][1] == next(row[1] for row in tiers if row[0] == "silver")


def rows_of(answer: Any) -> list[list[str]]:
    """The rows of a file."""
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("path", PATHS)
def test_a_file_holds_what_its_table_shows(
    enter: Callable[[str], Client],
    shop: list[Member],
    years: list[int],
    fall: Callable[[str, dt.datetime], Member],
    noon: dt.datetime,
    path: str,
) -> None:
    """Row for row; numbers bare, under names that stay."""
    fall("eve", noon)
    define(), give_coupon(shop[0].id)
    count_campaign(noon)
    answer_once(shop[0], noon)
    client = enter("operator")
    page = client.get(path).content.decode()
    links = re.findall(r'href="(/console/reports/\w+/\w+\.csv[^"]*)"', page)
    titles = re.findall(r'<h2 id="h-\d">(.*?)</h2>', page)
    assert links and len(links) == len(titles)
    for link, title in zip(links, titles, strict=True):
        answer = client.get(unescape(link))
        assert answer["Content-Disposition"].startswith('attachment; filename="')
        head, *rows = rows_of(answer)
        shown = table_of(page, unescape(title))
        assert len(head) == len(shown[0]) == len(set(head)) and len(rows) == len(shown) - 1 > 0
        for row, cells in zip(rows, shown[1:], strict=True):
            for bare, text in zip(row[1:], cells[1:], strict=True):
                assert_alike(bare, text)


def count_campaign(at: dt.datetime) -> None:
    """Will leave the figures of a campaign that was started an hour ago."""
    campaign = cast.draft(at=at)
    Campaign.objects.filter(id=campaign.id).update(starts_at=at - dt.timedelta(hours=1))
    names = [field.name for field in Headline._meta.fields]
    counts = {name: 7 for name in names if not name.startswith(("lift", "extra", "campaign", "at"))}
    more = {"lift": 0.125, "lift_low": -0.05, "lift_high": 0.3, "extra": 9, "extra_low": -1, "extra_high": 19}
    Headline.objects.create(campaign=campaign, at=at, **counts, **more)


def answer_once(member: Member, at: dt.datetime) -> None:
    """Will let a member answer both questions of a message."""
    message = Message.objects.create(
        member=member, channel="inbox", source_key="asked", purpose="service", state="sent", due_at=at, sent_at=at
    )
    for question in Question:
        messaging_actions.answer(token=message.token, question=question, score=4, comment="", at=at, actor="link")


def assert_alike(bare: str, text: str) -> None:
    """A cell of the file and of the page say the same."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", bare):
        assert text == formats.cal(dt.date.fromisoformat(bare))
    elif text.endswith("%"):
        assert abs(float(bare) * 100 - float(plain(text))) < 0.051, (bare, text)
    elif " of " in text:
        assert Decimal(bare) == Decimal(text.partition(" of ")[0])
    elif text == "–":
        assert bare in ("", "0")
    elif re.search(r"\d", text):
        assert plain(bare) == plain(text), (bare, text)
    else:
        assert bare and not re.search(r"\d", bare)


def test_one_member_and_many_take_the_same_queries(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime
) -> None:
    """Each report, for the role that sees most; the statements read everybody at once."""
    join("one", at=noon - 90 * DAY)
    buy("one", "1", "100", noon - 40 * DAY)
    client = enter("admin")
    for path in PATHS:
        client.get(path)
    one = {path: queries_of(client, path)[0] for path in PATHS}
    crowd(join, 40, noon)
    many = {path: queries_of(client, path)[0] for path in PATHS}
    assert one == many and max(many.values()) <= MOST_QUERIES


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("liability/?date=2026-03-03", "It is not over yet"),
        ("liability/?date=1999-01-01", "There are no figures so far back"),
        ("liability/?date=tomorrow", "Write a date, for example 2026-03-31"),
        ("liability/?date=9999-12-31", "It is not over yet"),
        ("liability/?tier=<b>", "Select a valid choice"),
        ("movement/?ends=2026-04", "It is not over yet"),
        ("movement/?ends=0001-01", "There are no figures so far back"),
        ("movement/?by=year&months=1", "Select a valid choice"),
        ("movement/?ends=%00", ""),
        ("breakage/?ends=2026-03", "It is not over yet"),
        ("breakage/?ends=2026-13", "Write a year and a month"),
        ("spending/?months=-1", "Select a valid choice"),
        ("standings/?months=5", "Select a valid choice"),
        ("migration/?starts=2026-03-03", "It is not over yet"),
        ("migration/?starts=2025-01-01&date=2025-01-01", "Choose a date after the one from which to look"),
        ("migration/?starts=2025-02-30", "Write a date, for example 2026-03-31"),
        ("migration/?date=1999-12-31", "There are no figures so far back"),
        ("migration/?date=9999-12-31", "It is not over yet"),
        ("stays/?ends=2026-04", "It is not over yet"),
        ("risk/?days=31", "Select a valid choice"),
        ("risk/?after=%00&before=x~y", ""),
        ("risk/?after=NaN~1", ""),
        ("risk/?after=9999999999999999999999~1", ""),
        ("economics/?ends=never", "Write a year and a month"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_the_default_shown(
    enter: Callable[[str], Client], shop: list[Member], path: str, words: str
) -> None:
    """422, never a fault; the file says the same as the page."""
    answer = enter("operator").get(f"/console/reports/{path}")
    assert answer.status_code == (422 if words else 200)
    assert words in told(answer) and "<table" in answer.content.decode() and "<b>" not in answer.content.decode()[:0]


def test_there_is_no_such_report_or_table(enter: Callable[[str], Client], shop: list[Member]) -> None:
    """404, in words."""
    client = enter("operator")
    for path in ("nothing/", "liability/nothing.csv", "breakage/back_test.csv", "nothing/tier.csv"):
        assert client.get(f"/console/reports/{path}").status_code == 404, path


def test_a_ledger_too_large_for_a_page_says_so(
    enter: Callable[[str], Client], shop: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing hangs; the page stays whole."""

    def too_slow(key: object, ask: object) -> None:
        raise paging.TooSlow("stopped")

    def too_slow_anew(ask: object) -> None:
        raise paging.TooSlow("stopped")

    monkeypatch.setattr(tables, "kept", too_slow)
    monkeypatch.setattr(tables, "anew", too_slow_anew)
    for path in PATHS:
        page = told(enter("operator").get(path))
        assert "This would take too long" in page
        assert "which the night has counted" not in page
    yesterday = clock.business_date(clock.now()) - dt.timedelta(days=1)
    world.night(nightly.find_step("close_liability"), yesterday)
    offered = enter("operator").get("/console/reports/liability/")
    assert f'href="?date={yesterday}"' in offered.content.decode()
    closed = told(enter("operator").get(f"/console/reports/liability/?date={yesterday}"))
    assert "As the night counted it on" in closed and "This would take too long" not in closed


def test_forms_say_what_is_asked(programme: None, noon: dt.datetime) -> None:
    """Defaults, whole periods, the last month that is over."""
    today = noon.date()
    kinds = {kind.code: kind for kind in reports.SHELF}
    liability = form_of(kinds["liability"], {"date": "2026-02-28", "tier": "gold"}, today)
    assert isinstance(liability, LiabilityForm) and liability.query() == {"date": "2026-02-28", "tier": "gold"}
    assert MovementForm({}, today=today).asked().starts_on == dt.date(2025, 4, 1)
    by_day = MovementForm({"by": "day", "ends": "2024-02"}, today=today).asked()
    assert (by_day.starts_on, by_day.ends_on, by_day.by_day) == (dt.date(2024, 2, 1), dt.date(2024, 2, 29), True)
    assert BreakageForm({}, today=today).asked().ends == dt.date(2026, 2, 28)
    spending = SpendingForm({"months": "24", "tier": "gold"}, today=today, tiers=[("gold", "Gold")]).asked()
    assert (spending.starts_on, spending.ends_on, spending.tier) == (dt.date(2024, 4, 1), dt.date(2026, 3, 31), "gold")


@pytest.mark.parametrize(
    ("date", "today", "expected"),
    [
        ("2026-03-03", "2026-03-03", "2026-02-28"),
        ("2026-03-31", "2026-03-31", "2026-02-28"),
        ("2026-03-31", "2026-04-01", "2026-03-31"),
        ("2026-01-15", "2026-04-01", "2025-12-31"),
    ],
)
def test_the_last_month_over(date: str, today: str, expected: str) -> None:
    """A month is over when its last date is."""
    days = [dt.date.fromisoformat(day) for day in (date, today, expected)]
    assert breakage.last_month_over(days[0], days[1]) == days[2]
