"""The list of members: every row once whatever the sort, every filter, bad input, saved views."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns.rules.segments import tree_from
from insights.models import Lifecycle
from kit.models import AuditRow, JobRun, SavedView
from members import actions as members_actions
from members.models import Account, Member, Tag
from tests.tiers.published import publish
from tiers import queries as tiers_queries
from tiers.enums import Join as JoinOf
from tiers.enums import MemberSort, Window
from tiers.models import Standing
from tiers.queries import MemberFilter
from tiers.rules import Requirement

from .conftest import Join, buy, crowd, happen, questions_of, text_of

pytestmark = pytest.mark.django_db

MEMBERS = "/console/members/"
MOST_QUESTIONS = 14


def numbers_in(page: str) -> list[str]:
    """Will return the numbers of the members in the list, in their order."""
    return re.findall(r'<small class="num">(M\d+)</small>', page)


def walk(client: Client, query: str, way: str, *, backwards: bool = False, most: int = 40) -> tuple[list[str], str]:
    """Will page through a list from an address on by its own links; returns the numbers and the last address."""
    found: list[str] = []
    for _page in range(most):
        page = client.get(MEMBERS + query).content.decode()
        found = [*numbers_in(page), *found] if backwards else [*found, *numbers_in(page)]
        link = re.search(rf'rel="{way}" href="([^"]+)"', page)
        if not link:
            return found, query
        query = link[1].replace("&amp;", "&")
    raise AssertionError("the pages do not end")


def test_paging_goes_through_everybody_once(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """Forwards and backwards, with ties, with members who have not joined and so lack every key."""
    crowd(join, 58, noon)
    Member.objects.bulk_create([Member(number=f"M9{index:04}", name="Not joined") for index in range(31)])
    client = enter("agent")
    everybody = sorted(Member.objects.values_list("number", flat=True))
    for sort in [*MemberSort, *(f"-{sort}" for sort in MemberSort)]:
        forwards, end = walk(client, f"?sort={sort}", "next")
        assert sorted(forwards) == everybody, sort
        backwards, start = walk(client, end, "prev", backwards=True)
        # The first page is filled up again, so it repeats rows of the second; all others are met once.
        assert backwards[-len(forwards) + 25 :] == forwards[25:], sort
        assert numbers_in(client.get(MEMBERS + start).content.decode()) == forwards[:25], sort


def test_the_order_is_the_one_stated(join: Join, noon: dt.datetime) -> None:
    """Against a sort in memory of the same keys."""
    crowd(join, 30, noon)

    def listed(sort: MemberSort, turned: bool = False) -> list[int]:
        page = tiers_queries.list_members(MemberFilter(), sort, turned=turned, after=None, before=None, limit=100)
        return list(page.ids)

    members = list(Member.objects.all())
    newest = [m.id for m in sorted(members, key=lambda m: (m.joined_at, m.id), reverse=True)]
    assert listed(MemberSort.NEWEST) == newest and listed(MemberSort.NEWEST, turned=True) == newest[::-1]
    standings = tiers_queries.standings_of([m.id for m in members])
    by_spend = sorted(standings, key=lambda i: (-standings[i].facts.spend, i))
    assert listed(MemberSort.SPEND) == by_spend and listed(MemberSort.SPEND, turned=True) == by_spend[::-1]


def test_one_row_and_many_take_the_same_queries(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """The stated number holds for every sort, page and filter, and while a step runs."""
    crowd(join, 1, noon)
    client = enter("operator")
    JobRun.objects.create(step="expire_lots", business_date=noon.date(), state="running", started_at=noon)
    one = questions_of(client, MEMBERS)
    for index in range(60):
        join(f"g{index}", at=noon)
    many = questions_of(client, MEMBERS)
    assert len(numbers_in(client.get(MEMBERS).content.decode())) == 25
    assert one == MOST_QUESTIONS - 1 and many == MOST_QUESTIONS  # counting, which one page makes needless
    filters = ("?sort=spend&tier=member", "?q=g1", "?q=g1&tier=member&keeps=risk&sort=ends", "?ordered=quiet&tag=x")
    for query in (*filters, "?points_min=1&sort=-points", "?stage=active&sort=spend&status=active"):
        assert questions_of(client, MEMBERS + query) <= MOST_QUESTIONS, query
    for sort in [*MemberSort, *(f"-{sort}" for sort in MemberSort)]:
        _numbers, end = walk(client, f"?sort={sort}", "next")
        assert questions_of(client, MEMBERS + end) <= MOST_QUESTIONS, end
        _numbers, start = walk(client, end, "prev")
        assert questions_of(client, MEMBERS + start) <= MOST_QUESTIONS + 1, start  # less than a page was left


def test_search_finds_by_everything_known(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """Part of a name, number, e-mail, phone, order; signs of LIKE are only signs."""
    ann, bob = join("ann"), join("bob")
    Member.objects.filter(id=ann.id).update(name="王小明 Ann_Percent%")
    ann.identities.create(kind="phone", source="", value="+8613800138000")
    buy("ann", "SO-77", "20", noon)
    client = enter("agent")
    for text in ("小明", "ann_", "t%", ann.number, ann.number.lower(), ann.number[1:], "ANN@example.com", "SO-77"):
        assert numbers_in(client.get(MEMBERS, {"q": text}).content.decode()) == [ann.number], text
    for text in ("+86 138 0013 8000", "8613800138000"):
        assert numbers_in(client.get(MEMBERS, {"q": text}).content.decode()) == [ann.number], text
    for text in ("_b", "%", "\\", "nobody", "' OR 1=1 --"):
        expected = [ann.number] if text == "%" else []
        assert numbers_in(client.get(MEMBERS, {"q": text}).content.decode()) == expected, text
    assert numbers_in(client.get(MEMBERS, {"q": "bob"}).content.decode()) == [bob.number]


def test_filters_and_built_in_views(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """Each filter keeps whom it says; the four views are filters with a name."""
    rich, quiet, never = join("rich"), join("quiet", at=noon - dt.timedelta(days=300)), join("never")
    buy("rich", "R1", "12000", noon - dt.timedelta(days=20))
    buy("quiet", "Q1", "1200", noon - dt.timedelta(days=100))
    for name in ("rich", "quiet"):
        happen(name, "survey", noon)  # books over what is no longer on hold, as the night would
    members_actions.tag(member_id=rich.id, names=["vip"], at=noon, actor="test")
    Member.objects.filter(id=never.id).update(status="blocked")
    client = enter("agent")

    def listed(query: str) -> list[str]:
        return sorted(numbers_in(client.get(MEMBERS + query).content.decode()))

    assert listed("?tier=gold") == [rich.number]
    assert listed("?tag=vip") == [rich.number]
    assert listed("?status=blocked") == [never.number]
    assert listed("?spend_min=1200&spend_max=1200.00") == [quiet.number]
    assert listed("?points_min=10000&sort=points") == [rich.number]
    assert listed("?points_max=0") == [never.number]
    assert listed("?ordered=recently") == [rich.number]
    assert listed("?ordered=quiet&sort=spend") == [quiet.number]
    assert listed("?ordered=never") == [never.number]
    assert listed("?keeps=risk&sort=ends") == []
    page = client.get(MEMBERS + "?ordered=quiet&sort=spend").content.decode()
    assert 'aria-current="page">Gone quiet</a>' in page


def test_about_to_drop_lists_who_does_not_keep_his_tier(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime
) -> None:
    """A tier that ends within 60 days, without what keeps it."""
    late, _safe = (join(name, at=noon - dt.timedelta(days=400)) for name in ("late", "safe"))
    for name in ("late", "safe"):
        buy(name, f"{name}-1", "1500", noon - dt.timedelta(days=350))
    buy("late", "late-2", "10", noon - dt.timedelta(days=1))
    buy("safe", "safe-2", "1500", noon - dt.timedelta(days=5))
    Standing.objects.filter(member_id=late.id).update(spend=10, orders=1, growth=10)
    page = enter("agent").get(MEMBERS + "?keeps=risk&sort=ends").content.decode()
    assert numbers_in(page) == [late.number]
    assert "4 orders short" in text_of(page)


def test_stages_are_listed_filtered_and_tagged_alone(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime
) -> None:
    """A stage keeps whom the night told to be in it, beside all other filters; tagging the list tags nobody else."""
    asleep, awake, other = join("asleep"), join("awake"), join("other")
    day = noon.date()
    for member, stage in ((asleep, "sleeping"), (awake, "active"), (other, "sleeping")):
        Lifecycle.objects.create(member=member, stage=stage, since_date=day, active_on=day, asleep_on=day)
    buy("asleep", "S-1", "1500", noon - dt.timedelta(days=100))
    client = enter("operator")
    page = client.get(MEMBERS + "?stage=sleeping").content.decode()
    assert sorted(numbers_in(page)) == sorted([asleep.number, other.number])
    assert page.count('<td class="opt nw">Asleep</td>') == 2
    assert 'aria-current="page">Asleep</a>' in client.get(MEMBERS + "?stage=sleeping&sort=spend").content.decode()
    query = "?stage=sleeping&ordered=quiet"
    assert numbers_in(client.get(MEMBERS + query).content.decode()) == [asleep.number]
    assert "1 member is in this list" in client.get(f"{MEMBERS}tag/{query}").content.decode()
    client.post(f"{MEMBERS}tag/", {"query": query[1:], "name": "wake", "deed": "put"})
    assert [row.member_id for row in Tag.objects.filter(name="wake")] == [asleep.id]
    assert "The list leaves this filter out" in client.get(MEMBERS + "?stage=dead").content.decode()
    answer = client.post(f"{MEMBERS}tag/", {"query": "stage=dead", "name": "all", "deed": "put"}, follow=True)
    assert "Nobody was tagged" in answer.content.decode()
    assert not Tag.objects.filter(name="all").exists()


def test_tagging_a_segments_members_tags_nobody_else(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime
) -> None:
    """The segment of the address holds for the deed as it does for the list."""
    ann, _bob = join("ann"), join("bob")
    buy("ann", "A-1", "1500", noon - dt.timedelta(days=10))
    client = enter("operator")
    owner = Account.objects.get(email="operator@staff.example")
    silver = {"all": [{"field": "tiers.tier", "operator": "is", "values": ["silver"]}]}
    tree = tree_from(silver, campaigns_queries.segment_fields())
    made = campaigns_actions.create_segment(name="Silver", tree=tree, owner_id=owner.id, at=noon, actor="test")
    client.post(f"{MEMBERS}tag/", {"query": f"segment={made}", "name": "shiny", "deed": "put"})
    assert [row.member_id for row in Tag.objects.filter(name="shiny")] == [ann.id]


def test_columns_are_chosen_in_the_address(enter: Callable[[str], Client], join: Join) -> None:
    """A link turns a column over; what is no column is left out; a view keeps the choice."""
    join("ann")
    client = enter("operator")
    page = client.get(MEMBERS + "?hide=spend-evil-stage").content.decode()
    heads = [text_of(re.sub("<[^>]+>", " ", head)) for head in re.findall(r"<th scope.*?</th>", page, re.DOTALL)]
    assert [head.split(" by ")[0] for head in heads] == [
        "Member",
        "Tier",
        "Points",
        "Keeps tier",
        "Last order",
        "Status",
    ]
    assert 'href="/console/members/?hide=stage"' in page
    assert 'href="/console/members/?hide=points-spend-stage"' in page
    kept = client.post(MEMBERS + "views/", {"name": "Narrow", "query": "hide=spend-stage&evil=1"})
    assert kept["Location"].endswith("?hide=spend-stage")
    assert 'aria-current="page">Narrow</a>' in client.get(kept["Location"]).content.decode()


BOTH, LATE = {"late", "safe"}, {"late"}


@pytest.mark.parametrize(
    ("keep", "rolling", "by_year"),
    [
        (Requirement(active_days=2), LATE, BOTH),
        (Requirement(active_days=1), set(), LATE),
        (Requirement(years=1), set(), set()),
        (Requirement(years=2), BOTH, BOTH),
        (Requirement(referrals=1), BOTH, BOTH),
        (Requirement(orders=1, active_days=2, join=JoinOf.ALL), LATE, BOTH),
        (Requirement(orders=9, years=1), set(), set()),
        (Requirement(), BOTH, BOTH),
        (None, set(), set()),
    ],
)
@pytest.mark.parametrize("window", [Window.ROLLING, Window.MEMBERSHIP_YEAR])
def test_about_to_drop_weighs_every_metric(
    enter: Callable[[str], Client],
    join: Join,
    noon: dt.datetime,
    keep: Requirement | None,
    rolling: set[str],
    by_year: set[str],
    window: Window,
) -> None:
    """Of what a standing does not sum up too; nobody of a tier that is never lost."""
    days = dt.timedelta(days=1)
    for name in ("late", "safe"):
        join(name, at=noon - 400 * days)
    change: dict[str, Any] = {"keep": keep} if keep is not None else {"never_lost": True}
    rungs = dict.fromkeys(("silver", "gold", "diamond"), change)
    window_days = 365 if window is Window.ROLLING else 0
    publish(noon.date() - 398 * days, rungs=rungs, window=window, window_days=window_days)
    for name in ("late", "safe"):
        buy(name, f"{name}-1", "1500", noon - 350 * days)
    happen("safe", "check_in", noon - days)
    Standing.objects.update(spend=10, orders=1, growth=10)
    page = enter("agent").get(MEMBERS + "?keeps=risk&sort=ends").content.decode()
    names = {number: name.lower() for number, name in Member.objects.values_list("number", "name")}
    assert {names[number] for number in numbers_in(page)} == (rolling if window is Window.ROLLING else by_year)


BAD = ("~", "a~1", "NaN~1", "Infinity~1", "1e999~2", "2026-99-99~1", "9" * 30 + "~1", "1~" + "9" * 30, "%00", "２~2")


@pytest.mark.parametrize("sort", ["", "newest", "spend", "-points", "ends", "drop table", "-", "--spend"])
@pytest.mark.parametrize("place", BAD)
def test_a_bad_place_is_the_first_page(enter: Callable[[str], Client], join: Join, sort: str, place: str) -> None:
    """Whatever stands in the address, never a fault."""
    ann = join("ann")
    for name in ("after", "before"):
        answer = enter("agent").get(MEMBERS, {"sort": sort, name: place})
        assert answer.status_code == 200 and numbers_in(answer.content.decode()) == [ann.number]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("spend_min", value) for value in ("x", "-1", "1e40", "NaN", "1,000", "\x00")),
        *(("points_max", value) for value in ("1.5", "-3", "9" * 40, "∞")),
        *(("tier", value) for value in ("<b>x", "a b", "x" * 300)),
        *(("status", value) for value in ("nice", "'")),
        *(("ordered", value) for value in ("yesterday",)),
        *(("keeps", value) for value in ("all",)),
        *(("stage", value) for value in ("dead", "'")),
        *(("hide", value) for value in ("x" * 500, "-", "<b>x")),
        *(("tag", value) for value in ("x" * 500, "\x00")),
        *(("q", value) for value in ("x" * 5000, "\x00", "%", "' --", "<b>x", "\N{GRINNING FACE}")),
    ],
)
def test_bad_filters_are_named_or_find_nobody(
    enter: Callable[[str], Client], join: Join, name: str, value: str
) -> None:
    """Never a fault, and what was typed comes back as text."""
    join("ann")
    answer = enter("agent").get(MEMBERS, {name: value})
    assert answer.status_code == 200 and "<b>x" not in answer.content.decode()


def test_views_are_saved_used_and_deleted(enter: Callable[[str], Client], join: Join) -> None:
    """By plain forms; a repeated name and an empty one are refused with what was typed kept."""
    join("ann")
    client = enter("operator")
    kept = client.post(MEMBERS + "views/", {"name": "Gold <i>", "query": "tier=gold&sort=spend&after=1~2&evil=1"})
    assert kept.status_code == 302 and kept["Location"].endswith("?tier=gold&sort=spend")
    page = client.get(kept["Location"]).content.decode()
    assert 'aria-current="page">Gold &lt;i&gt;</a>' in page and "Delete this view" in page
    again = client.post(MEMBERS + "views/", {"name": "Gold <i>", "query": "tier=gold"})
    assert again.status_code == 422 and "You have a view of this name already" in again.content.decode()
    empty = client.post(MEMBERS + "views/", {"name": " ", "query": "tier=gold"})
    assert empty.status_code == 422 and "Give the view a name" in empty.content.decode()
    view = SavedView.objects.get()
    other = enter("agent")
    assert other.post(f"{MEMBERS}views/{view.id}/delete/").status_code == 302 and SavedView.objects.exists()
    for _press in range(2):
        assert client.post(f"{MEMBERS}views/{view.id}/delete/").status_code == 302
    assert not SavedView.objects.exists()
    deeds = AuditRow.objects.filter(deed__startswith="view.").order_by("id").values_list("deed", flat=True)
    assert list(deeds) == ["view.saved", "view.deleted"]
    assert client.get(f"{MEMBERS}views/{view.id}/delete/").status_code == 405


def test_an_auditor_keeps_no_views(enter: Callable[[str], Client], join: Join) -> None:
    """He changes nothing, so he is not offered to."""
    join("ann")
    client = enter("auditor")
    assert "Save this view" not in client.get(MEMBERS + "?tier=gold").content.decode()
    assert client.post(MEMBERS + "views/", {"name": "x", "query": "tier=gold"}).status_code == 403


def test_names_are_text(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """A name that looks like markup is shown as typed."""
    ann = join("ann")
    Member.objects.filter(id=ann.id).update(name="<script>alert(1)</script>", region='"><img src=x>')
    members_actions.tag(member_id=ann.id, names=["<b>x</b>"], at=noon, actor="test")
    for path in (MEMBERS, f"{MEMBERS}?q=<script>", f"{MEMBERS}{ann.number}/", f'{MEMBERS}?tag="><img src=x>'):
        page = enter("agent").get(path).content.decode()
        assert "<script>alert" not in page and "<img src=x>" not in page and "<b>x</b>" not in page


def test_nobody_yet_and_nobody_matches(enter: Callable[[str], Client], programme: None) -> None:
    """Two empty lists, two sentences; without a programme there is a list all the same."""
    client = enter("agent")
    assert "No members yet" in client.get(MEMBERS).content.decode()
    assert "No member matches" in client.get(MEMBERS + "?q=nobody").content.decode()


def test_without_a_programme_pages_are_shown(enter: Callable[[str], Client]) -> None:
    """A fresh database has neither ladder nor policy."""
    client = enter("admin")
    Member.objects.create(number="M1", name="First")
    for path in ("/console/", MEMBERS, MEMBERS + "M1/", MEMBERS + "?tier=gold&sort=spend"):
        assert client.get(path).status_code == 200, path
