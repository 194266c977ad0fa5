"""What came of a campaign: told for each group and variant, attributed once, and taken back by returns."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns import actions as campaigns_actions
from campaigns import jobs as campaigns_jobs
from campaigns import queries as campaigns_queries
from campaigns.enums import Group
from campaigns.models import AttributionRules, Conversion, Recipient, Run
from campaigns.rules.attribution import BadWindows
from campaigns.rules.plan import plan_from
from kit.jobs import EVERYBODY, Night
from members.models import Member
from members.rules import MemberReference
from messaging.models import Message, MessageEvent
from orders.models import Order
from tests.benefits.coupons import define
from tests.campaigns.cast import launched, messages, reachable, recipients, sent
from tests.conftest import NOON
from tests.flows.shop import give_back, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("module_programme")]

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def buys(member: Member, number: str, amount: str, at: dt.datetime) -> None:
    place(number, [amount], at, who=MemberReference(number=member.number))


def happens(message: Message, kind: str, at: dt.datetime) -> None:
    MessageEvent.objects.create(message=message, kind=kind, key=f"{kind}:{at.isoformat()}", at=at)


def attributed(at: dt.datetime = NOON + DAY) -> dict[str, tuple[str, str]]:
    """Orders and by which channel's which touch, after the night of a date."""
    night = Night(at.date(), approved=None)
    for chunk in campaigns_jobs.attribute_orders(night, 0):
        assert chunk.upto
    assert not list(campaigns_jobs.attribute_orders(night, EVERYBODY))
    return {one.order.order_id: (one.channel, one.touch) for one in Conversion.objects.select_related("order")}


@pytest.fixture
def run(db: None) -> Run:
    """A launch to Ann and Bob, and to whoever is kept apart of ten others, at noon."""
    for name in ("ann", "bob", *(f"m{number}" for number in range(10))):
        reachable(name)
    found = launched(control_share=2500, window_days=7)
    sent(found, NOON)
    return found


def group(run: Run, name: Group) -> list[Member]:
    """The members of a group, by id."""
    return [one.member for one in Recipient.objects.filter(run=run, group=name).select_related("member").order_by("id")]


def came_of(run: Run, at: dt.datetime) -> tuple[campaigns_queries.Came, ...]:
    """Will return what came of a launch."""
    return campaigns_queries.came_of(run.id, plan_from(run.plan), at)


def test_what_became_of_messages_and_members(run: Run) -> None:
    ann, bob, cy = group(run, Group.TREATED)[:3]
    happens(messages(run)[ann.id], "delivered", NOON + HOUR)
    happens(messages(run)[ann.id], "opened", NOON + HOUR)
    happens(messages(run)[ann.id], "clicked", NOON + HOUR)
    happens(messages(run)[bob.id], "machine_opened", NOON + HOUR)
    happens(messages(run)[bob.id], "unsubscribed", NOON + HOUR)
    buys(ann, "1", "100", NOON + HOUR)
    buys(bob, "2", "50", NOON + 7 * DAY)
    buys(cy, "3", "60", NOON - HOUR)
    treated, *_ = came_of(run, NOON + 30 * DAY)
    assert (treated.group, treated.variant) == (Group.TREATED, "A")
    assert (treated.sent, treated.delivered, treated.opened, treated.machine_opened) == (treated.members, 1, 1, 1)
    assert (treated.clicked, treated.unsubscribed, treated.converted, treated.orders) == (1, 1, 1, 1)
    assert (treated.revenue, treated.revenue_squares) == (100, 10_000)


def test_control_members_are_watched_alike(run: Run) -> None:
    apart = group(run, Group.CONTROL)
    buys(apart[0], "1", "40", NOON + HOUR)
    by_group = {came.group: came for came in came_of(run, NOON + DAY)}
    assert by_group[Group.CONTROL].members == len(apart)
    assert (by_group[Group.CONTROL].converted, by_group[Group.CONTROL].revenue, by_group[Group.CONTROL].sent) == (
        1,
        40,
        0,
    )


def test_a_return_takes_revenue_and_the_conversion_back(run: Run) -> None:
    ann = group(run, Group.TREATED)[0]
    place("1", [("1", 2, "50")], NOON + HOUR, who=MemberReference(number=ann.number))
    give_back("1", "R1", {"1": 1}, NOON + 2 * HOUR)
    assert came_of(run, NOON + DAY)[0].revenue == 50
    give_back("1", "R2", {"1": 1}, NOON + 3 * HOUR)
    came = came_of(run, NOON + DAY)[0]
    assert (came.revenue, came.converted) == (0, 0)


@pytest.mark.parametrize(("goal", "converted"), [("click", 1), ("inform", 2), ("check_in", 0), ("redemption", 0)])
def test_other_goals_count_other_things(goal: str, converted: int) -> None:
    ann, bob = reachable("ann"), reachable("bob")
    run = launched(goal=goal)
    sent(run, NOON)
    happens(messages(run)[ann.id], "clicked", NOON + HOUR)
    for member in (ann, bob):
        happens(messages(run)[member.id], "opened", NOON + HOUR)
    assert came_of(run, NOON + DAY)[0].converted == converted


