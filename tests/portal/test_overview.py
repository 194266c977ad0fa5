"""The overview: tier card, points card, last entries - true to the ledger, whatever the story."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from members import queries as members_queries
from members.models import Account, Member
from members.queries import MemberKey
from membership_site.portal.pages.balance import lapses_of
from membership_site.portal.pages.overview import overview
from points import actions as points_actions
from points import queries as points_queries
from points.queries import Expiring
from tests.benefits import coupons
from tests.benefits.shelf import gift, reward

from .conftest import Buy, check_in, give_back

pytestmark = pytest.mark.django_db

MOST_QUERIES = 38


def shown(client: Client, path: str = "/") -> str:
    """Will return what a page says, in one line."""
    return " ".join(client.get(path).content.decode().split())


def test_a_new_member_sees_where_to_go(browse: Client) -> None:
    """The lowest tier has no end; the way to the next is named."""
    page = shown(browse)
    assert "Yours for good" in page
    assert "<b>CN¥1,000</b> more reaches Silver" in page


def test_what_keeps_a_tier_is_what_will_still_count(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Silver is reached at once; what reached it will have left the window on its last day, so all is missing then."""
    buy("A1", ["1100"], noon - dt.timedelta(days=10))
    page = shown(browse)
    assert "Silver until 21 Feb 2027" in page
    assert "Silver begins at CN¥1,000; you had CN¥1,100" in page
    assert "<b>CN¥1,000</b> more by 21 Feb 2027 keeps Silver" in page
    assert "CN¥0 of it still counts on 21 Feb 2027" in page
    assert "<b>CN¥3,900</b> more reaches Gold" in page
    buy("A2", ["1000"], noon - dt.timedelta(days=2))
    page = shown(browse)
    assert "Enough to keep Silver after 21 Feb 2027" in page
    assert "CN¥1,000 of it still counts on 21 Feb 2027" in page


