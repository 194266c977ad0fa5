"""Point days: a campaign of its own lets orders of its days earn more - quoted, booked and taken back alike."""

import datetime as dt
from decimal import Decimal

import pytest

from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns.enums import CampaignKind, CampaignState
from campaigns.models import Campaign
from members.models import Member
from membership_site.flows import point_days
from points import queries as points_queries
from points.models import Entry
from tests.campaigns.cast import started, turn
from tests.conftest import NOON, enrol
from tests.flows.shop import give_back, place
from tests.points.proof import balanced  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("module_programme", "balanced")]

DAY = dt.timedelta(days=1)
DOUBLE = {
    "starts_on": "2026-03-03",
    "ends_on": "2026-03-05",
    "multiplier": "2",
    "names": {"en": "Double points", "zh-hans": "双倍积分"},
}


def double(**changes: object) -> Campaign:
    """Double points from today noon through Thursday."""
    return started(kind=CampaignKind.POINT_DAYS, point_days={**DOUBLE, **changes})


def earned(member: Member) -> int:
    """What a member has earned, less what was taken back."""
    rows = Entry.objects.filter(member=member, wallet="points", source_key__startswith="order:")
    return sum(rows.values_list("points", flat=True))


def test_orders_of_the_days_earn_double_and_others_do_not() -> None:
    ann = enrol("ann")
    double()
    place("1", ["100"], NOON - dt.timedelta(minutes=1))
    assert earned(ann) == 100
    place("2", ["100"], NOON)
    assert earned(ann) == 300
    place("3", ["100"], NOON + 3 * DAY)
    assert earned(ann) == 400


def test_what_was_booked_is_said_with_the_campaigns_name() -> None:
    ann = enrol("ann")
    double()
    place("1", ["100"], NOON)
    [row] = Entry.objects.filter(member=ann, wallet="points", source_key__startswith="order:web:1")
    assert any(step.get("names") == DOUBLE["names"] for step in row.explanation)


def test_a_return_takes_back_the_double_in_pieces() -> None:
    ann = enrol("ann")
    campaign = double()
    place("1", [("1", 3, "33.50")], NOON)
    assert earned(ann) == 201
    give_back("1", "R1", {"1": 1}, NOON + DAY)
    campaigns_actions.cancel(campaign_id=campaign.id, reason="", at=NOON + 2 * DAY, actor="test")
    give_back("1", "R2", {"1": 1}, NOON + 4 * DAY)
    give_back("1", "R3", {"1": 1}, NOON + 5 * DAY)
    assert earned(ann) == 0


def test_a_campaign_that_is_ended_early_keeps_its_days_up_to_then() -> None:
    ann = enrol("ann")
    campaign = double()
    campaigns_actions.cancel(campaign_id=campaign.id, reason="", at=NOON + DAY, actor="test")
    place("late", ["100"], NOON + DAY - dt.timedelta(minutes=1))
    place("after", ["100"], NOON + DAY)
    assert earned(ann) == 300


def test_a_cap_a_member_is_kept_over_all_the_days() -> None:
    ann = enrol("ann")
    double(most_per_member=120)
    place("1", ["100"], NOON)
    place("2", ["100"], NOON + DAY)
    assert earned(ann) == 320


def test_a_tier_may_be_asked_for() -> None:
    ann = enrol("ann")
    double(tier="silver")
    place("1", ["100"], NOON)
    assert earned(ann) == 100


@pytest.mark.parametrize(
    ("changes", "rate"), [({"weekdays": [1]}, 2), ({"weekdays": [0]}, 1), ({"day": 3}, 2), ({"day": 4}, 1)]
)
def test_days_may_be_chosen(changes: dict[str, object], rate: int) -> None:
    ann = enrol("ann")
    double(**changes)
    place("1", ["100"], NOON)
    assert earned(ann) == 100 * rate


def test_without_point_days_the_policy_is_the_published_one() -> None:
    policy = points_queries.policy_on(NOON.date())
    assert point_days.with_days(policy, NOON) is policy
    double()
    [rule] = point_days.with_days(policy, NOON).rules[len(policy.rules) :]
    assert (rule.amount, dict(rule.names)) == (Decimal(2), DOUBLE["names"])
    assert campaigns_queries.rules_at(campaigns_queries.point_days(), NOON - DAY) == ()


def test_point_days_are_not_paused() -> None:
    campaign = double()
    with pytest.raises(campaigns_actions.NotUnderWay):
        campaigns_actions.pause(campaign_id=campaign.id, reason="", at=NOON, actor="test")


def test_point_days_begin_and_end_by_themselves() -> None:
    campaign = double()
    ends = dt.datetime(2026, 3, 5, 16, 0, tzinfo=dt.UTC)
    assert turn(campaign, NOON).state == CampaignState.RUNNING
    assert campaigns_queries.due_campaigns(ends - dt.timedelta(seconds=1)) == []
    assert turn(campaign, ends).state == CampaignState.FINISHED


def test_point_days_that_are_given_up_before_they_begin_were_none() -> None:
    ann = enrol("ann")
    campaign = double(starts_on="2026-03-04")
    campaigns_actions.cancel(campaign_id=campaign.id, reason="", at=NOON, actor="test")
    place("1", ["100"], NOON + DAY)
    assert earned(ann) == 100
