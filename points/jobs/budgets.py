"""Budgets at night: those of the version that holds on the next date come into force with it."""

import datetime as dt
from collections.abc import Iterator

from kit.jobs import EVERYBODY, Chunk, Night
from points import queries
from points.actions import budgets

DAY = dt.timedelta(days=1)


def begin_budgets(night: Night, after: int) -> Iterator[Chunk]:
    """Will give budgets the limits of the version in force on the date after; what is used stays used. Locks slots.

    So a version that is published ahead of its time neither raises nor lowers the budgets of the one before it.
    """
    if after < EVERYBODY:
        rules = budgets.set_up_budgets(queries.policy_on(night.date + DAY)) if queries.list_versions() else 0
        yield Chunk(EVERYBODY, rules, {"budgets": rules})
