"""The reports on tiers: figures by hand, what adds up, the list of those about to fall, who may see it."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from types import MappingProxyType

import pytest
from django.test import Client

from members.enums import StaffRole
from members.models import Member
from membership_site.console import access
from membership_site.console.access import Capability
from membership_site.console.forms.reports import EconomicsForm, MigrationForm, RiskForm, StandingsForm, StaysForm
from membership_site.console.pages.reports import economics, risk, rungs
from membership_site.flows import nightly
from tests.conftest import NOON, enrol
from tests.night import world

from .conftest import buy, give_back
from .test_reports import rows_of, told

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
STEP = nightly.find_step("recalculate_tiers")


@pytest.fixture(scope="module")
def club(module_programme: None) -> dict[str, Member]:
    """Ann rose and fell, bob is gold by a late order, cat and dan are silver and about to fall, eve has just joined."""
    made = {name: enrol(name, NOON - 500 * DAY) for name in ("ann", "bob", "cat", "dan")}
    buy("ann", "1", "1500", NOON - 450 * DAY)
    buy("cat", "2", "1200", NOON - 340 * DAY)
    buy("dan", "3", "1000", NOON - 330 * DAY)
    world.night(STEP, (NOON - 50 * DAY).date())
    buy("bob", "4", "6000 200", NOON - 40 * DAY)
    give_back("4", "2", NOON - 35 * DAY)
    buy("cat", "5", "100", NOON - 30 * DAY)
    made["eve"] = enrol("eve", NOON - 10 * DAY)
    return made


def csv_of(client: Client, path: str) -> list[dict[str, str]]:
    """A file of a report, row by row under its heads."""
    head, *rows = rows_of(client.get(f"/console/reports/{path}"))
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_standings_tell_now_and_then(enter: Callable[[str], Client], club: dict[str, Member]) -> None:
    """Twelve ends of months and now; shares of each line; what changed from the first to the last."""
    client = enter("operator")
    rows = csv_of(client, "standings/month.csv")
    assert [row["date"] for row in rows][:2] == ["2025-03-31", "2025-04-30"] and rows[-1]["date"] == "now"
    assert len(rows) == 13 and len(csv_of(client, "standings/month.csv?months=36")) == 37
    then, now = rows[0], rows[-1]
    assert [then[f"members_{code}"] for code in ("member", "silver", "gold")] == ["2", "2", "0"]
    assert [now[f"members_{code}"] for code in ("member", "silver", "gold")] == ["2", "2", "1"]
    assert (then["members"], now["members"], now["share_silver"]) == ("4", "5", "0.400000")
    change = {row["tier"]: row for row in csv_of(client, "standings/change.csv")}
    assert change["gold"]["change"] == "1" and change["silver"]["share_change"] == "-0.100000"
    said = told(client.get("/console/reports/standings/"))
    assert "5 members now: Diamond 0.0%, Gold 20.0%, Silver 40.0% and Member 40.0%." in said
    assert "Above the lowest tier stood 50.0% of 4 at the end of 31 Mar 2025, and 60.0% stand there now." in said


def test_migration_adds_up(enter: Callable[[str], Client], club: dict[str, Member]) -> None:
    """Ann down, bob up, cat and dan the same, eve joined; lines sum to what stood, columns to what stands."""
    client = enter("finance")
    rows = {row["from"]: row for row in csv_of(client, "migration/matrix.csv?starts=2025-12-01")}
    assert rows["silver"]["to_member"] == "1" and rows["silver"]["share_member"] == "0.333333"
    assert rows["silver"]["to_silver"] == "2" and rows["member"]["to_gold"] == "1"
    assert rows["joined"]["to_member"] == "1" == rows["joined"]["all"] and rows["all"]["all"] == "5"
    directions = {row["tier"]: row for row in csv_of(client, "migration/direction.csv?starts=2025-12-01")}
    assert [directions["all"][side] for side in ("up", "down", "same", "net")] == ["1", "1", "2", "0"]
    assert [directions["silver"][side] for side in ("up", "down", "same", "net")] == ["0", "1", "2", "-1"]
    said = told(client.get("/console/reports/migration/?starts=2025-12-01"))
    assert "Of 4 members at the end of 1 Dec 2025, by 3 Mar 2026 1 stood higher (25.0%) and 1 lower (25.0%): 0." in said
    assert "1 joined in between." in said
    before = csv_of(client, "migration/matrix.csv?starts=2024-01-01&date=2024-12-31")
    assert {row["from"]: row["all"] for row in before}["joined"] == "4"


def test_stays_are_measured(enter: Callable[[str], Client], club: dict[str, Member]) -> None:
    """Silver: ann's ended after validity and grace, cat's and dan's run; ends of validity: one, and she fell."""
    client = enter("auditor")
    rows = {row["tier"]: row for row in csv_of(client, "stays/length.csv")}
    silver = rows["silver"]
    assert [silver[name] for name in ("stays", "ended", "up", "down", "running")] == ["3", "1", "0", "1", "2"]
    assert silver["days_half"] == "395"  # cat and dan were not followed so far: alone ann is at risk, and ends
    assert rows["gold"]["days_half"] == "" and rows["member"]["stays"] == "6"
    ends = {row["tier"]: row for row in csv_of(client, "stays/ends.csv")}
    assert (ends["silver"]["kept"], ends["silver"]["fell"], ends["silver"]["kept_share"]) == ("0", "1", "0.000000")
    still = csv_of(client, "stays/still.csv")
    assert still[0]["share_silver"] == still[11]["share_silver"] == "1.000000"
    assert [row["days"] for row in still[:3]] == ["0", "30", "60"]
    said = told(client.get("/console/reports/stays/"))
    assert "half were over after: Silver 395 days" in said and "1 end of validity was decided: 0.0% kept" in said


