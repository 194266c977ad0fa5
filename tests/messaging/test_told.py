"""What members are told of what happened to them: once for its cause, by inbox and e-mail, and nothing of the past."""

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from benefits import actions as benefits_actions
from kit import clock
from kit.jobs import Night
from members.models import Identity, Member
from membership_site.flows import member_merged, nightly, order_paid, order_refunded, reward_redeemed, starter, told
from messaging.models import Message
from messaging.queries.merging import values_for
from messaging.queries.templates import compiled_of
from messaging.wording.rendering import render
from orders.enums import OrderStatus
from orders.rules import LineStatement, OrderStatement, RefundStatement
from points.models import ExpiryNotice
from tests.conftest import NOON
from tiers.enums import DecisionKind
from tiers.models import Decision, FallNotice, Standing, Tier

pytestmark = pytest.mark.django_db

TODAY = clock.business_date(NOON)
DAY = dt.timedelta(days=1)


def buy(member: Member, number: str, amount: str, at: dt.datetime = NOON, stated: dt.datetime | None = None) -> None:
    """Will tell the house of a paid order."""
    lines = (LineStatement(line_id="1", quantity=1, unit_price=Decimal(amount), name="Tea"),)
    statement = OrderStatement("web", number, OrderStatus.PAID, at, at, "CNY", lines)
    reference = order_paid.MemberReference(number=member.number)
    order_paid.take_order(statement=statement, reference=reference, at=stated or at, actor="test")


def told_to(member: Member) -> list[tuple[str, str]]:
    """Will return what a member was told: (template, channel), in order."""
    rows = Message.objects.filter(member=member).order_by("id")
    return [
        (row.template_version.template.code, row.channel) for row in rows.select_related("template_version__template")
    ]


def read(member: Member, code: str, channel: str = "inbox", language: str = "en") -> dict[str, str]:
    """Will write out a message as the member reads it."""
    row = Message.objects.get(member=member, channel=channel, template_version__template__code=code)
    assert row.template_version_id
    parts = compiled_of([row.template_version_id])[row.template_version_id][channel][language]
    values: dict[str, Any] = {**values_for([member.id], {}, NOON)[member.id], **row.values}
    return render(parts, values, language)


def test_a_new_member_is_welcomed(templates: None, join: Callable[..., Member]) -> None:
    ann = join("ann", reward=True)
    assert told_to(ann) == [("welcome", "email"), ("welcome", "inbox")]
    assert read(ann, "welcome") == {
        "title": "Welcome to Fernway Circle",
        "body": f"You are a member now; your number is {ann.number}. You have 100 points to begin with. Every order "
        "brings points, and points take money off later orders.",
        "button": "See your membership",
        "url": "/",
    }


def test_without_templates_nobody_is_told(join: Callable[..., Member]) -> None:
    assert told_to(join("ann")) == []


def test_without_an_address_only_the_inbox(templates: None, join: Callable[..., Member]) -> None:
    ann = join("ann")
    Identity.objects.filter(member=ann, kind="email").delete()
    buy(ann, "A1", "10")
    assert told_to(ann)[2:] == [("order_receipt", "inbox")]


def test_an_order_and_its_return_have_receipts(templates: None, join: Callable[..., Member], settings: Any) -> None:
    ann = join("ann")
    buy(ann, "A1", "1200")
    buy(ann, "A1", "1200")
    assert {code for code, _ in told_to(ann)} == {"welcome", "order_receipt", "tier_changed"}
    assert read(ann, "order_receipt")["title"] == "1,200 points for your order"
    assert read(ann, "tier_changed")["body"].startswith("You have moved up from Member to Silver. It is valid until")
    assert read(ann, "tier_changed", language="zh-hans")["title"] == "您已升级为银卡"
    refund = RefundStatement("web", "A1", "R1", NOON, (("1", 1),), Decimal(1200))
    order_refunded.take_refund(statement=refund, at=NOON, actor="test", preview=True)
    assert ("refund_receipt", "inbox") not in told_to(ann)
    order_refunded.take_refund(statement=refund, at=NOON, actor="test")
    assert "The 1,200 points it had brought" in read(ann, "refund_receipt")["body"]
    settings.ORDER_RECEIPTS = False
    before = len(told_to(ann))
    buy(ann, "A2", "10")
    assert len(told_to(ann)) == before


def test_receipts_of_who_was_merged_go_to_who_goes_on(templates: None, join: Callable[..., Member]) -> None:
    ann, bob = join("ann"), join("bob")
    buy(bob, "B1", "300")
    member_merged.merge(
        survivor_id=ann.id, merged_id=bob.id, reason="One person", form_key=uuid.uuid4(), at=NOON, actor="staff:1"
    )
    before = told_to(bob)
    refund = RefundStatement("web", "B1", "R1", NOON, (("1", 1),), Decimal(300))
    order_refunded.take_refund(statement=refund, at=NOON, actor="test")
    assert ("refund_receipt", "inbox") in told_to(ann) and told_to(bob) == before


