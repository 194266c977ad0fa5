"""A friend was referred: both get their points once the friend's first order has left its return window."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from kit import clock, locks
from kit.keys import event_key
from members import queries as members_queries
from members.queries import MemberKey
from members.rules import MemberReference
from membership_site.flows import member_entry
from orders import actions as orders_actions
from orders import queries as orders_queries
from orders.models import ShopEvent
from orders.queries import WaitingEvent
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from points.rules.policy import Policy

TYPE = "referral"
"""The type of event by which a shop says that a member referred a friend: properties.friend names him."""

WAITING_A_LOOK = 2_000


def settle_waiting(*, as_of: dt.date, after: int) -> Iterator[int]:
    """Will settle the referrals that wait and whose time has come by the end of a date; yields each one's event.

    Two members' wallets are locked for each: the caller commits before the next one is asked for.
    """
    while waiting := orders_queries.waiting_events(TYPE, after, WAITING_A_LOOK):
        for event_id in _worth_locking(waiting):
            with transaction.atomic():
                event = orders_queries.locked_event(event_id)
                is_settled = event and event.booked_at is None and settle(event=event, today=as_of, actor="night")
            if is_settled:
                yield event_id
        after = waiting[-1].id


def _worth_locking(waiting: Sequence[WaitingEvent]) -> list[int]:
    """Will return those whose friend is known and has kept an order, or is the member himself.

    Most friends never come, and their referrals wait for ever: a query a source for all of them, and one for orders.
    """
    friends: dict[int, int] = {}
    for source in sorted({one.source for one in waiting}):
        named = {one.id: name for one in waiting if one.source == source and (name := _name_of_friend(one.properties))}
        known = members_queries.find_many(sorted(set(named.values())), source)
        friends |= {event_id: known[name].id for event_id, name in named.items() if name in known}
    ordered = orders_queries.first_kept_order_dates(sorted(set(friends.values())))
    return [one.id for one in waiting if (who := friends.get(one.id)) and (who in ordered or who == one.member_id)]


def settle(*, event: ShopEvent, today: dt.date, actor: str) -> bool:
    """Will give both their points if the friend's first order has left its return window by a date; else it waits.

    A member cannot refer himself, and a friend can be referred once: the first referral whose time comes counts. A
    referral that can never count is closed without points. True where it is closed.
    """
    if event.member_id is None:
        return False
    friend = friend_of(event)
    if friend is None:
        return False
    locks.take_turns([f"referred:{friend.id}"])
    policy = points_queries.policy_on(event.business_date)
    due = due_date(friend, policy)
    earned_before = bool(points_queries.entries_of(friend.id, "referred"))
    if friend.id != event.member_id and not earned_before:
        if due is None or due > today:
            return False
        _give(event, friend, max(clock.day_start(due), event.occurred_at), policy, actor)
    orders_actions.mark_event_booked(event=event, at=event.occurred_at, actor=actor)
    return True


def friend_of(event: ShopEvent) -> MemberKey | None:
    """Will return the friend that the event's properties name, if he is known by now."""
    named = _name_of_friend(event.properties)
    return members_queries.find_member(MemberReference(anything=named), event.source) if named else None


def _name_of_friend(properties: Mapping[str, Any]) -> str:
    return str(properties.get("friend") or "").strip()


def due_date(friend: MemberKey, policy: Policy) -> dt.date | None:
    """Will return the first date after the return window of the friend's first order that he kept, or None."""
    first = orders_queries.first_kept_order_date(friend.id)
    return first + dt.timedelta(days=policy.return_window_days) if first else None


def _give(event: ShopEvent, friend: MemberKey, at: dt.datetime, policy: Policy, actor: str) -> None:
    terms = policy.events.get(TYPE)  # a programme may have done without referrals when this one was made
    points = terms.points if terms else 0
    if event.member_id is None or not points:
        return
    step: dict[str, Any] = {"code": "event", "type": TYPE, "points": points, "growth": 0}
    today = clock.business_date(at)
    both = ((event.member_id, event_key(event.source, event.event_id), "friend"), (friend.id, "referred", "by"))
    others = (friend.number, members_queries.number_of(event.member_id))
    for (member_id, key, role), other in sorted(zip(both, others, strict=True)):
        member_entry.enter(member_id=member_id, at=at, actor=actor, reward=False)
        points_actions.credit(
            member_id=member_id,
            wallet=Wallet.POINTS,
            source_key=key,
            points=points,
            lot=(today, policy.expires_on(today)),
            explanation=[{**step, role: other}],
            policy_id=policy.id,
            at=at,
            actor=actor,
        )
