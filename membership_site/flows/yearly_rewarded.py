"""A member's birthday or the day of his joining comes round: the night gives what the policy says, once a year."""

import datetime as dt
from collections.abc import Iterator

from kit import clock
from kit.jobs import Chunk, Night
from membership_site.flows import circumstances, tier_changed
from points import actions as points_actions
from points import jobs as points_jobs
from points import queries as points_queries
from points.jobs import yearly
from points.rules import earning
from points.rules.circumstances import Circumstances
from points.rules.policy import Policy

MEMBERS_A_CHUNK = 2_000
ACTOR = "night"


def reward_yearly(night: Night, after: int) -> Iterator[Chunk]:
    """Will reward who celebrates on the date that follows: the points are there from its first instant.

    Missed nights are made up, each as of its own date. In sets where points are all that is given; member by member
    where earning rules, caps, growth or expiry by inactivity ask for more. Locks the wallets of a chunk.
    """
    date = night.date + dt.timedelta(days=1)
    policy = points_queries.policy_on(date)
    types = [kind for kind in yearly.TYPES if kind in policy.events or policy.rules_of(kind)]
    if not types:
        return
    due = points_jobs.due_rewards(date=date, types=types, after=after)
    for first in range(0, len(due), MEMBERS_A_CHUNK):
        chunk = due[first : first + MEMBERS_A_CHUNK]
        # All of them at once: one kind after the other would go through the members, and the budgets, twice.
        ids = [one.member_id for one in chunk]
        points_actions.lock_wallets(member_ids=ids, at=clock.day_start(date), actor=ACTOR)
        entries = points = 0
        for kind in types:
            theirs = [one.member_id for one in chunk if kind in one.types]
            rewarded = reward(kind=kind, member_ids=theirs, date=date, policy=policy) if theirs else (0, 0)
            entries, points = entries + rewarded[0], points + rewarded[1]
        yield Chunk(chunk[-1].member_id, entries, {"rewards": entries, "points": points})


def reward(*, kind: str, member_ids: list[int], date: dt.date, policy: Policy) -> tuple[int, int]:
    """Will reward members for one kind of celebration, in the caller's transaction; returns (rewards, points)."""
    if is_plain(kind, policy):
        return points_jobs.reward_in_sets(kind=kind, member_ids=member_ids, date=date, policy=policy)
    stood = circumstances.segments_of_many(member_ids, policy, clock.day_start(date), kind)
    points = [_reward_one(kind, member_id, date, policy, stood[member_id]) for member_id in member_ids]
    return sum(1 for given in points if given), sum(points)


def is_plain(kind: str, policy: Policy) -> bool:
    """Will say whether a celebration gives the same points to everybody, in lots with a date, and nothing else."""
    terms = policy.events.get(kind)
    return not (policy.looks_at(kind) or (terms and terms.growth) or policy.expiry.idle_months)


def _reward_one(kind: str, member_id: int, date: dt.date, policy: Policy, segments: circumstances.Segments) -> int:
    """Will book one reward as an event is booked; returns its points, nought where it had been given before."""
    at, key = clock.day_start(date), yearly.reward_key(kind, date)
    if points_queries.entries_of(member_id, key):
        return 0
    around = None
    if policy.looks_at(kind):
        around = Circumstances(circumstances.of_event(member_id, at, ACTOR, {}, key, segments))
    facts = earning.EventFacts(kind, around=around)
    booked = points_actions.book_event(
        member_id=member_id, event_key=key, facts=facts, policy=policy, at=at, actor=ACTOR, is_own=False
    )
    if booked.growth:
        tier_changed.evaluate(member_id=member_id, cause=key, at=at, actor=ACTOR)
    return booked.points
