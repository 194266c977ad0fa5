"""What an order, a sign-up and an event earn. One rounding (down) per order, shared over lines by largest remainder."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kit.money import EXACT, plain, share, share_money
from points.enums import CapPer, DiscountBasis, Wallet
from points.rules import conditions, earning_rules
from points.rules.caps import ALL, Allowances, Left, tightest
from points.rules.circumstances import Circumstances
from points.rules.conditions import NO_TRAITS, DeedFacts, LineTraits
from points.rules.earning_rules import NO_RULES, Evaluation
from points.rules.policy import EventTerms, Policy

ORDER = "order"
"""The deed that rules call an order; all others are types of events."""
BASE = ""
"""The code of what is earned without any rule, beside the codes of rules."""
AMOUNT_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class EarnRate:
    """The multiplier an order earns with, and the tier it comes from; `tiers` are that tier and all below it."""

    multiplier: Decimal
    tier: str
    tiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line as the earning sees it: `basis` after all discounts, `gross` before them, refunded units included."""

    line_id: str
    basis: Decimal
    quantity: int
    refunded_quantity: int = 0
    name: str = ""
    gross: Decimal | None = None
    traits: LineTraits = NO_TRAITS


@dataclass(frozen=True, slots=True)
class OrderAmounts:
    """What an order comes to besides its lines; a policy may count it in. `points_paid` is in points."""

    tax: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    points_paid: int = 0


NO_AMOUNTS = OrderAmounts()


@dataclass(frozen=True, slots=True)
class LinePlan:
    """What a line should have earned by now in both wallets, after its refunded units.

    `parts` says where its whole points come from, by code of rule, the base first; empty where all of it is base.
    `growth_parts` says the same of its growth value.
    """

    line_id: str
    basis: Decimal
    spend: Decimal
    quantity: int
    refunded_quantity: int
    points: int
    growth: int
    points_whole: int
    growth_whole: int
    name: str = ""
    parts: tuple[tuple[str, int], ...] = ()
    growth_parts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """What an order should have earned by now, line by line, and the lot its points belong to.

    `points` is what the whole order earns on `basis`, `desired` what it would earn without caps; growth is earned on
    `spend`, by rules of its own (`grown`). A cancelled order does not count.
    """

    basis: Decimal
    spend: Decimal
    rate: EarnRate
    points: int
    growth: int
    lines: tuple[LinePlan, ...]
    placed_on: dt.date
    active_on: dt.date
    expires_on: dt.date
    counts: bool = True
    desired: int = 0
    evaluation: Evaluation = NO_RULES
    capped_by: Left | None = None
    grown: Evaluation = NO_RULES
    growth_desired: int = 0

    def kept_by_rule(self) -> dict[str, int]:
        """Will return what each rule's units come to by now, after returned ones; ALL for the whole order's points."""
        kept = {given.rule.code: 0 for given in (*self.evaluation.given, *self.grown.given)}
        for line in self.lines if self.counts else ():
            for code, points in (*line.parts, *line.growth_parts):
                if code != BASE:
                    kept[code] += kept_units(points, line.refunded_quantity, line.quantity)
        return {**kept, ALL: sum(line.points for line in self.lines)}


def floor_product(amount: Decimal, multiplier: Decimal) -> int:
    """Will return floor(amount x multiplier) exactly: the one rounding of an order."""
    return int(EXACT.multiply(amount, multiplier))


def kept_units(units: int, refunded: int, quantity: int) -> int:
    """Will return what of a line's units stays after returns: they take floor(units x refunded / quantity) along."""
    return units - units * refunded // quantity


