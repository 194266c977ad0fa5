"""What members do besides buying: streaks, caps and once-only rewards, each told once, by the programme's own days."""

import datetime as dt

import pytest

from members import actions as members_actions
from membership_site.flows import member_entry
from orders.actions import StatementChanged
from orders.enums import Recorded
from points import queries as points_queries
from points.models import Entry
from tests.flows.shop import DAY, do, place, purse, tier
from tests.flows.test_refunds import everything
from tests.members.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]


@pytest.fixture
def ann(join):
    return join("ann").id


def test_a_streak_grows_day_by_day_and_begins_anew_after_a_gap(ann, noon):
    week = [5, 5, 10, 10, 15, 15, 50]
    days = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11]
    points = [do("check_in", noon + day * DAY).points for day in days]
    assert points == [*week, 5, 5, 5, 5]
    balance = points_queries.get_balance(ann, noon + 11 * DAY)
    assert (balance.available, balance.pending) == (sum(points), 0)
    assert points_queries.growth_in_window(ann, dt.date(2026, 3, 1), dt.date(2026, 3, 31)) == 2 * len(days)


def test_days_are_the_programmes_own_and_a_second_check_in_of_a_day_earns_nothing(ann):
    def check_in(text):
        return do("check_in", dt.datetime.fromisoformat(text)).points

    assert check_in("2026-03-02T15:59:59+00:00") == 5
    assert check_in("2026-03-02T16:00:00+00:00") == 5
    assert check_in("2026-03-03T15:59:59+00:00") == 0
    assert check_in("2026-03-03T16:00:00+00:00") == 10
    assert check_in("2026-03-01T16:00:00+00:00") == 0


@pytest.mark.parametrize(
    ("kind", "points", "growth", "most"), [("share", 5, 5, 3), ("review", 20, 10, 9), ("survey", 30, 0, 9)]
)
def test_caps_of_a_day(ann, noon, kind, points, growth, most):
    answers = [do(kind, noon + n * dt.timedelta(minutes=1)) for n in range(5)]
    assert [(a.points, a.growth) for a in answers] == [(points, growth) if n < most else (0, 0) for n in range(5)]
    assert do(kind, noon + DAY).points == points
    assert purse(ann, noon + DAY)[0] == points * (min(most, 5) + 1)


def test_once_is_once_in_a_membership_whatever_the_order(ann, join, noon):
    join("bob")
    assert do("profile_completed", noon).points == 50
    assert do("profile_completed", noon + 900 * DAY).points == 0
    assert do("profile_completed", noon - 9 * DAY).points == 0


def test_a_photo_counts_only_where_it_is_said(ann, noon):
    answers = [do("review", noon, event_id=str(photo), photo=photo) for photo in (True, False, "yes", 1)]
    assert [answer.points for answer in answers] == [50, 20, 20, 20]


def test_an_event_twice_is_one_and_other_content_is_refused(ann, noon):
    first = do("review", noon, event_id="e1", photo=True)
    before = everything()
    again = do("review", noon, event_id="e1", photo=True)
    assert (first.outcome, again.outcome) == (Recorded.NEW, Recorded.SAME)
    assert (again.points, again.growth, again.tier, again.statement) == (50, 10, first.tier, first.statement)
    for changed in ({"photo": False}, {"stars": 5, "photo": True}):
        with pytest.raises(StatementChanged):
            do("review", noon, event_id="e1", **changed)
    with pytest.raises(StatementChanged):
        do("share", noon, event_id="e1", photo=True)
    assert everything() == before


def test_a_type_of_the_shops_own_is_kept_and_earns_nothing(ann, noon):
    answer = do("spin_the_wheel", noon, colour="red")
    assert (answer.outcome, answer.points, answer.growth, answer.statement) == (Recorded.NEW, 0, 0, ())
    assert answer.unearned == ({"code": "event_without_rule", "type": "spin_the_wheel"},)
    assert do("spin_the_wheel", noon, colour="red").outcome == Recorded.SAME
    assert Entry.objects.count() == 0


def test_growth_raises_the_tier_at_once(ann, noon):
    place("1", ["985"], noon)
    answers = [do("share", noon + n * dt.timedelta(minutes=1)) for n in range(1, 4)]
    assert [answer.tier.code for answer in answers] == ["member", "member", "silver"]
    assert tier(ann) == "silver" and answers[2].tier.changed


def test_the_sign_up_reward_is_given_once_and_at_once(programme, noon):
    ann = members_actions.register(new=person("ann"), joined_at=noon, at=noon, actor="test").id
    for days in (0, 0, 3):
        member_entry.enter(member_id=ann, at=noon, actor="test", reward=True)
        assert purse(ann, noon + days * DAY) == (100, 0, 0)
    (row,) = points_queries.list_statement(ann)
    assert (row.source_key, row.points, row.expires_on) == ("sign_up", 100, dt.date(2027, 3, 31))
