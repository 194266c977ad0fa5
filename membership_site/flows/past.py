"""What happened to a range of members since a date, gathered from the rooms that know it, for a replay."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from kit import clock
from kit.keys import event_key, order_key, source_key
from kit.versions import Versions
from members import queries as members_queries
from members.enums import MemberStatus
from members.queries import TraitsOfRange
from membership_site.flows.event_received import STREAK_DAYS_READ
from orders import queries as orders_queries
from orders.enums import OrderStatus
from orders.queries import EventOfRange, LineOfRange, ReturnOfRange
from points import queries as points_queries
from points.enums import EntryKind, ExpiryKind
from points.queries import MoveOfRange
from points.rules import replay
from points.rules.circumstances import Circumstances
from points.rules.conditions import DeedFacts, LineTraits, birthday_in
from points.rules.earning import EarnRate, EventFacts, LineFacts, OrderAmounts
from points.rules.policy import Policy
from tiers import queries as tiers_queries
from tiers.queries import DecisionOfRange
from tiers.rules import LadderTerms

Row = TypeVar("Row", EventOfRange, MoveOfRange)

YEARLY = ("birthday", "anniversary")
"""Types of events that come with the calendar, whatever a shop tells of them."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is replayed: from the first date of a month up to an instant, and the policies it is replayed under.

    The first of them is the one in force on the first date.
    """

    since: dt.date
    until: dt.datetime
    policies: tuple[Policy, ...]
    ladders: Versions[LadderTerms]
    segments: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """Who is in each of the segments that rules name now."""

    @property
    def idle_until(self) -> dt.date | None:
        """Until when points that expire by inactivity last at its beginning, as if all had just done something."""
        return self.policies[0].expiry.idle_until(self.since)

    @property
    def idle_months(self) -> int:
        """After how many months without a deed such points end; 0 where none do."""
        expiry = self.policies[0].expiry
        return expiry.count if expiry.kind is ExpiryKind.INACTIVITY else 0

    def types(self, wanted: str) -> tuple[str, ...]:
        """Will return the types of events of which some policy asks for `streak`, or allows only one ever (`once`)."""
        return tuple(sorted({t for p in self.policies for t, terms in p.events.items() if getattr(terms, wanted)}))

    @property
    def yearly(self) -> tuple[str, ...]:
        """The calendar's own events that some policy rewards."""
        return tuple(kind for kind in YEARLY if any(kind in p.events or p.rules_of(kind) for p in self.policies))


@dataclass(frozen=True, slots=True)
class MemberPast:
    """A member's past with the tier he holds at its end."""

    tier: str
    past: replay.Past


def of_range(after: int, upto: int, window: Window) -> Iterator[MemberPast]:
    """Will yield the past of each member above one id up to another. Ten queries, each over the whole range.

    What rules were asked with when an order was first booked is taken as remembered; where nothing asked then, it is
    put together from what is known now: the tier of the time, tags, birthday and segments of today; so is
    a segment that no rule asked for then.
    """
    facts = _read(after, upto, window)
    for traits in members_queries.traits_of_range(after, upto):
        yield _member(traits, facts, window)


@dataclass(frozen=True, slots=True)
class _Facts:
    """The answers of the rooms, by member."""

    orders: Mapping[int, Sequence[Sequence[LineOfRange]]]
    returns: Mapping[int, Sequence[ReturnOfRange]]
    before: Mapping[int, int]
    events: Mapping[int, Sequence[EventOfRange]]
    came: Mapping[tuple[int, str], list[dt.date]]
    decisions: Mapping[int, Sequence[DecisionOfRange]]
    remembered: Mapping[str, Circumstances]
    moves: Mapping[int, Sequence[MoveOfRange]]
    lots: Mapping[int, Mapping[replay.Lot, int]]
    debts: Mapping[int, int]
    used: Mapping[int, Mapping[str, int]]


