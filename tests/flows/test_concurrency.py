"""Many deliveries at once, with real transactions: each booked once, sums exact, nothing lost between two."""

import datetime as dt

import pytest

from members.models import Member
from members.rules import MemberReference
from membership_site.flows import member_joined
from orders.models import Order, Refund, SpendMovement
from points.models import Entry
from tests.flows.shop import DAY, do, give_back, place, purse, use, worth
from tests.kit.threads import kinds, overlapping, together
from tests.members.people import person
from tiers.models import Decision

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("balanced")]


def test_one_order_and_one_return_told_by_sixteen_are_booked_once(join, noon):
    ann = join("ann").id
    answers = together([lambda: place("1", [("a", 2, "50"), ("b", 1, "33")], noon)] * 16)
    assert {answer.points for answer in answers} == {133}
    assert sorted(answer.outcome for answer in answers) == ["new"] + ["same"] * 15
    assert Entry.objects.count() == 4 and SpendMovement.objects.count() == Order.objects.count() == 1
    answers = together([lambda: give_back("1", "R1", {"a": 1}, noon + DAY)] * 16)
    assert sorted(answer.outcome for answer in answers) == ["new"] + ["same"] * 15
    assert {answer.reversed for answer in answers} == {50} and Refund.objects.count() == 1
    assert purse(ann, noon + DAY) == (0, 83, 0)


def test_parallel_orders_and_reviews_of_one_member_reach_the_tier_once(join, noon):
    ann = join("ann").id
    minute = dt.timedelta(minutes=1)
    deeds = [lambda n=n: place(str(n), ["99.50", "21"], noon + n * minute) for n in range(8)]
    deeds += [lambda n=n: do("review", noon + n * minute) for n in range(8)]
    answers = together(deeds)
    assert kinds(answers) == {"OrderAnswer": 8, "EventAnswer": 8}
    end = worth(ann, noon + DAY)
    assert (end["tier"], end["spend"], end["orders"], end["growth"]) == ("silver", 964, 8, 8 * 120 + 80)
    assert Decision.objects.filter(kind="upgrade").count() == 1
    assert place("next", ["10"], noon + DAY).points == 20


def test_returns_and_spending_at_once_never_take_more_than_there_is(join, noon):
    ann = join("ann").id
    place("1", [("a", 10, "20")], noon)
    at = noon + 8 * DAY
    deeds = [lambda n=n: give_back("1", f"R{n}", {"a": 1}, at) for n in range(14)]
    deeds += [lambda n=n: use(ann, 30, at, f"use {n}") for n in range(8)]
    answers = together(deeds)
    used = kinds(answers)["NewEntry"]
    assert kinds(answers)["RefundAnswer"] == 14 and used + kinds(answers)["NotEnoughPoints"] == 8
    assert sum(a.reversed for a in answers if hasattr(a, "reversed")) == 200
    assert purse(ann, at) == (0, 0, 30 * used)


@pytest.mark.parametrize("first", ["order", "return"])
def test_an_order_and_its_return_that_cross_do_not_miss_each_other(join, noon, first):
    ann = join("ann").id
    deeds = [lambda: place("1", [("a", 2, "50")], noon), lambda: give_back("1", "R1", {"a": 1}, noon + DAY)]
    answers = overlapping(*(deeds if first == "order" else reversed(deeds)))
    assert kinds(answers) == {"OrderAnswer": 1, "RefundAnswer": 1}
    assert not Refund.objects.filter(booked_at=None).exists()
    assert purse(ann, noon + DAY) == (0, 50, 0)


@pytest.mark.parametrize("what", ["order", "event"])
@pytest.mark.parametrize("first", ["joins", "buys"])
def test_joining_and_what_is_told_meanwhile_do_not_miss_each_other(programme, noon, first, what):
    deeds = [
        lambda: member_joined.register(new=person("ann"), at=noon, actor="test", reward=False),
        lambda: place("1", ["100"], noon - DAY) if what == "order" else do("review", noon - DAY),
    ]
    overlapping(*(deeds if first == "joins" else reversed(deeds)))
    assert purse(Member.objects.get().id, noon) == ((0, 100, 0) if what == "order" else (20, 0, 0))


def test_what_two_do_that_cross_is_what_one_does_after_the_other(join, noon):
    ann = join("ann").id
    minute = dt.timedelta(minutes=1)
    for n in range(2):
        do("share", noon + n * minute)
    shares = overlapping(lambda: do("share", noon + 2 * minute), lambda: do("share", noon + 3 * minute))
    assert [answer.points for answer in shares] == [5, 0]
    rewards = overlapping(lambda: do("profile_completed", noon), lambda: do("profile_completed", noon + minute))
    assert [answer.points for answer in rewards] == [50, 0]
    overlapping(lambda: place("1", ["600"], noon + DAY), lambda: place("2", ["600"], noon + DAY + minute))
    assert worth(ann, noon + 2 * DAY)["tier"] == "silver"
    twice = overlapping(lambda: place("3", ["10"], noon + 2 * DAY), lambda: place("3", ["10"], noon + 2 * DAY))
    assert [(answer.outcome, answer.points) for answer in twice] == [("new", 20), ("same", 20)]
    both = overlapping(lambda: use(ann, 50, noon + 3 * DAY, "a"), lambda: use(ann, 50, noon + 3 * DAY, "b"))
    assert kinds(both) == {"NewEntry": 1, "NotEnoughPoints": 1}


def test_a_person_joins_once_and_misses_nothing_that_comes_at_the_same_moment(programme, noon):
    def join():
        return member_joined.register(new=person("ann"), at=noon, actor="test")

    deeds = [join] * 4 + [lambda n=n: place(str(n), ["10"], noon) for n in range(8)]
    deeds += [
        lambda n=n: do("review", noon, event_id=str(n), who=MemberReference(email="ann@example.com")) for n in range(4)
    ]
    answers = together(deeds)
    assert kinds(answers) == {"Member": 1, "IdentityTaken": 3, "OrderAnswer": 8, "EventAnswer": 4}
    ann = Member.objects.get().id
    assert not Order.objects.filter(member=None).exists()
    end = worth(ann, noon)
    assert (end["purse"][0], end["orders"], end["growth"], end["tier"]) == (180, 8, 120, "silver")


def test_caps_and_once_only_rewards_hold(join, noon):
    ann = join("ann").id
    deeds = [lambda n=n: do("share", noon, event_id=f"s{n}") for n in range(16)]
    deeds += [lambda n=n: do("profile_completed", noon, event_id=f"p{n}") for n in range(8)]
    answers = together(deeds)
    assert sorted(answer.points for answer in answers) == [0] * 20 + [5, 5, 5, 50]
    assert purse(ann, noon) == (65, 0, 0)
