"""Joining: the reward, and whatever was waiting for the new member, under whichever name it was told."""

import datetime as dt

import pytest

from members import actions as members_actions
from members.actions import IdentityTaken
from members.models import Member
from members.rules import MemberReference
from membership_site.flows import member_joined
from orders.enums import Recorded
from orders.models import Order, ShopEvent
from points import queries as points_queries
from tests.flows.shop import ANN, DAY, do, give_back, place, purse, tier
from tests.flows.test_refunds import everything
from tests.members.people import person
from tiers import queries as tiers_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced", "programme")]


def join(at, name="ann", phone="+8613800138000", **rest):
    return member_joined.register(new=person(name, phone), at=at, actor="test", **rest).id


def test_a_new_member_has_wallets_a_tier_and_the_reward(noon):
    ann = join(noon)
    assert purse(ann, noon) == (100, 0, 0) and tier(ann) == "member"
    assert tiers_queries.get_standing(ann, noon).until is None
    assert purse(join(noon, "bob", "", reward=False), noon) == (0, 0, 0)


@pytest.mark.parametrize(
    "name",
    [
        MemberReference(external_id="c-ann"),
        MemberReference(email="Ann@Example.com"),
        MemberReference(phone="+86 138-0013-8000"),
        MemberReference(anything="c-ann"),
        MemberReference(anything="ANN@example.com"),
        MemberReference(anything="+8613800138000"),
    ],
)
def test_what_was_parked_is_booked_when_the_member_joins(noon, name):
    parked = place("1", [("a", 2, "50")], noon - 2 * DAY, who=name)
    assert (parked.outcome, parked.points, parked.member_number, parked.tier) == (Recorded.PARKED, 0, "", None)
    assert give_back("1", "R1", {"a": 1}, noon - DAY).outcome == Recorded.PARKED
    assert do("review", noon - DAY, who=name).outcome == Recorded.PARKED
    place("2", ["70"], noon - DAY, who=MemberReference(external_id="c-bob"))
    ann = join(noon)
    assert purse(ann, noon) == (120, 50, 0)
    assert points_queries.growth_in_window(ann, dt.date(2026, 3, 1), dt.date(2026, 3, 3)) == 60
    assert Order.objects.filter(member=None).count() == 1 and not ShopEvent.objects.filter(member=None).exists()
    before = everything()
    again = place("1", [("a", 2, "50")], noon - 2 * DAY, who=name)
    assert (again.outcome, again.points) == (Recorded.SAME, 100)
    assert do("review", noon - DAY, who=name).outcome == Recorded.SAME
    assert everything() == before


def test_parked_orders_are_lived_through_in_order_of_time(noon):
    for number, amount, days in [("3", "100", 1), ("1", "1000", 3), ("2", "100", 2)]:
        place(number, [amount], noon - days * DAY)
    assert Order.objects.filter(booked_at=None).count() == 3
    ann = join(noon)
    assert purse(ann, noon) == (100, 1200, 0)  # she held no tier when she placed them
    assert [d.at for d in tiers_queries.list_decisions(ann) if d.kind == "upgrade"] == [noon]


def test_parked_statements_keep_their_latest_state(noon):
    place("1", ["100"], noon - 2 * DAY)
    assert place("1", ["80"], noon - 2 * DAY, stated_at=noon - DAY).outcome is Recorded.PARKED
    assert place("1", ["99"], noon - 2 * DAY).outcome is Recorded.STALE
    place("2", ["50"], noon - 2 * DAY)
    place("2", ["50"], noon - 2 * DAY, status="cancelled", stated_at=noon - DAY)
    place("3", ["7"], noon - 2 * DAY, status="placed")
    ann = join(noon)
    assert purse(ann, noon) == (100, 80, 0)
    place("3", ["7"], noon - 2 * DAY, stated_at=noon)
    assert purse(ann, noon) == (100, 87, 0)


def test_nobody_joins_twice(noon):
    join(noon)
    before = everything()
    for twin in (person("ann"), person("bob", "+86 138 0013 8000")):
        with pytest.raises(IdentityTaken):
            member_joined.register(new=twin, at=noon, actor="test")
    assert everything() == before and Member.objects.count() == 1


def test_who_was_imported_without_a_date_joins_with_the_first_order(noon):
    ann = members_actions.register(new=person("ann"), joined_at=None, at=noon, actor="test").id
    place("1", ["100"], noon - 3 * DAY)
    do("review", noon)
    assert Member.objects.get(id=ann).joined_at == noon - 3 * DAY
    assert purse(ann, noon) == (20, 100, 0)
    assert tiers_queries.get_standing(ann, noon).since == dt.date(2026, 2, 28)
    assert place("1", ["100"], noon - 3 * DAY, who=ANN).outcome == Recorded.SAME