def earning_bases(policy: Policy, lines: Sequence[LineFacts], amounts: OrderAmounts) -> list[Decimal]:
    """Will return what each line earns on, as the policy's basis says.

    What belongs to the whole order - tax, shipping, what points paid (at the rate of spending) - is shared over the
    lines by largest remainder. No line earns on less than nothing.
    """
    terms = policy.basis
    bases = [
        line.gross if terms.discount is DiscountBasis.BEFORE and line.gross is not None else line.basis
        for line in lines
    ]
    added = (amounts.tax if terms.tax else 0) + (amounts.shipping if terms.shipping else 0)
    if added:
        shares = share_money(Decimal(added), bases, AMOUNT_DECIMALS)
        bases = [base + part for base, part in zip(bases, shares, strict=True)]
    if amounts.points_paid and not terms.points_paid:
        worth = Decimal(amounts.points_paid) / policy.redemption_points_per_unit
        paid = min(worth.quantize(Decimal(1).scaleb(-AMOUNT_DECIMALS)), sum(bases, Decimal(0)))
        shares = share_money(paid, bases, AMOUNT_DECIMALS)
        bases = [base - part for base, part in zip(bases, shares, strict=True)]
    return bases


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as the earning sees it; `deed` is what rules ask for, None where the policy has none."""

    rate: EarnRate
    lines: tuple[LineFacts, ...]
    placed_on: dt.date
    counts: bool = True
    amounts: OrderAmounts = NO_AMOUNTS
    deed: DeedFacts | None = None


def plan_order(
    policy: Policy,
    rate: EarnRate,
    lines: Sequence[LineFacts],
    placed_on: dt.date,
    *,
    counts: bool = True,
    amounts: OrderAmounts = NO_AMOUNTS,
    around: Circumstances | None = None,
) -> OrderPlan:
    """Will work out what an order should have earned by now; `counts` False (cancelled) makes all of it nought.

    Rules apply where `around` says what they ask for; a policy that looks at nothing else needs none. Returned units
    take their share of the line with them: floor(points x returned / quantity), the last unit the rest, so that
    reversals sum to what was earned in whatever pieces the returns come. Growth is earned on the lines after all
    discounts, whatever the points' basis, at the same rate in every tier.
    """
    bases = earning_bases(policy, lines, amounts)
    basis = sum(bases, Decimal(0))
    per_unit = policy.points_per_unit * rate.multiplier
    evaluation, weights, capped_by = NO_RULES, bases, None
    points = desired = floor_product(basis, per_unit)
    if around is not None:
        ruled = [
            earning_rules.Line(EXACT.multiply(base, per_unit), base, line.traits)
            for line, base in zip(lines, bases, strict=True)
        ]
        rules = policy.rules_of(ORDER, Wallet.POINTS)
        evaluation = earning_rules.evaluate(rules, around.facts, ruled, around.allowances)
        weights = _line_totals(ruled, evaluation)
        desired = int(sum((line.base for line in ruled), _wanted(evaluation)))
        points, capped_by = _within(int(sum(weights, Decimal(0))), policy, around.allowances)
    spends = [line.basis for line in lines]
    spend = sum(spends, Decimal(0))
    grown = _grow(policy, lines, around)
    line_points, line_growth = share(points, weights), share(grown.growth, grown.weights)
    active_on = placed_on + dt.timedelta(days=policy.return_window_days)
    return OrderPlan(
        basis=basis,
        spend=spend,
        rate=rate,
        points=points,
        growth=grown.growth,
        lines=tuple(
            LinePlan(
                line_id=line.line_id,
                basis=bases[place],
                spend=line.basis,
                quantity=line.quantity,
                refunded_quantity=line.refunded_quantity,
                points=kept_units(line_points[place], line.refunded_quantity, line.quantity) if counts else 0,
                growth=kept_units(line_growth[place], line.refunded_quantity, line.quantity) if counts else 0,
                points_whole=line_points[place],
                growth_whole=line_growth[place],
                name=line.name,
                parts=_parts(place, line_points[place], EXACT.multiply(bases[place], per_unit), evaluation),
                growth_parts=_parts(
                    place, line_growth[place], EXACT.multiply(line.basis, policy.growth_per_unit), grown.evaluation
                ),
            )
            for place, line in enumerate(lines)
        ),
        placed_on=placed_on,
        active_on=active_on,
        expires_on=policy.expires_on(active_on),
        counts=counts,
        desired=max(desired, points),
        evaluation=evaluation,
        capped_by=capped_by,
        grown=grown.evaluation,
        growth_desired=grown.desired,
    )


@dataclass(frozen=True, slots=True)
class _Grown:
    """What an order comes to in growth value, by what it is shared over the lines, and what its rules did."""

    growth: int
    desired: int
    weights: Sequence[Decimal]
    evaluation: Evaluation = NO_RULES


def _grow(policy: Policy, lines: Sequence[LineFacts], around: Circumstances | None) -> _Grown:
    """Will work out an order's growth value: its spend at the policy's rate, and what rules of that wallet add."""
    spends = [line.basis for line in lines]
    growth = floor_product(sum(spends, Decimal(0)), policy.growth_per_unit)
    rules = policy.rules_of(ORDER, Wallet.GROWTH)
    if around is None or not rules:
        return _Grown(growth, growth, spends)
    ruled = [
        earning_rules.Line(EXACT.multiply(line.basis, policy.growth_per_unit), line.basis, line.traits)
        for line in lines
    ]
    evaluation = earning_rules.evaluate(rules, around.facts, ruled, around.allowances)
    weights = _line_totals(ruled, evaluation)
    growth = int(sum(weights, Decimal(0)))
    desired = int(sum((line.base for line in ruled), _wanted(evaluation)))
    return _Grown(growth, max(desired, growth), weights, evaluation)


def _line_totals(lines: Sequence[earning_rules.Line], evaluation: Evaluation) -> list[Decimal]:
    """Base and rules of each line, not rounded; rules that take away leave at least nothing."""
    totals = [line.base for line in lines]
    for given in evaluation.given:
        totals = [total + extra for total, extra in zip(totals, given.extras, strict=True)]
    return [max(total, Decimal(0)) for total in totals]


def _wanted(evaluation: Evaluation) -> Decimal:
    return sum((given.wanted for given in evaluation.given), Decimal(0))


def _within(points: int, policy: Policy, allowances: Allowances) -> tuple[int, Left | None]:
    """Will cut a deed's points down to what the policy's own caps leave; returns them with the cap that cut."""
    own = tuple(Left(cap, cap.points) for cap in policy.caps if cap.per is CapPer.DEED)
    left = tightest((*own, *allowances.get(ALL, ())))
    return (max(left.points, 0), left) if left and points > left.points else (points, None)


def _parts(place: int, points: int, base: Decimal, evaluation: Evaluation) -> tuple[tuple[str, int], ...]:
    """Will share a line's whole points over base and rules; a rule that takes away has no part of its own."""
    if not evaluation.given:
        return ()
    taken = sum((min(given.extras[place], Decimal(0)) for given in evaluation.given), Decimal(0))
    weights = [max(base + taken, Decimal(0)), *(max(given.extras[place], Decimal(0)) for given in evaluation.given)]
    codes = [BASE, *(given.rule.code for given in evaluation.given)]
    return tuple(zip(codes, share(points, weights), strict=True))


