"""Every field and every comparison means, compiled for the database, what a reference in Python says of each member."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from benefits.enums import RedemptionState
from benefits.models import BenefitUse, Coupon, CouponTerms, Redemption, Reward
from campaigns import queries as campaigns_queries
from campaigns.enums import Group, LeftOut
from campaigns.models import Campaign, ControlGroup, ListedMember, Recipient, Run, Segment, SegmentVersion
from campaigns.queries import segments as segment_queries
from campaigns.querysets import members_of
from campaigns.rules.buckets import bucket_of
from campaigns.rules.segments import EVERYBODY, Not, Tree, canonical, tree_from
from insights.models import Lifecycle
from kit import clock, dates
from kit.enums import Extra, FieldKind, Operator
from kit.segments import Asked, SegmentField, positive
from members.enums import MemberStatus
from members.models import Account, Consent, Identity, Member, Tag
from messaging.enums import Channel
from messaging.models import Answer, Dispatch, Message, MessageEvent, Suppression
from messaging.segment_fields import _keyed_hash
from orders.models import Order, OrderLine, ShopEvent, SpendMovement
from points.models import Balance, Entry, Lot, PolicyVersion
from tests.benefits.coupons import define
from tests.benefits.shelf import gift
from tests.conftest import NOON
from tiers.models import Standing, Tier

pytestmark = pytest.mark.django_db

TODAY = clock.business_date(NOON)
FIELDS = campaigns_queries.segment_fields()
MEMBERS = 48


def day(back: int) -> dt.datetime:
    return NOON - dt.timedelta(days=back)


@pytest.fixture
def crowd(programme: None) -> list[Member]:
    """Some fifty members of all sorts, made of random rows: what no deed would leave together is here too."""
    dice = random.Random(7)
    SEEN.clear()
    members = [_member(dice, number) for number in range(MEMBERS)]
    Member.objects.bulk_create(members)
    members = list(Member.objects.order_by("id"))
    _people(dice, members)
    _orders(dice, members)
    _points(dice, members)
    _benefits(dice, members)
    _messages(dice, members)
    _stages(dice, members)
    return members


def _stages(dice: random.Random, members: list[Member]) -> None:
    for member in members:
        if dice.random() < 0.8:
            Lifecycle.objects.create(
                member=member,
                stage=dice.choice(["new", "active", "sleeping", "lapsed", "won_back"]),
                since_date=TODAY - dt.timedelta(days=dice.choice([0, 1, 5, 6, 45, 46])),
                active_on=TODAY,
                asleep_on=TODAY + dt.timedelta(days=dice.choice([-1, 0, 5, 6, 90, 91])),
            )


def _member(dice: random.Random, number: int) -> Member:
    born = dt.date(1990, 1, 1) + dt.timedelta(days=dice.randrange(9000))
    return Member(
        number=f"T{number:05}",
        status=dice.choice([*["active"] * 8, "blocked", "pending", "erased"]),
        name=dice.choice(["", "Ann", "Bob"]),
        birthday=dice.choice([None, born, born, dt.date(2000, 2, 29), dt.date(1990, 3, 3), dt.date(2001, 12, 30)]),
        gender=dice.choice(["", "f", "m"]),
        region=dice.choice(["", "Shanghai", "50% North_East"]),
        language=dice.choice(["", "en", "zh-hans"]),
        time_zone=dice.choice(["", "Asia/Tokyo"]),
        source=dice.choice(["", "web", "app"]),
        attributes=dice.choice([{}, {"size": "M"}, {"size": 5, "x": None}, {"7": "seven", "size": "XM"}]),
        joined_at=dice.choice([None, *[day(dice.randrange(400)) for _ in range(6)]]),
    )


def _people(dice: random.Random, members: list[Member]) -> None:
    for member in members:
        for kind, value in (("email", f"{member.number.lower()}@x.example"), ("phone", f"+86{member.id:09}")):
            if dice.random() < 0.6:
                verified = NOON if dice.random() < 0.5 else None
                Identity.objects.create(member=member, kind=kind, value=value, verified_at=verified)
        for name in ("vip", "tea", "x'y"):
            if dice.random() < 0.3:
                Tag.objects.create(member=member, name=name)
        for channel in ("email", "sms", "email"):
            if dice.random() < 0.6:
                at, given = day(dice.randrange(3)), dice.random() < 0.5
                purpose = dice.choice(["marketing", "marketing", "service"])
                Consent.objects.create(
                    member=member, channel=channel, purpose=purpose, given=given, text="?", at=at, actor="test"
                )


def _orders(dice: random.Random, members: list[Member]) -> None:
    for member in members:
        for number in range(dice.randrange(5)):
            back = dice.choice([0, 1, 44, 45, 46, 364, 365, 400])
            key = f"{member.id}-{number}"
            order = Order.objects.create(
                member=member,
                source="web",
                order_id=key,
                placed_at=day(back),
                stated_at=day(back),
                business_date=TODAY - dt.timedelta(days=back),
                currency="CNY",
                digest=b"x",
                **dict.fromkeys(("discount", "shipping", "tax", "basis"), 0),
                status=dice.choice(["paid", "paid", "paid", "cancelled", "placed"]),
            )
            OrderLine.objects.create(
                order=order,
                position=1,
                line_id="1",
                sku=dice.choice(["S1", "S2"]),
                quantity=2,
                category=dice.choice(["tea", ""]),
                brand=dice.choice(["b", "c"]),
                **dict.fromkeys(("unit_price", "discount", "basis"), 0),
                refunded_quantity=dice.randrange(3),
            )
            spend = Decimal(dice.choice(["100", "250.5", "6000"]))
            moved = [(spend, 1)] + ([(-spend, -1)] if dice.random() < 0.3 else [])
            for place, (amount, orders) in enumerate(moved):
                on = TODAY - dt.timedelta(days=back)
                SpendMovement.objects.create(
                    member=member, source_key=f"{key}:{place}", counts_on=on, known_on=on, at=NOON, spend=amount,
                    orders=orders,
                )  # fmt: skip
            ShopEvent.objects.create(
                member=member,
                source="app",
                event_id=key,
                occurred_at=day(back),
                digest=b"x",
                type=dice.choice(["review", "share"]),
                business_date=TODAY - dt.timedelta(days=back),
                properties=dice.choice([{}, {"k": "5"}, {"k": 5}, {"k": "z"}, {"k": None}]),
            )


def _points(dice: random.Random, members: list[Member]) -> None:
    policy = PolicyVersion.objects.get()
    tiers = list(Tier.objects.order_by("rank"))
    for member in members:
        if dice.random() < 0.2:
            continue
        debt = dice.choice([0, 0, 5])
        for wallet in ("points", "growth"):
            held = 0 if debt else dice.choice([0, 5, 500])
            idle = {"idle_until": TODAY + dt.timedelta(days=9), "idle_months": 1} if dice.random() < 0.3 else {}
            Balance.objects.create(member=member, wallet=wallet, available=held, pending=held, debt=debt, **idle)
        for ends in {dice.choice([TODAY, TODAY + dt.timedelta(days=5), dates.WHILE_ACTIVE, dates.NEVER]), TODAY}:
            active = dice.choice([dates.ALWAYS, TODAY, TODAY + dt.timedelta(days=1)])
            if active <= ends:
                Lot.objects.create(
                    member=member, wallet="points", active_on=active, expires_on=ends, points=3, pending=0
                )
        for seq in range(1, dice.randrange(1, 3)):
            on = TODAY - dt.timedelta(days=dice.choice([0, 4, 5, 6]))
            Entry.objects.create(
                member=member, wallet="points", seq=seq, points=5, balance_after=5, policy=policy,
                source_key=f"k{seq}", at=NOON, business_date=on, counts_on=on, actor="test",
                kind=dice.choice(["accrual", "adjustment"]), recorded_at=NOON,
            )  # fmt: skip
        tier = dice.choice(tiers)
        back = dice.choice([-5, 0, 5, 80])
        ends_on = TODAY + dt.timedelta(days=back) if tier.rank else None
        Standing.objects.create(
            member=member,
            ladder_id=tier.version.ladder_id,
            tier=tier,
            rank=tier.rank,
            since_date=TODAY,
            until_date=ends_on,
            seq=1,
            decided_at=NOON,
            spend=dice.choice([0, 900, 4999, 6000]),
            orders=dice.randrange(4),
            growth=dice.randrange(9),
            grace_date=ends_on + dt.timedelta(days=3) if ends_on and dice.random() < 0.5 else None,
        )


def _benefits(dice: random.Random, members: list[Member]) -> None:
    define(at=NOON)
    terms = CouponTerms.objects.get(definition__code="ten")
    item = gift()
    reward = Reward.objects.create(code="cream", kind="gift", names={}, prices={}, icon="gift", item=item)
    for member in members:
        back = dice.choice([-3, 0, 3, 400])
        if dice.random() < 0.5:
            used = dice.randrange(2)
            Coupon.objects.create(
                code=f"C{member.id}",
                terms=terms,
                definition=terms.definition,
                member=member,
                source_key="k",
                issued_at=NOON,
                starts_at=day(back),
                used=used,
                ends_at=dice.choice([None, day(-1), day(back - 1)]) if back > -1 else None,
            )
        if dice.random() < 0.6:
            BenefitUse.objects.create(
                member=member,
                cause="c",
                kind="coupon",
                at=NOON,
                uses=dice.choice([1, 1, 0]),
                used_on=TODAY - dt.timedelta(days=abs(back)),
                saved=dice.randrange(9),
                saved_by="discount",
                definition=dice.choice([None, terms.definition]),
            )
        if dice.random() < 0.5:
            over = {"state": RedemptionState.CANCELLED, "cancelled_at": NOON} if dice.random() < 0.3 else {}
            Redemption.objects.create(
                member=member, reward=reward, source_key="k", points=5, redeemed_at=day(abs(back)), actor="test", **over
            )


def _messages(dice: random.Random, members: list[Member]) -> None:
    owner = Account.objects.create(email="o@x.example", is_staff=True)
    campaign = Campaign.objects.create(name="C", kind="once", digest="x", author=owner, changed_at=NOON)
    run = Run.objects.create(
        campaign=campaign, plan={}, launched_at=NOON, actor="test",
        dispatch=Dispatch.objects.create(name="D", actor="test"),
    )  # fmt: skip
    listed = Segment.objects.create(name="L", is_list=True, owner=owner)
    saved = Segment.objects.create(name="S", owner=owner)
    tree = {"any": [{"field": "members.region", "operator": "is", "values": ["Shanghai"]}]}
    SegmentVersion.objects.create(segment=saved, number=1, tree={"all": []}, actor="test", at=NOON)
    SegmentVersion.objects.create(segment=saved, number=2, tree=tree, actor="test", at=NOON)
    for member in members:
        if dice.random() < 0.5:
            ListedMember.objects.create(segment=listed, member=member)
        if dice.random() < 0.5:
            Recipient.objects.create(run=run, member=member, group=dice.choice(list(Group)), due_at=NOON)
        for number in range(dice.randrange(3)):
            back = dice.choice([0, 5, 30])
            state = dice.choice(["sent", "sent", "queued"])
            dispatch = dice.choice([None, run.dispatch])
            message = Message.objects.create(
                member=member,
                channel="email",
                source_key=f"k{number}",
                purpose="marketing",
                topic=dice.choice(["offers", "news"]),
                due_at=NOON,
                state=state,
                sent_at=day(back) if state == "sent" else None,
                dispatch=dispatch,
            )
            for kind in ("opened", "clicked", "machine_opened"):
                if dice.random() < 0.4:
                    at = day(max(back - 1, 0))
                    MessageEvent.objects.create(message=message, kind=kind, key="k", at=at)
            for question, most in (("satisfaction", 5), ("recommendation", 10)):
                if dice.random() < 0.4:
                    said = {"question": question, "score": dice.randint(1, most), "at": day(max(back - 1, 0))}
                    Answer.objects.create(message=message, **said)


# ---- the reference: one member at a time, in Python

Reference = Callable[[Member, Asked], bool]
SEEN: dict[tuple[Any, ...], list[Any]] = {}
"""Rows of a member, read once; emptied where a crowd is made."""


def rows(model: Any, member: Member, *with_: str, **wanted: Any) -> list[Any]:
    """Will return the rows of a member that have some values."""
    key = (model, member.id)
    if key not in SEEN:
        SEEN[key] = list(model.objects.filter(member=member).select_related(*with_))
    return [row for row in SEEN[key] if all(getattr(row, name) == value for name, value in wanted.items())]


def compared(value: Any, asked: Asked) -> bool:
    wanted = asked.amount
    match asked.operator:
        case Operator.AT_LEAST:
            return bool(value >= wanted)
        case Operator.AT_MOST:
            return bool(value <= wanted)
    return bool(value == wanted)


def texts(value: str, asked: Asked) -> bool:
    if asked.operator is Operator.KNOWN:
        return value != ""
    if asked.operator is Operator.CONTAINS:
        return asked.value.lower() in value.lower()
    return value in asked.values


def days_ago(dates_: list[dt.date], asked: Asked, *, first: bool = False) -> bool:
    if asked.operator is Operator.KNOWN or not dates_:
        return bool(dates_)
    return compared((asked.today - (min if first else max)(dates_)).days, asked)


def on(at: dt.datetime) -> dt.date:
    return clock.business_date(at)


def recently(date: dt.date, asked: Asked) -> bool:
    return asked.since is None or asked.since <= date <= asked.today


def moved(member: Member, asked: Asked) -> list[SpendMovement]:
    return [m for m in rows(SpendMovement, member) if recently(m.counts_on, asked)]


def paid(member: Member) -> list[dt.date]:
    return [on(order.placed_at) for order in rows(Order, member, status="paid")]


def bought(column: str) -> Reference:
    def holds(member: Member, asked: Asked) -> bool:
        key = (OrderLine, member.id)
        if key not in SEEN:
            lines = OrderLine.objects.filter(order__member=member, order__status="paid")
            SEEN[key] = list(lines.select_related("order"))
        found = {
            line.order_id
            for line in SEEN[key]
            if getattr(line, column) == asked.value
            and line.refunded_quantity < line.quantity
            and recently(on(line.order.placed_at), asked)
        }
        return len(found) >= asked.times

    return holds


def happened(member: Member, asked: Asked) -> bool:
    found = 0
    for event in rows(ShopEvent, member, type=asked.value):
        value = event.properties.get(asked.name)
        fits = not asked.name or (value is not None and (not asked.equals or str(value) == asked.equals))
        found += fits and recently(event.business_date, asked)
    return found >= asked.times


def average(member: Member, asked: Asked) -> bool:
    if asked.days == 365:
        row = standing(member)
        return compared(row.spend / row.orders if row and row.orders else 0, asked)
    moves = moved(member, asked)
    orders = sum(m.orders for m in moves)
    return compared(sum((m.spend for m in moves), Decimal(0)) / orders if orders else 0, asked)


def returned(member: Member, asked: Asked) -> bool:
    moves = moved(member, asked)
    bought_ = sum((m.spend for m in moves if m.spend > 0), Decimal(0))
    back = -sum((m.spend for m in moves if m.spend < 0), Decimal(0))
    return compared(back * 100 / bought_ if bought_ else 0, asked)


def age(member: Member, asked: Asked) -> bool:
    if member.birthday is None:
        return False
    born = member.birthday
    return compared(max(n for n in range(150) if dates.add_years(born, n) <= asked.today), asked)


def birthday_soon(member: Member, asked: Asked) -> bool:
    born = member.birthday
    if born is None:
        return False
    comes = [dates.add_years(born, year - born.year) for year in range(asked.today.year, asked.today.year + 12)]
    return any(0 <= (date - asked.today).days <= asked.number for date in comes)


def agreed(member: Member, asked: Asked) -> bool:
    for channel in asked.values:
        answers = rows(Consent, member, channel=channel, purpose="marketing")
        if answers and max(answers, key=lambda c: (c.at, c.id)).given:
            return True
    return False


def identity(kind: str, *, verified: bool = False) -> Reference:
    return lambda member, asked: any(
        i.verified_at is not None or not verified for i in rows(Identity, member, kind=kind)
    )


def tagged(member: Member, asked: Asked) -> bool:
    names = {tag.name for tag in rows(Tag, member)}
    wanted = set(asked.values)
    return wanted <= names if asked.operator is Operator.ALL_OF else bool(wanted & names)


def joined_on(member: Member, asked: Asked) -> bool:
    if member.joined_at is None or asked.operator is Operator.KNOWN:
        return member.joined_at is not None
    date, wanted = on(member.joined_at), dt.date.fromisoformat(asked.value)
    return date >= wanted if asked.operator is Operator.FROM else date <= wanted


def attribute(member: Member, asked: Asked) -> bool:
    value = member.attributes.get(asked.name)
    return texts("" if value is None else str(value), asked)


def wallet(kind: str, column: str) -> Reference:
    def holds(member: Member, asked: Asked) -> bool:
        row = next(iter(rows(Balance, member, wallet=kind)), None)
        return compared(getattr(row, column) if row else 0, asked)

    return holds


def lapsing(member: Member, asked: Asked) -> bool:
    row = next(iter(rows(Balance, member, wallet="points")), None)
    total = 0
    for lot in rows(Lot, member, wallet="points"):
        if lot.active_on > asked.today:
            continue
        ends = row.idle_until if lot.expires_on == dates.WHILE_ACTIVE and row else lot.expires_on
        if ends is not None and asked.today <= ends <= asked.today + dt.timedelta(days=asked.days or 30):
            total += lot.points
    return compared(total, asked)


def earned(member: Member, asked: Asked) -> bool:
    found = rows(Entry, member, wallet="points", kind="accrual")
    return days_ago([row.business_date for row in found], asked)


def standing(member: Member) -> Standing | None:
    return next(iter(rows(Standing, member, "tier")), None)


def tier(member: Member, asked: Asked) -> bool:
    row = standing(member)
    if row is None:
        return False
    if asked.operator in (Operator.IS, Operator.ANY_OF):
        return row.tier.code in asked.values
    wanted = Tier.objects.filter(code=asked.value).first()
    if wanted is None:
        return False
    return row.rank >= wanted.rank if asked.operator is Operator.AT_LEAST else row.rank <= wanted.rank


def tier_ends(member: Member, asked: Asked) -> bool:
    row = standing(member)
    return bool(row and row.until_date and 0 <= (row.until_date - asked.today).days <= asked.number)


def in_grace(member: Member, asked: Asked) -> bool:
    row = standing(member)
    return bool(row and row.grace_date and row.until_date and row.until_date < asked.today <= row.grace_date)


def stage_of(member: Member, holds: Callable[[Lifecycle], bool]) -> bool:
    """Whether something holds of the stage a night told of a member; of whom none has told nothing does."""
    return any(holds(row) for row in rows(Lifecycle, member))


def missing(member: Member, asked: Asked) -> bool:
    row = standing(member)
    above = Tier.objects.filter(version=row.tier.version, rank=row.rank + 1).first() if row else None
    if row is None or above is None or above.reach_spend is None:
        return False
    return bool(0 < above.reach_spend - row.spend <= asked.amount)


def counted(column: str) -> Reference:
    return lambda member, asked: compared(getattr(row, column) if (row := standing(member)) else 0, asked)


def ready(member: Member, asked: Asked) -> bool:
    for coupon in rows(Coupon, member, "definition", voided_at=None):
        fits = not asked.values or coupon.definition.code in asked.values
        lasts = coupon.starts_at <= asked.at and (coupon.ends_at is None or coupon.ends_at > asked.at)
        if fits and lasts and (coupon.uses_max is None or coupon.used + coupon.held < coupon.uses_max):
            return True
    return False


def used(member: Member, asked: Asked) -> bool:
    uses = [use for use in rows(BenefitUse, member, "definition") if use.definition_id]
    return sum(
        use.uses
        for use in uses
        if recently(use.used_on, asked) and (not asked.values or use.definition.code in asked.values)
    ) >= asked.times  # fmt: skip


def saved(member: Member, asked: Asked) -> bool:
    uses = [use.saved for use in rows(BenefitUse, member, "definition") if recently(use.used_on, asked)]
    return compared(sum(uses, Decimal(0)), asked)


def redeemed(member: Member, asked: Asked) -> bool:
    done = rows(Redemption, member, "reward", state="done")
    fits = [r for r in done if not asked.values or r.reward.code in asked.values]
    return sum(recently(on(r.redeemed_at), asked) for r in fits) >= asked.times


def messaged(event: str, *, of_campaign: bool = False) -> Reference:
    def holds(member: Member, asked: Asked) -> bool:
        found = 0
        for message in rows(Message, member, "dispatch", state="sent"):
            if of_campaign:
                if message.dispatch is None or (asked.values and asked.value != _campaign_id()):
                    continue
            elif asked.values and message.topic not in asked.values:
                continue
            instants = [message.sent_at] if not event else [e.at for e in _events(message) if e.kind == event]
            found += any(at is not None and recently(on(at), asked) for at in instants)
        return found >= asked.times

    return holds


def answered(member: Member, asked: Asked) -> bool:
    marks = {"satisfied": ("satisfaction", range(4, 6)), "detractor": ("recommendation", range(7))}
    found = 0
    for message in rows(Message, member, "dispatch"):
        said = [one for one in message.answers.all() if recently(on(one.at), asked)]
        if asked.values:
            question, scores = marks[asked.value]
            said = [one for one in said if one.question == question and one.score in scores]
        found += bool(said)
    return found >= asked.times


def last_message(member: Member, asked: Asked) -> bool:
    return days_ago([on(m.sent_at) for m in rows(Message, member, "dispatch", state="sent")], asked)


def _events(message: Message) -> list[MessageEvent]:
    key = (MessageEvent, message.id)
    if key not in SEEN:
        SEEN[key] = list(message.events.all())
    return SEEN[key]


def _campaign_id() -> str:
    return str(Campaign.objects.get().id)


def in_window(column: str) -> Reference:
    """What is asked of the ladder's own window is what standings keep, as the list of members shows it."""

    def holds(member: Member, asked: Asked) -> bool:
        if asked.days == 365:
            row = standing(member)
            return compared(getattr(row, column) if row else 0, asked)
        return compared(sum((getattr(move, column) for move in moved(member, asked)), Decimal(0)), asked)

    return holds


