"""Campaigns that something sets going: found in what happened, once for each occasion, for those the plan asks for."""

import datetime as dt
from typing import Any

import pytest

from campaigns.enums import CampaignKind, CampaignState
from campaigns.models import Recipient, Run
from kit import clock
from members.models import Member
from members.rules import MemberReference
from messaging.models import Message
from orders.models import ShopEvent
from points.models import ExpiryNotice
from tests.campaigns.cast import reachable, started, turn
from tests.conftest import NOON
from tests.flows.shop import place
from tiers.models import Decision, FallNotice, Standing, Tier

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("module_programme")]

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


def going(trigger: str, begun: dt.datetime = NOON, **when: Any) -> Run:
    """A triggered campaign that looks from an instant on."""
    parts = {key: when.pop(key) for key in ("tree", "rewards") if key in when}
    campaign = started(begun, kind=CampaignKind.TRIGGERED, when={"trigger": trigger, **when}, **parts)
    return turn(campaign, begun).runs.get()


def entered(run: Run, at: dt.datetime) -> dict[int, dt.datetime]:
    """Who is in after a turn at an instant, and when he is due."""
    turn(run.campaign, at)
    return dict(Recipient.objects.filter(run=run).values_list("member_id", "due_at"))


def received(member: Member, kind: str, number: int, at: dt.datetime) -> None:
    """The shop told of something at an instant."""
    event = ShopEvent.objects.create(
        member=member, source="web", event_id=f"{kind}-{number}", type=kind, occurred_at=at, business_date=at.date(),
        digest=b"1", booked_at=at,
    )  # fmt: skip
    ShopEvent.objects.filter(id=event.id).update(received_at=at)


def test_whoever_joins_is_welcomed_once() -> None:
    reachable("before")
    run = going("welcome", delay_hours=2)
    later = NOON + MINUTE
    ann = reachable("ann", at=later)
    Member.objects.filter(id=ann.id).update(created_at=later)
    assert entered(run, NOON + 2 * MINUTE) == {ann.id: later + dt.timedelta(hours=2)}
    assert entered(run, NOON + 3 * MINUTE) == {ann.id: later + dt.timedelta(hours=2)}
    assert Message.objects.filter(member=ann, channel="email").count() == 1


def test_whoever_typed_his_code_days_later_is_welcomed_then() -> None:
    run = going("welcome")
    later = NOON + MINUTE
    ann = reachable("ann", at=later)
    Member.objects.filter(id=ann.id).update(created_at=NOON - 3 * DAY)
    assert entered(run, NOON + 2 * MINUTE) == {ann.id: later}


def test_members_imported_with_a_past_are_not_welcomed() -> None:
    run = going("welcome")
    old = reachable("old", at=NOON - 400 * DAY)
    Member.objects.filter(id=old.id).update(created_at=NOON + MINUTE)
    assert entered(run, NOON + 2 * MINUTE) == {}


def test_whoever_rises_is_congratulated_and_an_old_rise_is_not() -> None:
    """When a decision was recorded is the database's own time, so the story is told of today."""
    now = clock.now()
    ann, bob = reachable("ann", at=now - 30 * DAY), reachable("bob", at=now - 30 * DAY)
    run = going("upgrade", now)
    place("1", ["1200"], now)
    place("2", ["1200"], now - 20 * DAY, who=MemberReference(number=bob.number))
    assert Decision.objects.filter(member__in=[ann, bob], kind="upgrade").count() == 2
    assert set(entered(run, clock.now() + MINUTE)) == {ann.id}


def test_any_event_of_the_shops_own_sets_it_going_each_time() -> None:
    ann, bob = reachable("ann"), reachable("bob")
    run = going("event", event="wishlist")
    received(ann, "wishlist", 1, NOON + MINUTE)
    received(ann, "wishlist", 2, NOON + 2 * MINUTE)
    received(bob, "review", 1, NOON + MINUTE)
    turn(run.campaign, NOON + 3 * MINUTE)
    assert [one.member_id for one in Recipient.objects.filter(run=run)] == [ann.id, ann.id]


def test_again_after_days_lets_only_the_first_one_count() -> None:
    ann = reachable("ann")
    run = going("event", event="wishlist", again_after_days=7)
    received(ann, "wishlist", 1, NOON + MINUTE)
    turn(run.campaign, NOON + 2 * MINUTE)
    received(ann, "wishlist", 2, NOON + DAY)
    received(ann, "wishlist", 3, NOON + 8 * DAY)
    turn(run.campaign, NOON + DAY + MINUTE)
    turn(run.campaign, NOON + 8 * DAY + MINUTE)
    assert Recipient.objects.filter(run=run).count() == 2