def removed_line(line_id: str) -> LinePlan:
    """Will return the plan of a line that an edit took out of its order: it keeps nothing."""
    return LinePlan(line_id, Decimal(0), Decimal(0), 1, 1, points=0, growth=0, points_whole=0, growth_whole=0)


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
        growth={"code": "order_line_growth", "order_basis": plain(plan.spend), "order_growth": plan.growth},
    )


def accrual_steps(words: OrderWords, line: LinePlan, plan: OrderPlan) -> list[dict[str, Any]]:
    """Will say how a line came to its points: the order's sum, the tier's multiplier, the line's share, rules, caps."""
    first = words.points | _named(line) | {"basis": plain(line.basis), "line_points": line.points_whole}
    return [
        first,
        *_rule_steps(plan.evaluation, dict(line.parts)),
        *_cap_steps(plan.capped_by, plan.points, plan.desired),
    ]


def _rule_steps(evaluation: Evaluation, parts: Mapping[str, int]) -> list[dict[str, Any]]:
    """What each rule added to a line, and where its cap cut it for the whole order."""
    steps: list[dict[str, Any]] = []
    for given in evaluation.given:
        rule = given.rule
        step: dict[str, Any] = {"code": "rule", "rule": rule.code, "names": dict(rule.names)}
        step |= {"effect": rule.effect.value, "amount": plain(rule.amount), "points": parts.get(rule.code, 0)}
        if given.capped_by:
            cap = given.capped_by.cap
            step["cap"] = {"per": cap.per.value, "points": cap.points, "left": given.capped_by.points}
            step["wanted"] = int(given.wanted)
        steps.append(step)
    return steps


