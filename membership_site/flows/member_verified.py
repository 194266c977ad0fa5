"""A code was typed: the right one lets its owner in, and makes him a member where he waited to be one."""

import datetime as dt
import uuid
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from members import actions as members_actions
from members import queries as members_queries
from members.enums import CodePurpose, CodeVerdict
from members.queries import entering
from membership_site.flows import member_entry, member_invited, member_joined


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of a code: who may enter where it was right, and whether he is a member only now."""

    verdict: CodeVerdict
    tries_left: int = 0
    account_id: int = 0
    member_id: int = 0
    is_new: bool = False
    purpose: CodePurpose = CodePurpose.ENTER


@transaction.atomic
def verify(*, ticket: uuid.UUID, code: str, known_here: AbstractSet[str], at: dt.datetime) -> Verified:
    """Will try a code and, where it is right, activate its membership with the sign-up reward, once.

    `known_here` are the numbers of members who entered on the same device before. Takes turns with whoever parks
    something for him meanwhile, so that it is not missed. Locks: the code, the address, the member, his wallets.
    """
    member_entry.take_turns_of(entering.joins_by(ticket))
    tried = members_actions.try_code(ticket=ticket, code=code, at=at, actor="portal")
    if tried.verdict != CodeVerdict.RIGHT or tried.member_id is None:
        return Verified(tried.verdict, tried.tries_left)
    member_id, is_new = tried.member_id, False
    if tried.purpose == CodePurpose.JOIN:
        is_new = _join(member_id, tried.wishes, known_here, at)
    account_id = members_actions.open_own_account(member_id=member_id, at=at, actor=f"member:{member_id}")
    return Verified(tried.verdict, 0, account_id, member_id, is_new, tried.purpose)


def _join(member_id: int, wishes: Mapping[str, Any], known_here: AbstractSet[str], at: dt.datetime) -> bool:
    """Will activate who waits; a member whom the shop brought along without a date joins now."""
    actor = f"member:{member_id}"
    is_new = members_actions.activate(member_id=member_id, wishes=wishes, at=at, actor=actor)
    if not is_new and members_queries.joined_at_of(member_id) is not None:
        return False
    member_entry.enter(member_id=member_id, at=at, actor=actor, reward=True)
    member_joined.adopt_waiting(member_id=member_id, at=at, actor=actor)
    if is_new and wishes.get("invited_by"):
        member_invited.note(
            friend_id=member_id, code=str(wishes["invited_by"]), known_here=known_here, at=at, actor=actor
        )
    return True