def test_only_those_the_plan_asks_for_are_addressed() -> None:
    ann, bob = reachable("ann"), reachable("bob")
    Member.objects.filter(id=ann.id).update(region="Hong Kong")
    tree = {"all": [{"field": "members.region", "operator": "is", "values": ["Hong Kong"]}]}
    run = going("event", event="wishlist", tree=tree)
    for member in (ann, bob):
        received(member, "wishlist", member.id, NOON + MINUTE)
    assert set(entered(run, NOON + 2 * MINUTE)) == {ann.id}


@pytest.mark.parametrize(
    ("born", "on", "is_due"),
    [("1990-03-05", "2026-03-05", True), ("1990-03-05", "2026-03-04", False), ("1992-02-29", "2027-02-28", True),
     ("1992-02-29", "2028-02-28", False), ("1992-02-29", "2028-02-29", True)],
)  # fmt: skip
def test_birthdays(born: str, on: str, is_due: bool) -> None:
    date = dt.date.fromisoformat(on)
    at = dt.datetime.combine(date, dt.time(1), dt.UTC)
    ann = reachable("ann")
    Member.objects.filter(id=ann.id).update(birthday=born)
    run = going("birthday", at - dt.timedelta(hours=2), at="10:00")
    nine = dt.datetime.combine(date, dt.time(2), dt.UTC)
    assert entered(run, at) == ({ann.id: nine} if is_due else {})
    assert len(entered(run, at + dt.timedelta(hours=3))) == is_due


def test_an_anniversary_of_joining() -> None:
    ann = reachable("ann", at=NOON - 365 * DAY)
    reachable("new", at=NOON - dt.timedelta(hours=1))
    run = going("anniversary")
    assert set(entered(run, NOON + dt.timedelta(hours=2))) == {ann.id}


def test_whoever_is_about_to_fall_and_whose_points_lapse() -> None:
    ann, bob = reachable("ann"), reachable("bob")
    today = dt.date(2026, 3, 3)
    low, high = Tier.objects.order_by("rank")[:2]
    ladder = Standing.objects.get(member=ann, ladder__code="main").ladder
    FallNotice.objects.create(
        member=ann, ladder=ladder, ends_on=today + 30 * DAY, days_before=30, due_on=today, tier=high, to_tier=low,
        falls_on=today + 60 * DAY,
    )  # fmt: skip
    ExpiryNotice.objects.create(member=bob, expires_on=today + 7 * DAY, days_before=7, due_on=today, points=50)
    fall, lapse = going("about_to_fall"), going("points_lapsing")
    assert set(entered(fall, NOON + dt.timedelta(hours=1))) == {ann.id}
    assert set(entered(lapse, NOON + dt.timedelta(hours=1))) == {bob.id}


def test_whoever_has_gone_quiet() -> None:
    ann = reachable("ann")
    place("1", ["100"], NOON - 45 * DAY)
    run = going("gone_quiet", days=45)
    assert set(entered(run, NOON + dt.timedelta(hours=1))) == {ann.id}
    later = going("gone_quiet", days=44)
    place("2", ["100"], NOON - DAY)
    assert entered(later, NOON + dt.timedelta(hours=1)) == {}


def test_whose_streak_of_check_ins_broke() -> None:
    ann, bob = reachable("ann"), reachable("bob")
    for days in (2, 3, 4):
        received(ann, "check_in", days, NOON - days * DAY)
    for days in (2, 4, 5):
        received(bob, "check_in", 10 + days, NOON - days * DAY)
    run = going("streak_broken", days=3)
    assert set(entered(run, NOON + dt.timedelta(hours=1))) == {ann.id}


def test_what_happened_before_the_campaign_does_not_count() -> None:
    ann = reachable("ann")
    Member.objects.filter(id=ann.id).update(birthday=dt.date(1990, 3, 2))
    run = going("birthday")
    assert entered(run, NOON + dt.timedelta(hours=2)) == {}


def test_a_triggered_campaign_stays_until_it_is_over() -> None:
    run = going("birthday", ends_on="2026-03-10")
    assert turn(run.campaign, NOON + DAY).state == CampaignState.RUNNING
    assert turn(run.campaign, dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)).state == CampaignState.FINISHED