def _cap_steps(capped_by: Left | None, points: int, desired: int, cut: int | None = None) -> list[dict[str, Any]]:
    """What the policy's own cap cut; `cut` where the step stands in a sum of the whole deed."""
    if capped_by is None:
        return []
    cap = {"per": capped_by.cap.per.value, "points": capped_by.cap.points, "left": capped_by.points}
    step: dict[str, Any] = {"code": "cap", "cap": cap, "wanted": desired, "given": points}
    return [step if cut is None else {**step, "cut": cut}]


def whole_steps(plan: OrderPlan, per_unit: Decimal) -> list[dict[str, Any]]:
    """Will say how the whole order came to its points, row by row, and which rules gave nothing and why.

    The rows sum exactly to what the order earns: the base and what each rule adds without its cap (both rounded
    down), the fractions that together make whole points, and what each cap cuts off.
    """
    multiplier = EXACT.multiply(per_unit, plan.rate.multiplier)
    base = floor_product(plan.basis, multiplier)
    rules, fractions, cut = _rows_of(base, plan.evaluation, plan.capped_by, plan.points, plan.desired)
    head: dict[str, Any] = {"code": "whole_order", "order_basis": plain(plan.basis), "multiplier": plain(multiplier)}
    head |= {"tier": plan.rate.tier, "base": base, "fractions": fractions, "points": plan.points}
    return [head, *rules, *_cap_steps(plan.capped_by, plan.points, plan.desired, cut), *unfired_steps(plan.evaluation)]


def _rows_of(
    base: int, evaluation: Evaluation, capped_by: Left | None, points: int, desired: int
) -> tuple[list[dict[str, Any]], int, int]:
    """Will return the rules' rows (`adds` less `cut`), what fractions make together, and what the policy's cap cuts."""
    rows = _rule_steps(evaluation, {given.rule.code: int(given.total) for given in evaluation.given})
    for row, given in zip(rows, evaluation.given, strict=True):
        row |= {"adds": int(given.wanted), "cut": int(given.wanted) - int(given.total) if given.capped_by else 0}
    cut_by_rules = sum(row["cut"] for row in rows)
    cut = max(desired - cut_by_rules - points, 0) if capped_by else 0
    fractions = points + cut + cut_by_rules - base - sum(row["adds"] for row in rows)
    return rows, fractions, cut


def whole_growth_steps(plan: OrderPlan, per_unit: Decimal) -> list[dict[str, Any]]:
    """Will say how the whole order came to its growth value, as whole_steps does for points; none without rules."""
    if plan.grown == NO_RULES:
        return []
    base = floor_product(plan.spend, per_unit)
    rules, fractions, _cut = _rows_of(base, plan.grown, None, plan.growth, plan.growth_desired)
    head: dict[str, Any] = {"code": "whole_order_growth", "order_basis": plain(plan.spend), "per_unit": plain(per_unit)}
    head |= {"base": base, "fractions": fractions, "points": plan.growth, "wanted": plan.growth_desired}
    return [head, *rules, *unfired_steps(plan.grown)]