REFERENCES: dict[str, Reference] = {
    "members.age": age,
    "members.gender": lambda m, a: texts(m.gender, a),
    "members.region": lambda m, a: texts(m.region, a),
    "members.language": lambda m, a: texts(m.language, a),
    "members.birthday_month": lambda m, a: m.birthday is not None and str(m.birthday.month) in a.values,
    "members.birthday": birthday_soon,
    "members.joined": lambda m, a: days_ago([on(m.joined_at)] if m.joined_at else [], a),
    "members.joined_on": joined_on,
    "members.source": lambda m, a: texts(m.source, a),
    "members.tag": tagged,
    "members.attribute": attribute,
    "members.time_zone": lambda m, a: texts(m.time_zone, a),
    "members.complete": lambda m, a: bool(m.name and m.birthday and m.gender and m.region and m.language),
    "members.status": lambda m, a: m.status in a.values,
    "members.email": identity("email"),
    "members.email_verified": identity("email", verified=True),
    "members.phone": identity("phone"),
    "members.phone_verified": identity("phone", verified=True),
    "members.consent": agreed,
    "insights.stage": lambda m, a: stage_of(m, lambda row: row.stage in a.values),
    "insights.since": lambda m, a: stage_of(m, lambda row: compared((TODAY - row.since_date).days, a)),
    "insights.asleep": lambda m, a: stage_of(
        m,
        lambda row: row.stage not in ("sleeping", "lapsed") and 0 <= (row.asleep_on - TODAY).days <= a.number,
    ),
    "orders.last": lambda m, a: days_ago(paid(m), a),
    "orders.first": lambda m, a: days_ago(paid(m), a, first=True),
    "orders.spend": in_window("spend"),
    "orders.count": in_window("orders"),
    "orders.average": average,
    "orders.returned": returned,
    "orders.category": bought("category"),
    "orders.brand": bought("brand"),
    "orders.sku": bought("sku"),
    "orders.event": happened,
    "points.available": wallet("points", "available"),
    "points.lapsing": lapsing,
    "points.pending": wallet("points", "pending"),
    "points.debt": wallet("points", "debt"),
    "points.growth": wallet("growth", "available"),
    "points.earned": earned,
    "tiers.tier": tier,
    "tiers.until": tier_ends,
    "tiers.grace": in_grace,
    "tiers.missing": missing,
    "tiers.spend": counted("spend"),
    "tiers.orders": counted("orders"),
    "tiers.growth": counted("growth"),
    "benefits.ready": ready,
    "benefits.used": used,
    "benefits.redeemed": redeemed,
    "benefits.saved": saved,
    "messaging.last": last_message,
    "messaging.sent": messaged(""),
    "messaging.opened": messaged("opened"),
    "messaging.clicked": messaged("clicked"),
    "messaging.answered": answered,
    "campaigns.segment": lambda m, a: m.region == "Shanghai" and Segment.objects.get(id=a.value).name == "S",
    "campaigns.list": lambda m, a: ListedMember.objects.filter(segment_id=a.value, member=m).exists(),
    "campaigns.was_in": lambda m, a: Recipient.objects.filter(
        member=m, run__campaign_id=a.value, group="treated"
    ).exists(),
    "campaigns.sent": messaged("", of_campaign=True),
    "campaigns.opened": messaged("opened", of_campaign=True),
    "campaigns.clicked": messaged("clicked", of_campaign=True),
    "campaigns.share": lambda m, a: bucket_of(a.name or "segments", m.id) < a.amount * 100,
}

