"""Planning a deed within budgets: what they lack is cut off, what is not needed goes back. Pure."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from points.enums import CapPer
from points.rules import earning
from points.rules.caps import Cap, Left
from points.rules.circumstances import Circumstances
from points.rules.policy import Policy

Plan = TypeVar("Plan", earning.OrderPlan, earning.EventPlan)


def limits_of(policy: Policy) -> dict[str, Cap]:
    """Will return {rule: its budget} of a policy's rules that have one."""
    return {rule.code: cap for rule in policy.rules for cap in rule.caps if cap.per is CapPer.BUDGET}


def within_budgets(
    policy: Policy,
    uses: Mapping[str, int],
    around: Circumstances | None,
    plan_with: Callable[[Circumstances | None], Plan],
    by_rule: Callable[[Plan], Mapping[str, int]],
    draw: Callable[[str, int], int],
    give_back: Callable[[str, int], None],
) -> Plan:
    """Will plan a deed that has drawn `uses` so far; `draw` gives what a rule's budget has, at most what is asked."""
    plan = plan_with(around)
    limits = limits_of(policy) if around else {}
    if around is None or not limits:
        return plan
    held = {code: uses.get(code, 0) for code in limits}
    short: dict[str, Left] = {}
    while need := {
        code: points
        for code, points in sorted(by_rule(plan).items())
        if code in limits and code not in short and points > held[code]
    }:
        for code, points in need.items():
            held[code] += draw(code, points - held[code])
            if held[code] < points:
                short[code] = Left(limits[code], held[code])
        plan = plan_with(around.allowing(short))
    for code, points in held.items():
        if spare := max(points - by_rule(plan).get(code, 0), 0):
            give_back(code, spare)
    return plan