def unfired_steps(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Will say which rules gave nothing and why: the condition that failed, what it wanted and what was there."""
    return [
        {"code": "rule_not_applied", "rule": rule.code, "names": dict(rule.names), **reason}
        for rule, reason in evaluation.unfired
    ]


def growth_steps(words: OrderWords, line: LinePlan, plan: OrderPlan) -> list[dict[str, Any]]:
    """Will say how a line came to its growth value: its share of the order's, and what rules of that wallet added."""
    first = words.growth | _named(line) | {"basis": plain(line.spend), "line_growth": line.growth_whole}
    return [first, *_rule_steps(plan.grown, dict(line.growth_parts))]


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


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What is known of an event and of the member's earlier events of its type.

    `same_day` counts earlier events of the type on the business date, `streak_day` is how many days in a row the
    member came, today included, `ever` counts all earlier events of the type. `around` is what rules and caps ask for.
    """

    type: str
    with_photo: bool = False
    same_day: int = 0
    streak_day: int = 1
    ever: int = 0
    properties: Mapping[str, Any] = field(default_factory=dict)
    around: Circumstances | None = None


@dataclass(frozen=True, slots=True)
class EventPlan:
    """What an event earns, with its reason; `desired` is what it would have earned without caps.

    `grown` says how it came to its growth value. `by_rule` is what each rule gave, by code, and ALL of those of the
    points together, for the caps to count.
    """

    points: int
    growth: int
    desired: int
    explanation: tuple[dict[str, Any], ...]
    by_rule: Mapping[str, int] = field(default_factory=dict)
    grown: tuple[dict[str, Any], ...] = ()
    growth_desired: int = 0


def plan_event(policy: Policy, facts: EventFacts) -> EventPlan:
    """Will work out what an event earns; a type that the policy does not know earns nothing and says so."""
    terms = policy.events.get(facts.type)
    rules = policy.rules_of(facts.type)
    if terms is None and not rules:
        return EventPlan(0, 0, 0, ({"code": "event_without_rule", "type": facts.type},))
    terms = terms or EventTerms()
    base, missing = _event_points(terms, facts)
    step: dict[str, Any] = {"code": "event", "type": facts.type, "points": base, "growth": terms.growth}
    if facts.with_photo and terms.points_with_photo is not None:
        step["photo"] = True
    if terms.streak:
        step["streak_day"] = (facts.streak_day - 1) % len(terms.streak) + 1
    steps = (step, *({"code": "property_missing", "name": name} for name in missing))
    if terms.day_max is not None and facts.same_day >= terms.day_max:
        return EventPlan(0, 0, base, (*steps, {"code": "day_cap", "day_max": terms.day_max}))
    if terms.once and facts.ever:
        return EventPlan(0, 0, base, (*steps, {"code": "once_only"}))
    if facts.around is None:
        return EventPlan(base, terms.growth, base, steps, grown=steps, growth_desired=terms.growth)
    return _with_rules(policy, facts, terms, base, steps, facts.around)


def _with_rules(
    policy: Policy,
    facts: EventFacts,
    terms: EventTerms,
    base: int,
    steps: tuple[dict[str, Any], ...],
    around: Circumstances,
) -> EventPlan:
    points, desired, explained, by_rule = _ruled(policy, facts, Wallet.POINTS, base, steps, around)
    growth, growth_desired, grown, also = _ruled(policy, facts, Wallet.GROWTH, terms.growth, steps, around)
    return EventPlan(points, growth, desired, explained, also | by_rule | {ALL: points}, grown, growth_desired)


def _ruled(
    policy: Policy,
    facts: EventFacts,
    wallet: Wallet,
    base: int,
    steps: tuple[dict[str, Any], ...],
    around: Circumstances,
) -> tuple[int, int, tuple[dict[str, Any], ...], dict[str, int]]:
    """Will return what an event earns in one wallet, without its caps too, the steps, and what each rule gave."""
    traits = LineTraits(*(str(facts.properties.get(name, "")) for name in ("sku", "category", "brand")))
    line = earning_rules.Line(Decimal(base), Decimal(base), traits)
    evaluation = earning_rules.evaluate(policy.rules_of(facts.type, wallet), around.facts, [line], around.allowances)
    units, capped_by = int(_line_totals([line], evaluation)[0]), None
    if wallet is Wallet.POINTS:  # the policy's own caps are about what can be spent
        units, capped_by = _within(units, policy, around.allowances)
    desired = max(int(base + _wanted(evaluation)), units)
    parts = dict(_parts(0, units, Decimal(base), evaluation))
    rules, fractions, cut = _rows_of(base, evaluation, capped_by, units, desired)
    for row in rules:
        row["points"] = parts.get(row["rule"], 0)
    explained = (
        {**steps[0], "fractions": fractions} if fractions else steps[0],
        *steps[1:],
        *rules,
        *_cap_steps(capped_by, units, desired, cut),
        *unfired_steps(evaluation),
    )
    return units, desired, explained, {code: part for code, part in parts.items() if code != BASE}


def _event_points(terms: EventTerms, facts: EventFacts) -> tuple[int, tuple[str, ...]]:
    """Will return what an event earns by itself, and the property it should have stated and did not."""
    if terms.streak:
        return terms.streak[(facts.streak_day - 1) % len(terms.streak)], ()
    if terms.property:
        stated = conditions.amount_of(DeedFacts(dt.date.min, properties=facts.properties), terms.property)
        return (
            (terms.points, (terms.property,)) if stated is None else (floor_product(stated, terms.points_per_unit), ())
        )
    if facts.with_photo and terms.points_with_photo is not None:
        return terms.points_with_photo, ()
    return terms.points, ()