ASKED: dict[str, list[str]] = {
    "members.age": ["20", "26", "35", "0", "151"],
    "members.gender": ["f"],
    "members.region": ["Shanghai", "% north_e"],
    "members.language": ["en"],
    "members.birthday_month": ["2", "12"],
    "members.birthday": ["0", "5", "360", "400"],
    "members.joined_on": ["2025-12-01"],
    "members.source": ["web"],
    "members.tag": ["vip", "x'y"],
    "members.attribute": ["M", "5"],
    "members.time_zone": ["Asia/Tokyo"],
    "members.status": ["active", "blocked"],
    "members.consent": ["email", "sms"],
    "insights.stage": ["new", "lapsed"],
    "orders.category": ["tea"],
    "orders.brand": ["b"],
    "orders.sku": ["S1"],
    "orders.event": ["review"],
    "tiers.tier": ["gold", "silver", "gone"],
    "benefits.ready": ["ten", ""],
    "benefits.used": ["ten", ""],
    "messaging.sent": ["offers", ""],
    "messaging.opened": ["offers", ""],
    "messaging.clicked": ["news", ""],
    "messaging.answered": ["satisfied", "detractor", ""],
    "campaigns.share": ["12.5", "100"],
}
BY_KIND = {
    FieldKind.AGO: ["0", "5", "45"],
    FieldKind.AHEAD: ["5", "90"],
    FieldKind.NUMBER: ["0", "1", "3", "5"],
    FieldKind.MONEY: ["0", "1", "250.5", "6000"],
    FieldKind.PERCENT: ["0", "50", "100"],
    FieldKind.FLAG: [""],
}


