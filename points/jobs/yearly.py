"""Yearly rewards at night: who celebrates on a date, and points for all of them at once."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

from kit import clock, dates, sql
from members import queries as members_queries
from points.rules import earning
from points.rules.policy import Policy

BIRTHDAY, ANNIVERSARY = "birthday", "anniversary"
TYPES = (BIRTHDAY, ANNIVERSARY)
"""The types of event that no shop tells of: the night finds them in the calendar."""


@dataclass(frozen=True, slots=True)
class Celebrant:
    """An active member and what he celebrates on a date: a subset of TYPES."""

    member_id: int
    types: tuple[str, ...]


def due_rewards(*, date: dt.date, types: Sequence[str], after: int) -> list[Celebrant]:
    """Will return who celebrates on a date, by id, above an id: active members who had joined before it. Two queries.

    29 February is celebrated on the 28th in common years.
    """
    days = [f"{date:%m%d}"]
    if days == ["0228"] and dates.last_of_month(date.year, 2) == date:
        days.append("0229")
    members = [member_id for member_id in members_queries.celebrating([date]) if member_id > after]
    rows = sql.fetch(
        "points",
        "due_rewards",
        date=date,
        days=days,
        starts_at=clock.day_start(date),
        zone=clock.programme_zone().key,
        birthday=BIRTHDAY in types,
        anniversary=ANNIVERSARY in types,
        members=members,
    )
    return [
        Celebrant(member_id, tuple(name for name, due in zip(TYPES, flags, strict=True) if due))
        for member_id, *flags in rows
    ]


def reward_key(kind: str, date: dt.date) -> str:
    """Will return the key of a yearly reward: once a member and calendar year, however often a birthday is changed."""
    return f"{kind}:{date.year}"


def reward_in_sets(*, kind: str, member_ids: Sequence[int], date: dt.date, policy: Policy) -> tuple[int, int]:
    """Will book what a celebration earns for many members, as ledger.credit does; returns (entries, points).

    For policies without rules or caps on it, and without growth. Debt is repaid first; who has been rewarded that
    year is left alone. Locks the wallets in the order of members.
    """
    plan = earning.plan_event(policy, earning.EventFacts(kind))
    if not plan.points:
        return 0, 0
    key, members = reward_key(kind, date), list(member_ids)
    sql.execute("points", "lock_rewards", members=members)
    [(entries,)] = sql.fetch(
        "points",
        "reward_yearly",
        members=members,
        key=key,
        points=plan.points,
        active_on=date,
        expires_on=policy.expires_on(date),
        explanation=json.dumps(list(plan.explanation)),
        at=clock.day_start(date),
        policy=policy.id,
    )
    return entries, entries * plan.points
