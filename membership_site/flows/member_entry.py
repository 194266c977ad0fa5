"""Entering the programme: wallets and the lowest tier, for whoever is not in it yet."""

import datetime as dt
from collections.abc import Iterable

from benefits import actions as benefits_actions
from benefits.enums import Occasion
from kit import clock, locks
from members import actions as members_actions
from members import queries as members_queries
from members.queries import MemberKey
from members.rules import MemberReference
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from tiers import actions as tiers_actions


def find_or_wait(reference: MemberReference, source: str) -> MemberKey | None:
    """Will return the member a shop means, or None; one who is just being registered is waited for.

    The one who is unknown even then cannot join before the caller's transaction ends, so that joining finds what
    the caller parks.
    """
    member = members_queries.find_member(reference, source)
    if member is None:
        take_turns_of(reference.stated().values())
        member = members_queries.find_member(reference, source)
    return member


def take_turns_of(names: Iterable[str]) -> None:
    """Will let nobody else register, or park something for, whoever is known by one of these until we are done."""
    locks.take_turns(f"joining:{name}" for name in names)


def enter(*, member_id: int, at: dt.datetime, actor: str, reward: bool) -> None:
    """Will give a member wallets and the lowest tiers, and the sign-up reward once; a repeat changes nothing."""
    members_actions.set_joined(member_id=member_id, at=at, actor=actor)
    points_actions.open_wallets(member_ids=[member_id], at=at, actor=actor)
    tiers_actions.join_everywhere(member_id=member_id, cause="join", at=at, actor=actor)
    if reward:
        give_sign_up_reward(member_id=member_id, at=at, actor=actor)


def give_sign_up_reward(*, member_id: int, at: dt.datetime, actor: str) -> None:
    """Will give the sign-up points, available at once, and what tiers give on activation; once in a membership."""
    benefits_actions.grant_on(member_id=member_id, occasion=Occasion.ACTIVATION, at=at, actor=actor)
    today = clock.business_date(at)
    policy = points_queries.policy_on(today)
    if policy.sign_up_points:
        points_actions.credit(
            member_id=member_id,
            wallet=Wallet.POINTS,
            source_key="sign_up",
            points=policy.sign_up_points,
            lot=(today, policy.expires_on(today)),
            explanation=[{"code": "sign_up", "points": policy.sign_up_points}],
            policy_id=policy.id,
            at=at,
            actor=actor,
        )