def questions(field: SegmentField) -> Iterator[dict[str, Any]]:
    """Will yield each comparison of a field with some values, with and without what it takes besides."""
    values = ASKED.get(field.code) or BY_KIND.get(field.kind) or [_known(field)]
    for operator in field.operators:
        for value in values if field.wants_value(operator) else [""]:
            stored: dict[str, Any] = {"field": field.code, "operator": operator.value}
            stored["values"] = [value] if value else []
            if field.kind is FieldKind.TEXT and Extra.NAME in field.takes:
                stored["name"] = "size"
            yield stored
            for extras in EXTRAS:
                if set(extras) <= {extra.value for extra in field.takes}:
                    yield stored | extras


EXTRAS: list[dict[str, Any]] = [
    *({"days": 45}, {"times": 2}, {"times": 2, "days": 400}),
    *({"name": "k"}, {"name": "k", "equals": "5", "days": 366}),
]


def _known(field: SegmentField) -> str:
    rows: dict[str, Any] = {
        "campaigns.segment": Segment.objects.filter(is_list=False),
        "campaigns.list": Segment.objects.filter(is_list=True),
        "benefits.redeemed": Reward.objects.order_by("id"),
    }
    row = rows.get(field.code, Campaign.objects.all())[0]
    return str(row.code if isinstance(row, Reward) else row.id)


