"""The same deliveries in whatever order, and however often, end in the same state."""

from contextlib import suppress
from itertools import permutations

import pytest
from django.db import transaction

from members.actions import IdentityTaken
from members.models import Identity
from membership_site.flows import member_joined
from tests.flows.shop import DAY, do, give_back, place, worth
from tests.members.people import person
from tests.points.proof import violations

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced"), pytest.mark.slow]


def end_states(deeds, state):
    """Lives through every order of the deeds, then tells all of them again, and undoes each life."""
    ends = {}
    for way in permutations(deeds):
        with transaction.atomic():
            for name in way:
                deeds[name]()
            ends[way] = state()
            for name in way:
                deeds[name]()
            assert state() == ends[way], f"{way}, told twice"
            assert list(violations()) == [], way
            transaction.set_rollback(True)
    return ends


def same(ends):
    """The one state that all ended in; where they differ, one of each."""
    found = []
    for way, end in ends.items():
        if not any(end == other for _, other in found):
            found.append((way, end))
    assert len(found) == 1, "\n".join(f"{way}: {end}" for way, end in found)
    return found[0][1]


@pytest.fixture
def ann(join, noon):
    member_id = join("ann", reward=True).id
    place("0", ["40"], noon - DAY)
    return member_id


def test_earning_returning_and_cancelling_nets_to_nought(ann, noon):
    before = worth(ann, noon + 9 * DAY)
    lines = [("a", 3, "33.35"), ("b", 1, "7")]
    deeds = {
        "paid": lambda: place("1", lines, noon),
        "cancelled": lambda: place("1", lines, noon, status="cancelled", stated_at=noon + 2 * DAY),
        "R1": lambda: give_back("1", "R1", {"a": 1}, noon + DAY),
        "R2": lambda: give_back("1", "R2", {"a": 2, "b": 1}, noon + 3 * DAY),
    }
    assert same(end_states(deeds, lambda: worth(ann, noon + 9 * DAY))) == before


def test_editing_and_returning_ends_where_the_latest_statement_says(ann, noon):
    def state(lines, hours, status="paid"):
        return lambda: place("1", lines, noon, status=status, stated_at=noon + hours * DAY / 24)

    deeds = {
        "placed": state([("a", 3, "30"), ("b", 1, "7")], 0, "placed"),
        "paid": state([("a", 2, "30"), ("b", 1, "7")], 1),
        "edited": state([("a", 3, "33.35"), ("b", 2, "9"), ("c", 1, "5")], 2),
        "R1": lambda: give_back("1", "R1", {"a": 2}, noon + DAY),
    }
    end = same(end_states(deeds, lambda: worth(ann, noon + 9 * DAY)))
    alone = {"edited": deeds["edited"], "R1": deeds["R1"]}
    assert same(end_states(alone, lambda: worth(ann, noon + 9 * DAY))) == end
    assert end["purse"] == (140 + 57, 0, 0) and end["growth"] == 40 + 57


def test_a_line_that_comes_and_goes_between_returns(ann, noon):
    def state(lines, hours):
        return lambda: place("1", lines, noon, stated_at=noon + hours * DAY / 24)

    a, b = ("a", 3, "33.35"), ("b", 2, "9")
    place("1", [a, b], noon)
    deeds = {
        "without b": state([a], 1),
        "fewer, and b again": state([("a", 1, "33.35"), b], 2),
        "as before": state([a, b], 3),
        "R1": lambda: give_back("1", "R1", {"a": 2}, noon + DAY),
    }
    assert same(end_states(deeds, lambda: worth(ann, noon + 9 * DAY)))["purse"] == (140 + 52, 0, 0)


def test_an_order_its_return_a_review_and_joining_in_any_order(programme, noon):
    def join():
        with suppress(IdentityTaken):
            member_joined.register(new=person("ann"), at=noon - 9 * DAY, actor="test")

    def state():
        return worth(Identity.objects.get(value="c-ann").member_id, noon + 9 * DAY)

    deeds = {
        "joins": join,
        "order 1": lambda: place("1", ["400", "200.60"], noon - DAY),
        "back": lambda: give_back("1", "R1", {"2": 1}, noon + DAY),
        "review": lambda: do("review", noon + 2 * DAY),
    }
    end = same(end_states(deeds, state))
    assert end["purse"] == (100 + 400 + 20, 0, 0) and end["orders"] == 1 and end["growth"] == 410


def test_orders_that_reach_a_tier_together_reach_it_in_any_order(ann, noon):
    deeds = {str(n): (lambda n=n: place(str(n), ["330"], noon + n * DAY)) for n in (1, 2, 3)}
    ends = end_states(deeds, lambda: worth(ann, noon + 30 * DAY))
    assert {end["tier"] for end in ends.values()} == {"silver"}
    assert {end["growth"] for end in ends.values()} == {40 + 990}
