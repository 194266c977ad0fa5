"""A friend joined by a member's invitation: noted as his referral, or refused with what it looks like."""

import datetime as dt
from collections.abc import Set as AbstractSet

from kit import audit, clock
from members import queries as members_queries
from members import rules as members_rules
from members.queries import entering
from members.rules import MemberReference
from membership_site.flows import event_received, referral_settled
from orders.rules import EventStatement
from points import queries as points_queries

SOURCE = "portal"


def note(*, friend_id: int, code: str, known_here: AbstractSet[str], at: dt.datetime, actor: str) -> None:
    """Will book who invited a friend, as a shop would tell of it; nobody by that code changes nothing.

    Where both look like one person nothing is booked, and the evidence stands in the audit log of the friend.
    """
    inviter_id = entering.find_inviter(code)
    policy = points_queries.policy_on(clock.business_date(at))
    if inviter_id is None or inviter_id == friend_id or referral_settled.TYPE not in policy.events:
        return
    names = members_queries.names_of([inviter_id, friend_id])
    inviter, friend = names[inviter_id][0], names[friend_id][0]
    evidence = members_rules.same_person(
        entering.likeness_of(inviter_id), entering.likeness_of(friend_id), same_device=inviter in known_here
    )
    if evidence:
        audit.record(
            at=at,
            actor=actor,
            deed="referral.refused",
            subject=f"member:{friend_id}",
            becomes={"inviter": inviter, "alike": list(evidence)},
        )
        return
    event_received.take_event(
        statement=EventStatement(SOURCE, f"invited-{friend}", referral_settled.TYPE, at, {"friend": friend}),
        reference=MemberReference(number=inviter),
        at=at,
        actor=actor,
    )