def meant(crowd: list[Member], tree: Tree) -> set[int]:
    return set(members_of(tree, NOON).values_list("pk", flat=True))


def test_every_field_and_comparison_agrees_with_the_reference(crowd: list[Member]) -> None:
    """All fields; of each its comparisons, some values and extras, and the opposite of each; nothing is unknown."""
    assert set(REFERENCES) == set(FIELDS)
    asked = split = 0
    for field in FIELDS.values():
        some = everybody = False
        for stored in questions(field):
            tree = tree_from(stored, FIELDS)
            base = _base(crowd, field)
            expected = {m.id for m in base if _holds(field, tree, m)}
            assert meant(crowd, tree) == expected, stored
            assert meant(crowd, Not(tree)) == {m.id for m in base} - expected, stored
            some, everybody = some or bool(expected), everybody or expected != {m.id for m in base}
            asked += 1
        split += some and everybody
    assert asked > 250
    assert split >= len(FIELDS) - 1, "nearly every field is asked something that some are and some are not"


def _base(crowd: list[Member], field: SegmentField) -> list[Member]:
    if field.code == "members.status":
        return [m for m in crowd if m.status != MemberStatus.ERASED]
    return [m for m in crowd if m.status == MemberStatus.ACTIVE and m.joined_at is not None]