def test_who_is_about_to_fall_is_listed_by_value(
    enter: Callable[[str], Client], club: dict[str, Member], noon: dt.datetime
) -> None:
    """Cat has one of five orders for 28 March, dan nothing for 7 April; the page names them, the file does not."""
    client = enter("operator")
    answer = client.get("/console/reports/risk/")
    page = unescape(answer.content.decode())
    said = told(answer)
    assert "The tier of 2 members ends within 60 days and is not kept yet: 66.7% of all above the lowest tier." in said
    assert "They spent CN¥2,300.00 in the last year." in said
    cat, dan = club["cat"].number, club["dan"].number
    assert re.findall(r'<th scope="row"><a href="/console/members/(\w+)/">', page) == [cat, dan]
    assert f"Cat · {cat}" in page
    rows = csv_of(client, "risk/members.csv")
    assert [row["member"] for row in rows] == [cat, dan]
    assert [row["ends_on"] for row in rows] == ["2026-03-28", "2026-04-07"]
    assert [(row["metric"], row["missing"]) for row in rows] == [("orders", "4"), ("spend", "1000.00")]
    assert [row["year_spend"] for row in rows] == ["1300.00", "1000.00"]
    assert "Cat" not in client.get("/console/reports/risk/members.csv").content.decode()
    sums = {row["tier"]: row for row in csv_of(client, "risk/tier.csv")}
    assert (sums["all"]["members"], sums["all"]["stand"], sums["silver"]["spend_each"]) == ("2", "3", "1150.00")
    weeks = csv_of(client, "risk/week.csv")
    assert sum(int(row["members"]) for row in weeks) == 2
    assert sum(Decimal(row["year_spend"]) for row in weeks) == 2300
    assert weeks[-1]["through"] == (noon.date() + 60 * DAY).isoformat() and len(weeks) == 9
    assert [row["member"] for row in csv_of(client, "risk/members.csv?days=30")] == [cat]
    assert "Nobody’s tier ends within 60 days" in told(client.get("/console/reports/risk/?tier=gold"))


