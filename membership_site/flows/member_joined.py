"""A person joins: registered, entered with the sign-up reward, and given whatever was waiting for him."""

import datetime as dt

from django.db import transaction

from members import actions as members_actions
from members import queries as members_queries
from members.enums import IdentityKind
from members.models import Member
from membership_site.flows import event_received, member_entry, order_paid, told
from orders import actions as orders_actions
from orders import queries as orders_queries


@transaction.atomic
def register(*, new: members_actions.NewMember, at: dt.datetime, actor: str, reward: bool = True) -> Member:
    """Will register a member who is active at once, with the sign-up reward and a welcome; raises IdentityTaken."""
    member_entry.take_turns_of(identity.value for identity in new.identities)
    member = members_actions.register(new=new, joined_at=at, at=at, actor=actor)
    member_entry.enter(member_id=member.id, at=at, actor=actor, reward=reward)
    with told.quietly():
        adopt_waiting(member_id=member.id, at=at, actor=actor)
    told.joined(member_id=member.id, at=at, actor=actor)
    return member


def adopt_waiting(*, member_id: int, at: dt.datetime, actor: str) -> None:
    """Will book the parked orders and events that named this member before he was known, in order of time."""
    profile = members_queries.get_profile(member_id)
    references: list[dict[str, str]] = [{"number": profile.key.number}, {"anything": profile.key.number}]
    for kind, _, value in profile.identities:
        name = "external_id" if kind == IdentityKind.EXTERNAL else kind
        references += [{name: value}, {"anything": value}]
    for order in orders_queries.parked_orders(references):
        stood = order_paid.stood_in(member_id, order.placed_at)
        orders_actions.adopt(order=order, member_id=member_id, at=at, actor=actor)
        order_paid.book(order=order, segments=stood, actor=actor)
    for event in orders_queries.parked_events(references):
        stood = event_received.stood_in(member_id, event.type, event.occurred_at)
        orders_actions.adopt_event(event=event, member_id=member_id, at=at, actor=actor)
        event_received.book(event=event, segments=stood, actor=actor)