def _holds(field: SegmentField, tree: Any, member: Member) -> bool:
    days = tree.days if tree.days is not None else field.days
    operator = positive(tree.operator)
    asked = Asked(operator, tree.values, NOON, TODAY, days, tree.times or 1, tree.name, tree.equals)
    return REFERENCES[field.code](member, asked) != (operator is not tree.operator)


def test_and_or_and_not_are_those_of_sets(crowd: list[Member]) -> None:
    """Random trees: what the database finds is what sets of the conditions' members make, and not is the rest."""
    dice = random.Random(11)
    pool = [stored for field in FIELDS.values() if field.code != "members.status" for stored in questions(field)]
    base = {m.id for m in _base(crowd, FIELDS["tiers.tier"])}
    for _ in range(40):
        stored = _random_tree(dice, pool, 3)
        tree = tree_from(stored, FIELDS)
        found = meant(crowd, tree)
        assert found == _by_sets(crowd, stored, base), stored
        assert meant(crowd, canonical(tree)) == found
        count = campaigns_queries.count_of(tree, NOON)
        assert count + campaigns_queries.count_of(Not(tree), NOON) == len(base)


def _random_tree(dice: random.Random, pool: list[dict[str, Any]], depth: int) -> dict[str, Any]:
    if depth == 0 or dice.random() < 0.2:
        return dice.choice(pool)
    kind = dice.choice(["all", "any", "not"])
    parts = [_random_tree(dice, pool, depth - 1) for _ in range(dice.randrange(1, 4))]
    return {"not": parts[0]} if kind == "not" else {kind: parts}


