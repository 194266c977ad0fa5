"""What the caps of earning rules have left, for a member on a date."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Sum

from kit import sql
from points.enums import CapPer
from points.models import RuleBudget
from points.rules.caps import ALL, Allowances, Cap, Left
from points.rules.policy import Policy


def allowances_of(member_id: int, policy: Policy, deed: str, on: dt.date) -> Allowances:
    """Will return what is left on a date of the caps that a deed of a member meets, budgets aside. One query at most.

    To be called under the lock of the member's wallets, so that deeds of one member count each other.
    """
    caps = {rule.code: _counted(rule.caps) for rule in policy.rules_of(deed)} | {ALL: _counted(policy.caps)}
    caps = {code: counted for code, counted in caps.items() if counted}
    if not caps:
        return {}
    month = Cap(CapPer.MONTH, 1)
    rows = sql.fetch(
        "points",
        "rule_uses",
        member_id=member_id,
        rules=list(caps),
        on=on,
        starts=month.starts_on(on),
        ends=month.ends_on(on),
    )
    used = {rule: {CapPer.DAY: day, CapPer.MONTH: of_month, CapPer.EVER: ever} for rule, day, of_month, ever in rows}
    return {
        code: tuple(Left(cap, cap.points - used.get(code, {}).get(cap.per, 0)) for cap in counted)
        for code, counted in caps.items()
    }


def _counted(caps: Sequence[Cap]) -> tuple[Cap, ...]:
    return tuple(cap for cap in caps if cap.per in (CapPer.DAY, CapPer.MONTH, CapPer.EVER))


def uses_of(member_id: int, deed_key: str) -> dict[str, int]:
    """Will return {rule: points} that a deed has given so far, returns taken off. One query."""
    return dict(sql.fetch("points", "rule_uses_of_deed", member_id=member_id, key=deed_key))


def allowances_without(member_id: int, policy: Policy, deed: str, on: dt.date, deed_key: str) -> Allowances:
    """Will return what all caps, budgets too, would have left for one deed had it not been booked. At most 3 queries.

    For trying rules on a deed of the past: what the deed itself has used is put back. Nothing is locked.
    """
    own = uses_of(member_id, deed_key)
    left = {
        code: tuple(Left(one.cap, one.points + max(own.get(code, 0), 0)) for one in allowances)
        for code, allowances in allowances_of(member_id, policy, deed, on).items()
    }
    budgets = {rule.code: cap for rule in policy.rules_of(deed) for cap in rule.caps if cap.per is CapPer.BUDGET}
    used = RuleBudget.objects.filter(rule__in=budgets).order_by().values_list("rule").annotate(Sum("used"))
    gone = dict(used) if budgets else {}
    for code, cap in budgets.items():
        free = cap.points - gone.get(code, 0) + max(own.get(code, 0), 0)
        left[code] = (*left.get(code, ()), Left(cap, max(free, 0)))
    return left