def test_the_list_goes_page_by_page_and_the_file_has_all(
    enter: Callable[[str], Client], club: dict[str, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Next and back keep what was asked."""
    monkeypatch.setattr(risk, "ROWS", 1)
    client = enter("operator")
    first = client.get("/console/reports/risk/?days=90").content.decode()
    [older] = re.findall(r'rel="next" href="(\?[^"]+)"', first)
    assert 'rel="prev"' not in first and "days=90" in older and "2 members" in first
    second = client.get(f"/console/reports/risk/{unescape(older)}").content.decode()
    [newer] = re.findall(r'rel="prev" href="(\?[^"]+)"', second)
    assert 'rel="next"' not in second and club["dan"].number in second and club["cat"].number not in second
    again = client.get(f"/console/reports/risk/{unescape(newer)}").content.decode()
    assert club["cat"].number in again and club["dan"].number not in again
    assert len(csv_of(client, f"risk/members.csv{unescape(older)}")) == 2


def test_members_are_named_to_those_who_may_see_members(
    enter: Callable[[str], Client], club: dict[str, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role with reports alone gets every report but this one, and is not shown it."""
    grants = {**access.GRANTS, StaffRole.FINANCE: frozenset({Capability.SEE_OVERVIEW, Capability.SEE_REPORTS})}
    monkeypatch.setattr(access, "GRANTS", MappingProxyType(grants))
    client = enter("finance")
    for path in ("risk/", "risk/members.csv", "risk/tier.csv"):
        answer = client.get(f"/console/reports/{path}")
        assert answer.status_code == 403 and "Open to:" in answer.content.decode()
    index = client.get("/console/reports/").content.decode()
    assert "/console/reports/risk/" not in index and "/console/reports/stays/" in index
    assert client.get("/console/reports/stays/").status_code == 200
    assert "/console/reports/risk/" in enter("operator").get("/console/reports/").content.decode()


def test_a_tier_is_set_against_what_it_costs(enter: Callable[[str], Client], club: dict[str, Member]) -> None:
    """Bob was a member until his order, cat silver: her hundred earned twice as much as a member's would have."""
    client = enter("finance")
    rows = {row["tier"]: row for row in csv_of(client, "economics/tier.csv?months=12")}
    silver = rows["silver"]
    assert (silver["members"], silver["orders"], silver["sales"]) == ("1", "1", "100.00")
    multiplier = Decimal(1) + Decimal(silver["extra"]) / Decimal(silver["base"])
    assert int(silver["base"]) == 100 and multiplier == 2
    assert silver["worth"] == "2.00" and silver["worth_share"] == "0.020000" and silver["extra_share"] == "0.010000"
    member = rows["member"]  # dan and bob
    assert (member["members"], member["extra"]) == ("2", "0")
    assert rows["all"]["members"] == "3"
    assert Decimal(rows["all"]["sales"]) == sum(Decimal(row["sales"]) for code, row in rows.items() if code != "all")
    months = csv_of(client, "economics/month.csv?months=12")
    for name in ("orders", "sales", "base", "extra", "other", "taken_back", "earned", "worth", "extra_worth"):
        assert months[-1][name] == rows["all"][name], name
    spending = csv_of(client, "spending/tier.csv?months=12")[-1]
    assert (spending["earned"], spending["sales"]) == (rows["all"]["earned"], rows["all"]["sales"])
    assert "of sales" in told(client.get("/console/reports/economics/"))


@pytest.mark.parametrize(
    ("points", "multiplier", "lowest", "expected"),
    [(300, "1.5", "1", 100), (301, "1.5", "1", 100), (7, "4", "1", 5), (9, None, "1", 0), (10, "1", "1", 0)],
)
def test_what_a_multiplier_added(points: int, multiplier: str | None, lowest: str, expected: int) -> None:
    """Rounded down; nothing where there is none."""
    assert economics.extra_of(points, Decimal(multiplier) if multiplier else None, Decimal(lowest)) == expected


def test_a_long_ladder_shares_a_colour() -> None:
    """The highest tiers have their own, the lowest one together; a short ladder has no such group."""
    names = {code: code.title() for code in ("a", "b", "c", "d", "e", "f")}
    assert [one.codes for one in rungs.drawn(names)] == [("a", "b", "c"), ("d",), ("e",), ("f",)]
    assert [one.name for one in rungs.drawn({"a": "A", "b": "B"})] == ["A", "B"]
    assert rungs.with_others({"a": "A"}, ["z", "a", "y"]) == {"a": "A", "y": "y", "z": "z"}


def test_forms_on_tiers_say_what_is_asked(noon: dt.datetime) -> None:
    """Defaults, whole periods, dates in order."""
    today = noon.date()
    assert StandingsForm({}, today=today).asked().months == 12
    migration = MigrationForm({}, today=today)
    assert (migration.asked().starts, migration.asked().date) == (dt.date(2025, 3, 3), None)
    assert MigrationForm({"date": "2025-12-31"}, today=today).asked().starts == dt.date(2024, 12, 31)
    assert MigrationForm({"starts": "2025-01-01", "date": "x"}, today=today).asked().date is None
    assert StaysForm({}, today=today).asked().starts_on == dt.date(2023, 4, 1)
    asked = RiskForm({"days": "30", "after": "12.50~7"}, today=today).asked()
    assert asked.days == 30 and str(asked.after) == "12.50~7" and asked.before is None and not asked.whole
    assert EconomicsForm({"ends": "2025-12"}, today=today).asked().ends_on == dt.date(2025, 12, 31)
