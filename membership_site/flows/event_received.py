"""A member did something that is not an order: a review, a share, a check-in, an event of the shop's own."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kit import clock, locks
from kit.keys import event_key
from members import queries as members_queries
from members.rules import MemberReference
from membership_site.flows import circumstances, member_entry, referral_settled, tier_changed
from orders import actions as orders_actions
from orders import queries as orders_queries
from orders import rules as orders_rules
from orders.enums import Recorded
from orders.models import ShopEvent
from points import actions as points_actions
from points import queries as points_queries
from points.jobs import yearly
from points.rules import earning
from points.rules.circumstances import Circumstances
from points.rules.policy import EventTerms, Policy
from tiers import queries as tiers_queries

WAITING = referral_settled.TYPE
"""The type of event that may wait before it earns."""

STREAK_DAYS_READ = 730
"""How far back a streak is counted; longer ones begin anew, which the seven-day table does not show."""


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """What the shop is told of an event."""

    outcome: Recorded
    source: str
    event_id: str
    member_number: str
    points: int
    growth: int
    tier: tiers_queries.TierAfter | None
    statement: tuple[points_queries.StatementRow, ...]
    unearned: tuple[dict[str, Any], ...] = ()
    """Why nothing was earned, as steps that points.wording says."""


@transaction.atomic
def take_event(
    *, statement: orders_rules.EventStatement, reference: MemberReference, at: dt.datetime, actor: str
) -> EventAnswer:
    """Will take an event: store it once and book what it earns; an unknown member parks it, a repeat books nothing.

    Raises orders.actions.StatementChanged.
    """
    member = member_entry.find_or_wait(reference, statement.source)
    stood = stood_in(member.id, statement.type, statement.occurred_at) if member else {}
    recorded = orders_actions.record_event(
        statement=statement,
        member_id=member.id if member else None,
        reference=reference.stated(),
        at=at,
        actor=actor,
    )
    if recorded.outcome == Recorded.NEW:
        book(event=recorded.event, segments=stood, actor=actor)
    return answer_of(recorded.event, recorded.outcome)


def stood_in(member_id: int, kind: str, at: dt.datetime) -> circumstances.Segments:
    """Will say of each segment that rules name for a type of event whether a member is in it, as of its own time.

    To be asked before the event is recorded.

    One query, and those of circumstances.segments_of.
    """
    return circumstances.segments_of(member_id, points_queries.policy_on(clock.business_date(at)), at, kind)


def book(*, event: ShopEvent, segments: circumstances.Segments, actor: str) -> None:
    """Will book what a stored event earns, as of its own time, in the caller's transaction.

    `segments` are what its member stood in before it came (stood_in).
    """
    if event.member_id is None:
        raise ValueError("A parked event cannot be booked.")
    at, key = event.occurred_at, event_key(event.source, event.event_id)
    member_entry.enter(member_id=event.member_id, at=at, actor=actor, reward=False)
    if event.type == referral_settled.TYPE:
        referral_settled.settle(event=event, today=clock.business_date(at), actor=actor)
        return
    if event.type in yearly.TYPES:  # the night gives these, once a year; told of by a shop they would be given twice
        orders_actions.mark_event_booked(event=event, at=at, actor=actor)
        return
    locks.take_turns([f"events:{event.member_id}"])  # two at once must count each other: caps and streaks
    policy = points_queries.policy_on(event.business_date)
    booked = points_actions.book_event(
        member_id=event.member_id,
        event_key=key,
        facts=facts_of(event, policy, segments),
        policy=policy,
        at=at,
        actor=actor,
    )
    if booked.growth:
        tier_changed.evaluate(member_id=event.member_id, cause=key, at=at, actor=actor)
    orders_actions.mark_event_booked(event=event, at=at, actor=actor)


def facts_of(
    event: ShopEvent, policy: Policy, segments: circumstances.Segments, *, is_past: bool = False
) -> earning.EventFacts:
    """Will gather what the rule of an event's type asks for: earlier events of the day, the streak, all ever.

    Of one that is booked long since, `is_past`, only what came before it counts.
    """
    terms = policy.events.get(event.type) or EventTerms()
    if event.member_id is None:
        raise ValueError("A parked event cannot be booked.")
    since = dt.date.min if terms.once else event.business_date - dt.timedelta(days=STREAK_DAYS_READ)
    before = (event.occurred_at, event.id or 0) if is_past else None
    dates_before = orders_queries.event_dates(event.member_id, event.type, since, before)
    came = set(dates_before)
    streak = 1
    while event.business_date - dt.timedelta(days=streak) in came:
        streak += 1
    return earning.EventFacts(
        type=event.type,
        with_photo=event.properties.get("photo") is True,
        same_day=dates_before.count(event.business_date),
        streak_day=streak,
        ever=len(dates_before),
        properties=event.properties,
        around=_around(event, segments) if policy.looks_at(event.type) else None,
    )


def _around(event: ShopEvent, segments: circumstances.Segments) -> Circumstances:
    if event.member_id is None:
        raise ValueError("A parked event cannot be booked.")
    key = event_key(event.source, event.event_id)
    facts = circumstances.of_event(event.member_id, event.occurred_at, event.source, event.properties, key, segments)
    return Circumstances(facts)


def answer_of(event: ShopEvent, outcome: Recorded) -> EventAnswer:
    """Will read back what the shop is told of an event, so that a repeat is told the same."""
    number, tier = "", None
    rows: list[points_queries.StatementRow] = []
    if event.member_id is not None:
        number = members_queries.number_of(event.member_id)
        key = event_key(event.source, event.event_id)
        rows = points_queries.entries_of(event.member_id, key)
        tier = tiers_queries.tier_after(event.member_id, event.occurred_at, key)
    return EventAnswer(
        outcome=outcome,
        source=event.source,
        event_id=event.event_id,
        member_number=number,
        points=sum(row.points for row in rows if row.wallet == "points"),
        growth=sum(row.points for row in rows if row.wallet == "growth"),
        tier=tier,
        statement=tuple(rows),
        unearned=() if rows else why_nothing(event),
    )


def why_nothing(event: ShopEvent) -> tuple[dict[str, Any], ...]:
    """Will say why an event earned nothing: told from its type's rule, so that a repeat is told the same."""
    key = event_key(event.source, event.event_id)
    if event.member_id is not None and (remembered := points_queries.why_earned(event.member_id, key)):
        return tuple(remembered.unfired)
    policy = points_queries.policy_on(event.business_date)
    return nothing_of(event.type, policy.events.get(event.type), is_booked=event.booked_at is not None)


def nothing_of(event_type: str, terms: EventTerms | None, *, is_booked: bool) -> tuple[dict[str, Any], ...]:
    """Will say why an event of a type earned nothing by itself, from the terms in force then. No queries."""
    if event_type == referral_settled.TYPE:
        return ({"code": "referral_closed" if is_booked else "referral_waits"},)
    if event_type in yearly.TYPES:
        return ({"code": "given_by_the_night"},)
    if terms is None:
        return ({"code": "event_without_rule", "type": event_type},)
    if terms.day_max is not None and not terms.once:
        return ({"code": "day_cap", "day_max": terms.day_max},)
    return ({"code": "once_only"},) if terms.once else ()
