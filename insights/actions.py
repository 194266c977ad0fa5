"""Insights' deeds: say by what days the stages are told apart."""

import datetime as dt

from django.db import transaction

from insights import queries, rules
from insights.models import LifecycleRules
from kit import audit, clock, locks


class OutOfOrder(Exception):
    """Nobody lapses before he sleeps; nothing was changed."""


def set_lifecycle_rules(*, terms: rules.LifecycleTerms, at: dt.datetime, actor: str) -> int:
    """Will let nights from today's on tell stages by other days, and return the version; the same days change nothing.

    Raises OutOfOrder.
    """
    if not 1 <= terms.sleeping_days < terms.lapsed_days:
        raise OutOfOrder("Members lapse some days after they fall asleep, not before. Nothing was changed.")
    today = clock.business_date(at)
    with transaction.atomic():
        locks.take_turns(["insights:lifecycle_rules"])
        number, was = queries.latest_rules()
        if number and was == terms:
            return number
        days = {name: getattr(terms, name) for name in terms.__slots__}
        before = {name: getattr(was, name) for name in terms.__slots__}
        LifecycleRules.objects.create(number=number + 1, effective_on=today, actor=actor, at=at, **days)
        audit.record(
            at=at, actor=actor, deed="lifecycle.set", subject=f"lifecycle:{number + 1}", was=before, becomes=days
        )
    return number + 1
