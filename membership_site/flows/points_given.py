"""A member gives points to another member."""

import datetime as dt

from django.db import transaction

from kit import audit
from members import queries as members_queries
from members.enums import MemberStatus
from points import actions as points_actions
from points.rules.booking import KnownEntry
from points.rules.ledger import NewEntry


class NotAMember(Exception):
    """One of the two is not an active member; nothing was booked."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(f"{number} is not an active member. Nothing was booked.")


@transaction.atomic
def give(
    *, donor_id: int, recipient_id: int, points: int, gift_key: str, at: dt.datetime, actor: str
) -> KnownEntry | NewEntry:
    """Will move points from a member to another, who reads by whose number they came; returns the donor's entry.

    The same key again changes nothing. Raises NotAMember and what points.actions.give raises. Locks both members'
    wallets before it looks who they are: whoever erases or merges one of them has them first.
    """
    points_actions.lock_wallets(member_ids=[donor_id, recipient_id], at=at, actor=actor)
    people = members_queries.rows_of([donor_id, recipient_id])
    for member_id in (donor_id, recipient_id):
        person = people.get(member_id)
        if person is None or person.status != MemberStatus.ACTIVE:
            raise NotAMember(person.number if person else str(member_id))
    entry = points_actions.give(
        donor_id=donor_id,
        recipient_id=recipient_id,
        points=points,
        gift_key=gift_key,
        at=at,
        actor=actor,
        donor_name=people[donor_id].number,
        recipient_name=people[recipient_id].number,
    )
    if isinstance(entry, NewEntry):
        audit.record(
            at=at,
            actor=actor,
            deed="points.give",
            subject=f"member:{donor_id}",
            becomes={"to": recipient_id, "points": points, "key": entry.source_key},
        )
    return entry
