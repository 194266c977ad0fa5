"""What rules gave, counted so that their caps hold: uses by member, and budgets cut into slots."""

import datetime as dt
from collections.abc import Mapping

from django.db import connection, transaction

from points.enums import CapPer
from points.models import RuleBudget, RuleUse
from points.queries.caps import allowances_of, uses_of
from points.rules.policy import Policy

__all__ = ["allowances_of", "count_uses", "draw", "give_back", "set_up_budgets", "uses_of"]

SLOTS = 8
"""So many members can draw on one budget at once without waiting for each other."""


def count_uses(member_id: int, key: str, counts_on: dt.date, before: Mapping[str, int], now: Mapping[str, int]) -> None:
    """Will write what each rule gives more, or less, than was counted before; nothing where nothing changed."""
    changed = {rule: now.get(rule, 0) - before.get(rule, 0) for rule in {*before, *now}}
    RuleUse.objects.bulk_create(
        RuleUse(member_id=member_id, rule=rule, source_key=key, counts_on=counts_on, points=points)
        for rule, points in sorted(changed.items())
        if points
    )


def draw(rule: str, points: int, member_id: int) -> int:
    """Will take points from a rule's budget and return how many there were, at most those asked for; locks slots.

    The member's own slot first; where it does not suffice, all slots in order. A rule without slots has no budget set
    up and gives nothing.
    """
    if _move(rule, member_id % SLOTS, points):
        return points
    drawn = 0
    for slot in RuleBudget.objects.select_for_update(no_key=True).filter(rule=rule).order_by("slot"):
        taken = min(points - drawn, slot.limit - slot.used)
        if taken:
            slot.used += taken
            drawn += taken
            slot.save(update_fields=["used"])
    return drawn


def give_back(rule: str, points: int, member_id: int) -> None:
    """Will put points back into a rule's budget: into the member's own slot, else slot by slot in order; locks them."""
    if _move(rule, member_id % SLOTS, -points):
        return
    for slot in RuleBudget.objects.select_for_update(no_key=True).filter(rule=rule).order_by("slot"):
        returned = min(points, slot.used)
        if returned:
            slot.used -= returned
            points -= returned
            slot.save(update_fields=["used"])


def _move(rule: str, slot: int, points: int) -> bool:
    """Will use so much more of one slot, or less, if it has room; else nothing, and the slot is not kept locked.

    An UPDATE that waited and then finds no room keeps its lock, which would cross with those who lock slots in order;
    rolling back to before it lets go.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE points_rulebudget SET used = used + %(points)s "
            'WHERE rule = %(rule)s AND slot = %(slot)s AND used + %(points)s BETWEEN 0 AND "limit"',
            {"rule": rule, "slot": slot, "points": points},
        )
        moved = bool(cursor.rowcount)
        if not moved:
            transaction.set_rollback(True)
    return moved


def set_up_budgets(policy: Policy, *, only_new: bool = False) -> int:
    """Will cut the budgets of a policy's rules into slots and return of how many rules the limit changed. Locks.

    What was used stays used, whatever the new limit. With `only_new` rules that have slots already are left alone.
    """
    changed = 0
    for rule in policy.rules:
        budget = next((cap.points for cap in rule.caps if cap.per is CapPer.BUDGET), None)
        if budget is None:
            continue
        slots = {s.slot: s for s in RuleBudget.objects.select_for_update().filter(rule=rule.code).order_by("slot")}
        used = sum(slot.used for slot in slots.values())
        if (slots and only_new) or (slots and sum(slot.limit for slot in slots.values()) == max(budget, used)):
            continue
        changed += 1
        free = max(budget - used, 0)
        shares = [free // SLOTS + (number < free % SLOTS) for number in range(SLOTS)]
        for number, part in enumerate(shares):
            slot = slots.get(number) or RuleBudget(rule=rule.code, slot=number)
            slot.limit = slot.used + part
            slot.save(force_insert=number not in slots)
    return changed
