"""Wallets to work with, and the proof at the end."""

import datetime as dt
from typing import Any

import pytest

from kit import clock
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from tests.points.proof import balanced  # noqa: F401


@pytest.fixture
def give(programme: None, noon: dt.datetime) -> Any:
    """Puts points into a lot: give(ann.id, 100), give(ann.id, 5, key="k", at=..., lot=(first, last))."""

    def credit(member_id, points, key="", *, at=noon, lot=None, wallet=Wallet.POINTS):
        today = clock.business_date(at)
        policy = points_queries.policy_on(today)
        return points_actions.credit(
            member_id=member_id,
            wallet=wallet,
            source_key=key or f"gift:{at.isoformat()}:{points}",
            points=points,
            lot=lot or (today, policy.expires_on(today)),
            explanation=[{"code": "test", "points": points}],
            policy_id=policy.id,
            at=at,
            actor="test",
        )

    return credit