def test_what_is_old_or_brought_in_is_told_to_nobody(templates: None, join: Callable[..., Member]) -> None:
    ann = join("ann")
    before = told_to(ann)
    buy(ann, "A1", "1200", at=NOON - 8 * DAY, stated=NOON)
    with told.quietly():
        buy(ann, "A2", "9000")
    assert told_to(ann) == before
    buy(ann, "A3", "10")
    assert len(told_to(ann)) == len(before) + 2


def test_a_reward_has_a_receipt(templates: None, join: Callable[..., Member]) -> None:
    starter.offer_rewards(at=NOON, actor="test")
    ann = join("ann")
    buy(ann, "A1", "3000", at=NOON - 8 * DAY)
    nightly.run(as_of=TODAY - DAY)
    key = {"member_id": ann.id, "reward": "reward-10", "source_key": "k", "at": NOON, "actor": "test"}
    done = reward_redeemed.redeem(**key)  # type: ignore[arg-type]
    assert reward_redeemed.redeem(**key).id == done.id  # type: ignore[arg-type]
    assert [code for code, _ in told_to(ann)].count("redemption_receipt") == 2
    assert read(ann, "redemption_receipt")["body"].startswith("You redeemed 10 off from 20 for 1,000 points.")
    assert isinstance(done, benefits_actions.Redeemed)


def step(name: str, date: dt.date = TODAY) -> int:
    """Will do a step of the night once more and return how many messages are new."""
    [chunk] = list(nightly.find_step(name).work(Night(date), 0))
    assert list(nightly.find_step(name).work(Night(date), chunk.upto)) == []
    return chunk.rows


def test_the_night_tells_of_tiers_that_ended(templates: None, join: Callable[..., Member]) -> None:
    ann = join("ann", at=NOON - 500 * DAY)
    with told.quietly():
        buy(ann, "A1", "1200", at=NOON - 480 * DAY)
    assert told_to(ann) == [("welcome", "email"), ("welcome", "inbox")]
    standing = Standing.objects.get(member=ann)
    assert standing.until_date
    nightly.run_step(name="recalculate_tiers", as_of=standing.until_date)
    nightly.run_step(name="recalculate_tiers", as_of=standing.until_date + 31 * DAY)
    decision = Decision.objects.filter(member=ann).latest("seq")
    assert decision.kind == DecisionKind.DOWNGRADE
    end = decision.business_date
    assert step("tell_tier_changes", end) == 2
    assert step("tell_tier_changes", end) == 0
    assert read(ann, "tier_fallen")["title"] == "Your tier is Member now"
    row = Message.objects.filter(member=ann).latest("id")
    assert clock.business_date(row.due_at) == end + DAY
    assert row.due_at.astimezone(clock.programme_zone()).hour == 9


def test_the_night_warns_before_a_tier_ends(templates: None, join: Callable[..., Member]) -> None:
    ann = join("ann")
    with told.quietly():
        buy(ann, "A1", "1200")
    standing = Standing.objects.get(member=ann)
    assert standing.until_date
    member = Tier.objects.get(version=standing.tier.version, rank=0)
    FallNotice.objects.create(
        member=ann, ladder=standing.ladder, ends_on=standing.until_date, days_before=30, due_on=TODAY + DAY,
        tier=standing.tier, to_tier=member, falls_on=standing.until_date + 30 * DAY,
        ways=[
            {"more": [["spend", "300"], ["orders", "1"]], "since": "2026-03-01", "by": "2027-03-01"},
            {"more": [["spend", "400"]], "since": "2026-03-01", "by": "2027-03-01"},
        ],
    )  # fmt: skip
    assert step("tell_falls") == 2
    assert step("tell_falls") == 0
    assert read(ann, "tier_ending")["title"] == "CN¥400 more keeps Silver"
    assert "Without it you become Member after" in read(ann, "tier_ending")["body"]


def test_the_night_tells_of_points_that_end(templates: None, join: Callable[..., Member]) -> None:
    ann, bob = join("ann"), join("bob")
    Identity.objects.filter(member=bob, kind="email").delete()
    Member.objects.filter(id=bob.id).update(status="blocked")
    for member in (ann, bob):
        ExpiryNotice.objects.create(
            member=member, expires_on=TODAY + 31 * DAY, days_before=30, due_on=TODAY + DAY, points=200
        )
    assert step("tell_lapsing_points") == 2
    assert step("tell_lapsing_points") == 0
    assert read(ann, "points_lapsing")["title"] == "200 points end on 3 Apr"
    assert told_to(bob) == [("welcome", "email"), ("welcome", "inbox")]


def test_nights_without_templates_tell_nobody(join: Callable[..., Member]) -> None:
    join("ann")
    assert [step(name) for name in ("tell_tier_changes", "tell_falls", "tell_lapsing_points")] == [0, 0, 0]


def test_dates_missed_are_told_of_unless_they_are_long_past(templates: None, join: Callable[..., Member]) -> None:
    ann = join("ann")
    nightly.run_step(name="tell_lapsing_points", as_of=TODAY - 20 * DAY)
    for ago in (2, 9):
        due = TODAY - ago * DAY
        ExpiryNotice.objects.create(member=ann, expires_on=due + 30 * DAY, days_before=30, due_on=due, points=50)
    assert step("tell_lapsing_points") == 2