def _read(after: int, upto: int, window: Window) -> _Facts:
    since, until = window.since, window.until
    starts_at = clock.day_start(since)
    lots, debts = points_queries.lots_of_range(after, upto, starts_at)
    lines = orders_queries.orders_of_range(after, upto, since, until)
    return _Facts(
        orders=_by_member([list(order) for _, order in groupby(lines, lambda line: line.id)]),
        returns={
            order: list(back)
            for order, back in groupby(
                orders_queries.returns_of_range(after, upto, since, until), lambda back: back.order
            )
        },
        before=orders_queries.orders_before_range(after, upto, since),
        events=_grouped(orders_queries.events_of_range(after, upto, since, until, replay.REFERRAL)),
        came=orders_queries.event_dates_of_range(
            after,
            upto,
            since,
            recent=window.types("streak"),
            recently=since - dt.timedelta(days=STREAK_DAYS_READ),
            ever=window.types("once"),
        ),
        decisions=tiers_queries.decisions_of_range(after, upto, until),
        remembered=points_queries.remembered_of_range(after, upto, starts_at),
        moves=_grouped(points_queries.moves_of_range(after, upto, since, starts_at, until)),
        lots=lots,
        debts=debts,
        used=points_queries.used_before_range(after, upto, since),
    )


def _by_member(orders: Iterable[Sequence[LineOfRange]]) -> dict[int, list[Sequence[LineOfRange]]]:
    return {member: list(own) for member, own in groupby(orders, lambda order: order[0].member_id)}


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    return {member: list(own) for member, own in groupby(rows, lambda row: row.member_id)}