def _by_sets(crowd: list[Member], stored: dict[str, Any], base: set[int]) -> set[int]:
    if "not" in stored:
        return base - _by_sets(crowd, stored["not"], base)
    for kind, join in (("all", set.intersection), ("any", set.union)):
        if kind in stored:
            return join(*(_by_sets(crowd, part, base) for part in stored[kind]))
    return meant(crowd, tree_from(stored, FIELDS))


def test_reach_counts_tiers_and_who_is_left_out(crowd: list[Member]) -> None:
    """One pass: the count, the tiers' sum, and each left out once, by the first reason; chance says who is control."""
    ControlGroup.objects.create(number=1, share=1500, salt="s", starts_at=NOON, actor="test")
    key = b"a key that is longer than one block of sixty-four bytes, so that it is hashed itself beforehand"
    first = Identity.objects.filter(kind="email", member__status="active").order_by("id")[0]
    Suppression.objects.create(
        channel="email", address_hash=_hmac(key, f"email:{first.value}"), cause="bounced", at=NOON, actor="test"
    )
    reach = campaigns_queries.reach_of(EVERYBODY, NOON, channel=Channel.EMAIL, key=key)
    base = _base(crowd, FIELDS["tiers.tier"])
    assert reach.count == reach.everybody == len(base) == sum(number for _tier, number in reach.tiers)
    asked = Asked(Operator.ANY_OF, ("email",), NOON, TODAY)
    expected: dict[LeftOut, int] = {}
    for member in crowd:
        reason = _first_reason(member, asked, first.member_id)
        if reason is not None:
            expected[reason] = expected.get(reason, 0) + 1
    assert dict(reach.left_out) == expected
    inside = (LeftOut.CONTROL, LeftOut.NO_ADDRESS, LeftOut.NO_CONSENT, LeftOut.SUPPRESSED)
    assert reach.addressed == len(base) - sum(expected.get(reason, 0) for reason in inside)
    assert len(reach.examples) == 4
    assert [e.spend for e in reach.examples] == sorted((e.spend for e in reach.examples), reverse=True)  # type: ignore[type-var]
    status = tree_from({"field": "members.status", "operator": "is", "values": ["blocked"]}, FIELDS)
    blocked = campaigns_queries.reach_of(status, NOON)
    assert blocked.count == sum(m.status == "blocked" for m in crowd) == dict(blocked.left_out)[LeftOut.BLOCKED]