def test_the_cost_is_what_was_given_and_what_coupons_took_off() -> None:
    for name in ("ann", "bob"):
        reachable(name)
    define("ten")
    points = {"kind": "points", "points": 30, "most": 1000}
    run = launched(rewards=[points, {"kind": "coupon", "coupon": "ten", "most": 10}])
    cost = campaigns_queries.cost_of(came_of(run, NOON + DAY))
    assert (cost.points, cost.coupons, cost.coupons_used, cost.rewarded) == (60, 0, 0, 2)


# ---- attribution


def test_the_last_click_within_its_window_counts_and_sent_alone_does_not(run: Run) -> None:
    ann, bob = group(run, Group.TREATED)[:2]
    happens(messages(run)[ann.id], "clicked", NOON + HOUR)
    happens(messages(run, "inbox")[ann.id], "clicked", NOON + 2 * HOUR)
    happens(messages(run)[ann.id], "clicked", NOON + 5 * HOUR)
    buys(ann, "1", "100", NOON + 3 * HOUR)
    buys(bob, "2", "100", NOON + 3 * HOUR)
    assert attributed() == {"1": ("inbox", "clicked")}
    one = Conversion.objects.get()
    assert (one.member_id, one.touched_at) == (ann.id, NOON + 2 * HOUR)
    assert one.rules == AttributionRules.objects.latest("number")


def test_a_click_that_is_too_old_does_not_count(run: Run) -> None:
    ann = group(run, Group.TREATED)[0]
    happens(messages(run)[ann.id], "clicked", NOON)
    buys(ann, "1", "100", NOON + 5 * DAY)
    buys(ann, "2", "100", NOON + 5 * DAY - dt.timedelta(seconds=1))
    assert attributed(NOON + 6 * DAY) == {"2": ("email", "clicked")}


def test_other_windows_hold_from_then_on_and_leave_what_was_attributed(run: Run) -> None:
    ann = group(run, Group.TREATED)[0]
    happens(messages(run)[ann.id], "clicked", NOON)
    buys(ann, "1", "100", NOON + HOUR)
    attributed()
    before = Conversion.objects.get().rules
    rules = campaigns_actions.publish_windows(windows={"inbox": {"sent": 48, "clicked": 0}}, at=NOON, actor="test")
    assert rules.windows == {"inbox": {"sent": 48}}
    assert campaigns_actions.publish_windows(windows={"inbox": {"sent": 48}}, at=NOON, actor="test") == rules
    buys(ann, "2", "100", NOON + 2 * HOUR)
    assert attributed() == {"1": ("email", "clicked"), "2": ("inbox", "sent")}
    assert Conversion.objects.get(order__order_id="1").rules == before


def test_a_night_that_is_run_again_attributes_nothing_twice(run: Run) -> None:
    ann = group(run, Group.TREATED)[0]
    happens(messages(run)[ann.id], "clicked", NOON)
    buys(ann, "1", "100", NOON + HOUR)
    assert attributed() == attributed()
    assert Conversion.objects.count() == 1


def test_the_starters_windows_are_published_once() -> None:
    rules = campaigns_actions.publish_first_windows(at=NOON, actor="test")
    assert rules == campaigns_actions.publish_first_windows(at=NOON, actor="test")
    assert rules.windows == {"email": {"clicked": 120}, "inbox": {"clicked": 120}, "sms": {"clicked": 120, "sent": 12},
                             "push": {"clicked": 24}, "webhook": {}}  # fmt: skip


@pytest.mark.parametrize(
    ("windows", "path"),
    [({"pigeon": {}}, "pigeon"), ({"email": {"seen": 1}}, "email.seen"), ({"email": {"sent": 9999}}, "email.sent"),
     ({"email": {"sent": "1"}}, "email.sent"), ({"email": {"sent": True}}, "email.sent")],
)  # fmt: skip
def test_bad_windows_are_named_and_change_nothing(windows: dict[str, Any], path: str) -> None:
    before = AttributionRules.objects.count()
    with pytest.raises(BadWindows) as refused:
        campaigns_actions.publish_windows(windows=windows, at=NOON, actor="test")
    assert list(refused.value.problems) == [path]
    assert AttributionRules.objects.count() == before


def test_what_was_attributed_is_not_moved(run: Run) -> None:
    ann = group(run, Group.TREATED)[0]
    happens(messages(run)[ann.id], "clicked", NOON)
    buys(ann, "1", "100", NOON + HOUR)
    attributed()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Conversion.objects.update(touch="sent")
    buys(ann, "2", "100", NOON + HOUR)
    with pytest.raises(IntegrityError, match="campaigns_conversion_touch_known"), transaction.atomic():
        Conversion.objects.create(
            order=Order.objects.get(order_id="2"),
            recipient=recipients(run)[ann.id],
            member=ann,
            channel="email",
            touch="guessed",
            touched_at=NOON,
            rules=AttributionRules.objects.latest("number"),
            at=NOON,
        )
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        cursor.execute("DELETE FROM campaigns_attributionrules")