def _member(traits: TraitsOfRange, facts: _Facts, window: Window) -> MemberPast:
    stands = {one: traits.id in ids for one, ids in window.segments.items()}
    seen = _Seen(traits, facts.decisions.get(traits.id, ()), window, clock.programme_zone(), stands)
    orders = facts.orders.get(traits.id, ())
    paid_at = sorted(order[0].placed_at for order in orders if order[0].status == OrderStatus.PAID)
    before = facts.before.get(traits.id, 0)
    return MemberPast(
        tier=seen.tier_at_end(),
        past=replay.Past(
            member_id=traits.id,
            orders=tuple(_order(order, facts, seen, before, paid_at) for order in orders),
            events=(
                *_events(facts.events.get(traits.id, ()), facts, seen),
                *_yearly(seen),
            ),
            moves=tuple(_move(move) for move in facts.moves.get(traits.id, ())),
            lots=tuple(facts.lots.get(traits.id, {}).items()),
            debt=facts.debts.get(traits.id, 0),
            idle_until=window.idle_until,
            idle_months=window.idle_months,
            used=facts.used.get(traits.id, {}),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """A member as rules would have seen him at a time."""

    traits: TraitsOfRange
    decisions: Sequence[DecisionOfRange]
    window: Window
    zone: ZoneInfo
    segments: Mapping[str, bool]
    """Of each segment that rules name, whether he is in it now."""

    def remembered(self, facts: DeedFacts) -> DeedFacts:
        """Will return what rules asked with then, and of segments that they did not ask for what is so now."""
        return replace(facts, segments={**self.segments, **facts.segments})

    def rate(self, at: dt.datetime, cause: str) -> EarnRate:
        """Will return the tier held just before something of that cause happened, with its multiplier."""
        for decision in self.decisions:
            if decision.at < at or (decision.at == at and decision.cause != cause):
                return EarnRate(decision.multiplier, decision.tier)
        lowest = self.window.ladders.on(clock.business_date(at)).rungs[0]
        return EarnRate(lowest.multiplier, lowest.code)

    def tier_at_end(self) -> str:
        """Will return the tier held at the end of the window."""
        return self.rate(self.window.until, "").tier

    def facts(
        self,
        at: dt.datetime,
        channel: str,
        tier: str,
        *,
        number: int = 0,
        amount: Decimal = Decimal(0),
        properties: Mapping[str, Any] | None = None,
    ) -> DeedFacts:
        """Will return what rules ask of an order or event of his at an instant, with the tier he held then."""
        local = at.astimezone(self.zone)
        return DeedFacts(
            on=local.date(),
            time=local.time(),
            channel=channel,
            tier=tier,
            tiers=_tiers_up_to(tier, self.window.ladders.on(local.date())),
            tags=self.traits.tags,
            segments=self.segments,
            birthday=self.traits.birthday,
            number=number,
            amount=amount,
            properties=properties or {},
        )


def _tiers_up_to(code: str, terms: LadderTerms) -> tuple[str, ...]:
    codes = [rung.code for rung in terms.rungs]
    return tuple(codes[: codes.index(code) + 1]) if code in codes else (code,)


def _order(
    lines: Sequence[LineOfRange], facts: _Facts, seen: _Seen, before: int, paid_at: Sequence[dt.datetime]
) -> replay.PastOrder:
    first = lines[0]
    key = order_key(first.source, first.order_id)
    rate = seen.rate(first.placed_at, key)
    if remembered := facts.remembered.get(key):
        deed = seen.remembered(remembered.facts)
    else:
        number = before + bisect_right(paid_at, first.placed_at) - (first.status == OrderStatus.PAID) + 1
        deed = seen.facts(first.placed_at, first.source, rate.tier, number=number, amount=first.order_basis)
    return replay.PastOrder(
        key=key,
        at=first.placed_at,
        on=first.business_date,
        rate=rate,
        lines=tuple(
            LineFacts(
                line_id=line.line_id,
                basis=line.basis,
                quantity=line.quantity,
                gross=line.quantity * line.unit_price,
                traits=LineTraits(line.sku, line.category, line.brand),
            )
            for line in lines
        ),
        deed=deed,
        amounts=OrderAmounts(first.tax, first.shipping, first.points_paid),
        returns=_returns(first, key, facts.returns.get(first.id, ()), seen.window.until),
    )


def _returns(
    order: LineOfRange, key: str, returns: Sequence[ReturnOfRange], until: dt.datetime
) -> tuple[replay.PastReturn, ...]:
    backs = [
        replay.PastReturn(
            key=f"{key}:{source_key('refund', back.refund_id)}",
            at=back.refunded_at,
            on=clock.business_date(back.refunded_at),
            units=tuple((line_id, quantity) for line_id, quantity in back.lines),
        )
        for back in returns
    ]
    if order.status != OrderStatus.PAID:
        at = max(order.status_at, order.placed_at)
        backs.append(replay.PastReturn(f"{key}:cancel", at, clock.business_date(at), cancels=True))
    return tuple(back for back in sorted(backs, key=lambda back: (back.at, back.key)) if back.at <= until)


def _events(events: Sequence[EventOfRange], facts: _Facts, seen: _Seen) -> Iterator[replay.PastEvent]:
    """Will yield a member's events in order of time, each knowing those of its type before it."""
    dates: dict[str, list[dt.date]] = {}
    for event in (one for one in events if one.type not in YEARLY):
        on = event.business_date
        before = dates.setdefault(event.type, list(facts.came.get((event.member_id, event.type), ())))
        streak, days = 1, set(before)
        while on - dt.timedelta(days=streak) in days:
            streak += 1
        key = event_key(event.source, event.event_id)
        if remembered := facts.remembered.get(key):
            deed = replace(seen.remembered(remembered.facts), properties=event.properties)
        else:
            tier = seen.rate(event.occurred_at, key).tier
            deed = seen.facts(event.occurred_at, event.source, tier, properties=event.properties)
        yield replay.PastEvent(
            key=key,
            at=event.occurred_at,
            on=on,
            facts=EventFacts(
                type=event.type,
                with_photo=event.properties.get("photo") is True,
                same_day=before.count(on),
                streak_day=streak,
                ever=len(before),
                properties=event.properties,
            ),
            deed=deed,
        )
        before.append(on)


def _yearly(seen: _Seen) -> Iterator[replay.PastEvent]:
    """Will yield the birthdays and anniversaries in the window of a member who is active."""
    joined = clock.business_date(seen.traits.joined_at) if seen.traits.joined_at else None
    if seen.traits.status != MemberStatus.ACTIVE or joined is None:
        return
    last = clock.business_date(seen.window.until)
    for kind in seen.window.yearly:
        origin = seen.traits.birthday if kind == "birthday" else joined
        for year in range(seen.window.since.year, last.year + 1) if origin else ():
            on = birthday_in(origin, year) if origin else last
            if max(seen.window.since, joined) <= on <= last and (kind == "birthday" or year > joined.year):
                at = clock.day_start(on)
                key = source_key(kind, year)
                asked = seen.facts(at, "", seen.rate(at, key).tier)
                yield replay.PastEvent(key=key, at=at, on=on, facts=EventFacts(type=kind), deed=asked)


OWN_DEEDS = frozenset({EntryKind.REDEMPTION, EntryKind.TRANSFER})


def _move(move: MoveOfRange) -> replay.PastMove:
    return replay.PastMove(
        key=move.source_key,
        at=move.at,
        on=move.business_date,
        points=move.points,
        lots=move.lots,
        grant=move.grant,
        takes_back=move.kind == EntryKind.REVERSAL,
        by_member=move.kind in OWN_DEEDS and move.points < 0,
    )