LITTLE = tree_from({"not": {"field": "orders.spend", "operator": "at_least", "values": ["200"]}}, FIELDS)
NOBODY = Not(EVERYBODY)


@pytest.mark.parametrize(("largest", "few"), [(1_000, 20_000), (3, 20_000), (3, 1), (10_000, 1)])
@pytest.mark.parametrize("asked", [EVERYBODY, LITTLE, NOBODY], ids=["everybody", "little", "nobody"])
def test_examples_are_those_of_the_largest_spend_however_they_are_found(
    crowd: list[Member], monkeypatch: pytest.MonkeyPatch, asked: Tree, largest: int, few: int
) -> None:
    """Among the largest, among few, or by asking once more: the same members, by spend and then by id."""
    monkeypatch.setattr(segment_queries, "LARGEST", largest)
    monkeypatch.setattr(segment_queries, "FEW", few)
    reach = campaigns_queries.reach_of(asked, NOON)
    spends = dict(Standing.objects.filter(ladder__code="main").values_list("member_id", "spend"))
    inside = set(campaigns_queries.ids_of(asked, NOON))
    ordered = sorted(inside, key=lambda one: (one not in spends, -spends.get(one, 0), one))
    assert [example.id for example in reach.examples] == ordered[:4]
    assert [example.spend for example in reach.examples] == [spends.get(one) for one in ordered[:4]]


def _first_reason(member: Member, asked: Asked, suppressed: int) -> LeftOut | None:
    if member.status == "erased":
        return None
    if member.status == "blocked":
        return LeftOut.BLOCKED
    if member.status != "active" or member.joined_at is None:
        return LeftOut.PENDING
    if bucket_of("s", member.id) < 1500:
        return LeftOut.CONTROL
    if not identity("email")(member, asked):
        return LeftOut.NO_ADDRESS
    if not agreed(member, asked):
        return LeftOut.NO_CONSENT
    return LeftOut.SUPPRESSED if member.id == suppressed else None


def _hmac(key: bytes, text: str) -> bytes:
    import hashlib
    import hmac

    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def test_an_address_is_hashed_by_the_database_as_by_python(programme: None) -> None:
    from django.db.models import Value

    for key in (b"k", b"k" * 64, b"k" * 65, bytes(range(1, 200))):
        member = Member.objects.annotate(hashed=_keyed_hash(key, Value("sms:8613800138000")))
        Member.objects.get_or_create(number="H1")
        assert bytes(member.values_list("hashed", flat=True)[0]) == _hmac(key, "sms:8613800138000")


def test_a_question_that_takes_too_long_is_given_up(crowd: list[Member], monkeypatch: pytest.MonkeyPatch) -> None:
    from campaigns.queries import segments

    monkeypatch.setattr(segments, "COUNT_MILLISECONDS", 1)
    many = tree_from({"any": [next(questions(FIELDS["orders.spend"])) | {"days": n + 1} for n in range(40)]}, FIELDS)
    with pytest.raises(campaigns_queries.TooMuch):
        campaigns_queries.count_of(many, NOON)
    monkeypatch.setattr(segments, "COUNT_MILLISECONDS", 5_000)
    assert campaigns_queries.count_of(EVERYBODY, NOON), "the transaction is whole"


def test_the_shape_of_the_plan(crowd: list[Member]) -> None:
    """Conditions are joins and anti-joins, not looked up member by member; a sum is made once."""
    tree = tree_from(
        {"all": [
            {"field": "tiers.tier", "operator": "is", "values": ["gold"]},
            {"field": "orders.last", "operator": "at_least", "values": ["45"]},
            {"not": {"any": [
                {"field": "orders.spend", "operator": "at_most", "values": ["6000"], "days": 90},
                {"field": "members.tag", "operator": "any_of", "values": ["vip"]},
            ]}},
        ]},
        FIELDS,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        statement, parameters = members_of(tree, NOON).query.sql_with_params()
        cursor.execute(f"EXPLAIN {statement}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "SubPlan" not in plan, plan
    assert plan.count("sum(") == 1, plan
    assert "Anti" in plan, plan


def test_a_page_and_all_ids_keep_their_order(crowd: list[Member]) -> None:
    base = sorted(m.id for m in _base(crowd, FIELDS["tiers.tier"]))
    assert campaigns_queries.ids_of(EVERYBODY, NOON) == base
    first = campaigns_queries.page_of(EVERYBODY, NOON, limit=10)
    assert first == base[:10]
    assert campaigns_queries.page_of(EVERYBODY, NOON, after=first[-1], limit=10) == base[10:20]
    blocked = tree_from({"field": "members.status", "operator": "is", "values": ["blocked"]}, FIELDS)
    assert campaigns_queries.ids_of(blocked, NOON) == [], "who is blocked is given nothing"
    assert len(list(campaigns_queries.export_of(EVERYBODY, NOON))) == len(base)
