"""What an order, a sign-up and an event earn. One rounding (down) per order, shared over lines by largest remainder."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kit.money import EXACT, plain, share
from points.rules.policy import EventTerms, Policy


@dataclass(frozen=True, slots=True)
class EarnRate:
    """The multiplier an order earns with, and the tier it comes from."""

    multiplier: Decimal
    tier: str


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line as the earning sees it; `basis` is its whole basis, refunded units included."""

    line_id: str
    basis: Decimal
    quantity: int
    refunded_quantity: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class LinePlan:
    """What a line should have earned by now in both wallets, after its refunded units."""

    line_id: str
    basis: Decimal
    quantity: int
    refunded_quantity: int
    points: int
    growth: int
    points_whole: int
    growth_whole: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """What an order should have earned by now, line by line, and the lot its points belong to."""

    basis: Decimal
    rate: EarnRate
    points: int
    growth: int
    lines: tuple[LinePlan, ...]
    placed_on: dt.date
    active_on: dt.date
    expires_on: dt.date


def floor_product(amount: Decimal, multiplier: Decimal) -> int:
    """Will return floor(amount x multiplier) exactly: the one rounding of an order."""
    return int(EXACT.multiply(amount, multiplier))


def plan_order(
    policy: Policy, rate: EarnRate, lines: Sequence[LineFacts], placed_on: dt.date, *, counts: bool = True
) -> OrderPlan:
    """Will work out what an order should have earned by now; `counts` False (cancelled) makes all of it nought.

    Returned units take their share of the line with them: floor(points x returned / quantity), the last unit the
    rest, so that reversals sum to what was earned in whatever pieces the returns come.
    """
    basis = sum((line.basis for line in lines), Decimal(0))
    weights = [line.basis for line in lines]
    points = floor_product(basis, policy.points_per_unit * rate.multiplier)
    growth = floor_product(basis, policy.growth_per_unit)
    active_on = placed_on + dt.timedelta(days=policy.return_window_days)
    shares = zip(lines, share(points, weights), share(growth, weights), strict=True)
    return OrderPlan(
        basis=basis,
        rate=rate,
        points=points,
        growth=growth,
        lines=tuple(
            LinePlan(
                line_id=line.line_id,
                basis=line.basis,
                quantity=line.quantity,
                refunded_quantity=line.refunded_quantity,
                points=_kept(line, line_points) if counts else 0,
                growth=_kept(line, line_growth) if counts else 0,
                points_whole=line_points,
                growth_whole=line_growth,
                name=line.name,
            )
            for line, line_points, line_growth in shares
        ),
        placed_on=placed_on,
        active_on=active_on,
        expires_on=policy.expires_on(active_on),
    )


def removed_line(line_id: str) -> LinePlan:
    """Will return the plan of a line that an edit took out of its order: it keeps nothing."""
    return LinePlan(line_id, Decimal(0), 1, 1, points=0, growth=0, points_whole=0, growth_whole=0)


@dataclass(frozen=True, slots=True)
class OrderWords:
    """What the steps of all lines of an order have in common."""

    points: dict[str, Any]
    growth: dict[str, Any]


def order_words(plan: OrderPlan) -> OrderWords:
    """Will say what holds for every line: the order's sum, the tier's multiplier, what both make."""
    basis = plain(plan.basis)
    rate = {"multiplier": plain(plan.rate.multiplier), "tier": plan.rate.tier}
    return OrderWords(
        points={"code": "order_line", "order_basis": basis, **rate, "order_points": plan.points},
        growth={"code": "order_line_growth", "order_basis": basis, "order_growth": plan.growth},
    )


def accrual_steps(words: OrderWords, line: LinePlan) -> list[dict[str, Any]]:
    """Will say how a line came to its points: the order's sum, the tier's multiplier, the line's share."""
    return [words.points | _named(line) | {"basis": plain(line.basis), "line_points": line.points_whole}]


def growth_steps(words: OrderWords, line: LinePlan) -> list[dict[str, Any]]:
    """Will say how a line came to its growth value."""
    return [words.growth | _named(line) | {"basis": plain(line.basis), "line_growth": line.growth_whole}]


def reversal_steps(line: LinePlan, whole: int, kept: int) -> list[dict[str, Any]]:
    """Will say why a line's units went back: so many of so many units returned, so much of the whole stays."""
    return [
        {
            "code": "units_returned",
            **_named(line),
            "quantity": line.quantity,
            "returned": line.refunded_quantity,
            "whole": whole,
            "kept": kept,
        }
    ]


def _named(line: LinePlan) -> dict[str, Any]:
    return {"line": line.line_id, "name": line.name} if line.name else {"line": line.line_id}


def _kept(line: LineFacts, units: int) -> int:
    return units - units * line.refunded_quantity // line.quantity


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What is known of an event and of the member's earlier events of its type.

    `same_day` counts earlier events of the type on the business date, `streak_day` is how many days in a row the
    member came, today included, `ever` counts all earlier events of the type.
    """

    type: str
    with_photo: bool = False
    same_day: int = 0
    streak_day: int = 1
    ever: int = 0


@dataclass(frozen=True, slots=True)
class EventPlan:
    """What an event earns, with its reason; `desired` is what it would have earned without its cap."""

    points: int
    growth: int
    desired: int
    explanation: tuple[dict[str, Any], ...]


def plan_event(policy: Policy, facts: EventFacts) -> EventPlan:
    """Will work out what an event earns; a type the policy does not know earns nothing and says so."""
    terms = policy.events.get(facts.type)
    if terms is None:
        return EventPlan(0, 0, 0, ({"code": "event_without_rule", "type": facts.type},))
    desired = _event_points(terms, facts)
    step = {"code": "event", "type": facts.type, "points": desired, "growth": terms.growth}
    if facts.with_photo and terms.points_with_photo is not None:
        step["photo"] = True
    if terms.streak:
        step["streak_day"] = (facts.streak_day - 1) % len(terms.streak) + 1
    if terms.day_max is not None and facts.same_day >= terms.day_max:
        return EventPlan(0, 0, desired, (step, {"code": "day_cap", "day_max": terms.day_max}))
    if terms.once and facts.ever:
        return EventPlan(0, 0, desired, (step, {"code": "once_only"}))
    return EventPlan(desired, terms.growth, desired, (step,))


def _event_points(terms: EventTerms, facts: EventFacts) -> int:
    if terms.streak:
        return terms.streak[(facts.streak_day - 1) % len(terms.streak)]
    if facts.with_photo and terms.points_with_photo is not None:
        return terms.points_with_photo
    return terms.points