def test_the_top_has_nothing_above(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Diamond is kept, not passed."""
    buy("A1", ["15000"], noon)
    card = overview(_key(ann), noon).tier
    assert card is not None
    assert card.next_tier is None
    assert [goal.icon for goal in card.goals] == ["shield-check"]
    assert card.ways == ()
    assert shown(browse).count("reaches") == 0


def test_points_are_split_by_their_end(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Usable, on the way, expiring and worth agree with the ledger to the point."""
    buy("A1", ["300"], noon - dt.timedelta(days=40))
    buy("A2", ["80"], noon)
    card = overview(_key(ann), noon).points
    assert (card.available, card.pending, card.debt) == (300, 80, 0)
    assert card.worth == Decimal(3)
    assert sum(lapse.points for lapse in card.lapses) == card.available
    assert card.arrivals == (Expiring(dt.date(2026, 3, 10), 80),)
    page = shown(browse)
    assert "Expire 31 Jan 2027" in page
    assert "Usable from 10 Mar 2026" in page


def test_a_debt_is_said_not_hidden(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Points spent and then taken back are owed; the page says so and that nothing else is needed."""
    buy("A1", ["300"], noon - dt.timedelta(days=40))
    _spend(ann, 300, noon)
    give_back("A1", "1", noon)
    assert "150 points are owed after a refund" in shown(browse)


def test_one_order_is_one_entry(browse: Client, ann: Member, buy: Buy, noon: dt.datetime) -> None:
    """Three lines booked apart are one happening that opens to its lines."""
    buy("A1", ["10.50", "20.40", "30.30"], noon)
    entry = overview(_key(ann), noon).entries[0]
    assert entry.title == "Order A1"
    assert (entry.points, len(entry.lines)) == (61, 3)
    assert sum(line.points for line in entry.lines) == entry.points
    for line in entry.lines:
        assert sum(step.points for step in line.steps) == line.points
    assert shown(browse).count('class="ent"') == 3  # with the welcome points and their end


def test_rewards_in_reach_and_the_next_to_come(browse: Client, ann: Member, give: Any, noon: dt.datetime) -> None:
    """Three that can be had and the nearest that cannot; four that can be had where none is missing points."""
    assert "Rewards in reach" not in shown(browse)
    give(ann.id, 1000, "some", lot=(noon.date(), noon.date() + dt.timedelta(days=300)))
    gift()
    for number in range(1, 5):
        reward(f"now-{number}", price=100 * number)
    assert [tile.code for tile in overview(_key(ann), noon).rewards] == ["now-1", "now-2", "now-3", "now-4"]
    reward("far", price=9000), reward("near", price=4000), reward("gold", prices={"gold": 1})
    found = overview(_key(ann), noon).rewards
    assert [tile.code for tile in found] == ["now-1", "now-2", "now-3", "near"]
    page = shown(browse)
    assert page.index("Rewards in reach") < page.index("/rewards/now-1/") < page.index("/rewards/near/")
    assert "/rewards/far/" not in page and "/rewards/gold/" not in page
    assert "3,000 more points are needed." in page


def test_coupons_that_are_ready_and_end_first(browse: Client, ann: Member, noon: dt.datetime) -> None:
    """Three of four, soonest first; what is to come, used or lapsed is not ready."""
    assert overview(_key(ann), noon).coupons is None
    assert "coupons ready" not in shown(browse)
    for days in (20, 3, 40, 10):
        coupons.define(f"in-{days}", validity={"kind": "days", "days": days}, minimum="50")
        coupons.give(ann.id, f"in-{days}", source_key=f"in:{days}")
    coupons.define("late", amount="77")
    coupons.give(ann.id, "late", source_key="late", starts_on=dt.date(2026, 3, 5))
    coupons.give(ann.id, "late", source_key="lapsed", at=noon - dt.timedelta(days=30))
    card = overview(_key(ann), noon).coupons
    assert card is not None
    assert (card.count, [row.is_soon for row in card.rows]) == (4, [True, False, False])
    page = shown(browse)
    assert "4 coupons ready" in page and "Use by 6 Mar 2026, 3 days left" in page and "From CN¥50" in page
    assert "CN¥77 off" not in page and "12 Apr 2026" not in page


@pytest.mark.parametrize("orders", [1, 3])
def test_the_number_of_queries_does_not_grow(
    browse: Client, ann: Member, buy: Buy, noon: dt.datetime, django_assert_max_num_queries: Any, orders: int
) -> None:
    """With one entry and with many."""
    for number in range(orders):
        buy(f"A{number}", ["500", "600"], noon - dt.timedelta(days=30 * number))
        check_in(noon - dt.timedelta(days=number))
        coupons.define(f"c{number}")
        coupons.give(ann.id, f"c{number}")
        gift(f"g{number}")
        reward(f"r{number}", gives=f"g{number}", price=100)
    browse.get("/")
    with django_assert_max_num_queries(MOST_QUERIES):
        browse.get("/")


def test_nobody_sees_another(browse: Client, join: Callable[..., Member], buy: Buy, noon: dt.datetime) -> None:
    """Ann's pages know nothing of Bob."""
    join("bob")
    buy("B1", ["777"], noon, name="bob")
    for path in ("/", "/points/", "/me/"):
        page = shown(browse, path)
        assert "777" not in page
        assert "bob" not in page.lower()


def test_a_member_without_a_standing_is_no_fault(
    client: Client, account_of: Callable[[Member], Account], programme: None
) -> None:
    """Imported, but without an order yet: the pages say what will come."""
    member = Member.objects.create(number="M900", name="Eve")
    client.force_login(account_of(member), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Your tier begins with your first order" in shown(client)
    for path in ("/points/", "/tiers/", "/me/"):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("expiring", "rows"),
    [
        ([], []),
        ([(5, 10)], [("soon", 10, 5)]),
        ([(5, 10), (90, 20)], [("soon", 10, 5), ("later", 20, None)]),
        ([(5, 10), (90, 20), (100, 3)], [("soon", 10, 5), ("later", 20, None), ("rest", 3, None)]),
        ([(5, 10), (90, 20), (100, 3), (200, 4)], [("soon", 10, 5), ("later", 20, None), ("rest", 7, None)]),
    ],
)
def test_the_next_two_dates_are_named(expiring: list[tuple[int, int]], rows: list[tuple[str, int, int | None]]) -> None:
    """What expires after them is one row; days are said where they are few."""
    today = dt.date(2026, 3, 3)
    lots = [Expiring(today + dt.timedelta(days=days), points) for days, points in expiring]
    assert [(row.swatch, row.points, row.days) for row in lapses_of(lots, today)] == rows


def _key(member: Member) -> MemberKey:
    return members_queries.get_member(member.number)


def _spend(member: Member, points: int, at: dt.datetime) -> None:
    points_actions.spend(
        member_id=member.id,
        source_key="till:1",
        points=points,
        explanation=[{"code": "redemption"}],
        policy_id=points_queries.policy_on(at.date()).id,
        at=at,
        actor="test",
    )
