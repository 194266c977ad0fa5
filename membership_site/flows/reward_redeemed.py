"""A member takes a reward for points, and gets the receipt; or gives it back."""

import datetime as dt
import uuid

from django.db import transaction

from benefits import actions as benefits_actions
from benefits.actions import Redeemed
from membership_site.flows import member_merged, told


@transaction.atomic
def redeem(*, member_id: int, reward: str, source_key: str, at: dt.datetime, actor: str) -> Redeemed:
    """Will redeem as benefits.actions.redeem does, and raise as it does; what is new is told to the member."""
    done = benefits_actions.redeem(member_id=member_id, reward=reward, source_key=source_key, at=at, actor=actor)
    told.redeemed(done=done, at=at, actor=actor)
    return done


@transaction.atomic
def take_back(
    *, member_id: int, redemption_id: uuid.UUID, at: dt.datetime, actor: str, by_member: bool, reason: str = ""
) -> Redeemed:
    """Will take a member's reward back as benefits.actions.cancel_redemption does, and raise as it does.

    The points of one who was merged since go on to his survivor at once. Locks both wallets first then.
    """
    survivor_id = member_merged.lock_both(member_id, at=at, actor=actor)
    done = benefits_actions.cancel_redemption(
        redemption_id=redemption_id, reason=reason, at=at, actor=actor, by_member=by_member
    )
    if survivor_id is not None:
        cause = f"redemption:{redemption_id}"
        member_merged.carry_on(member_id=member_id, survivor_id=survivor_id, cause=cause, at=at, actor=actor)
    return done
