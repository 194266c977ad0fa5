"""A member takes a reward for points, and gets the receipt."""

import datetime as dt

from django.db import transaction

from benefits import actions as benefits_actions
from benefits.actions import Redeemed
from membership_site.flows import told


@transaction.atomic
def redeem(*, member_id: int, reward: str, source_key: str, at: dt.datetime, actor: str) -> Redeemed:
    """Will redeem as benefits.actions.redeem does, and raise as it does; what is new is told to the member."""
    done = benefits_actions.redeem(member_id=member_id, reward=reward, source_key=source_key, at=at, actor=actor)
    told.redeemed(done=done, at=at, actor=actor)
    return done
