"""The engine of earning rules: what each rule adds to the base, within its caps, and why others add nothing. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kit.money import EXACT, share
from points.enums import CapPer, Effect, Stacking, Wallet
from points.rules import conditions
from points.rules.caps import Allowances, Cap, Left, cap_from_terms, tightest
from points.rules.conditions import NO_TRAITS, Condition, DeedFacts, LineTraits, Reason

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class EarningRule:
    """One rule: for which deed, when, what it gives, how it meets other rules, and at most how much.

    `wallet` is what it feeds, points or growth value; rules of one wallet do not meet those of the other. `deed` is
    `order` or a type of event. Rules apply by `priority`, the smallest number first. `names` and the rule's code stay
    the same through all versions of a policy, so that what it gave can be counted over them.
    """

    code: str
    names: Mapping[str, str]
    deed: str
    effect: Effect
    amount: Decimal
    when: tuple[Condition, ...] = ()
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    property_name: str = ""
    stacking: Stacking = Stacking.ADD
    priority: int = 100
    caps: tuple[Cap, ...] = ()
    is_on: bool = True
    wallet: Wallet = Wallet.POINTS

    @property
    def deed_conditions(self) -> tuple[Condition, ...]:
        """The conditions on the deed and its member."""
        return tuple(c for c in self.when if c.kind not in conditions.LINE_KINDS)

    @property
    def line_conditions(self) -> tuple[Condition, ...]:
        """The conditions that choose lines."""
        return tuple(c for c in self.when if c.kind in conditions.LINE_KINDS)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as rules see it: the points it earns without them (not rounded), and what it earns on."""

    base: Decimal
    basis: Decimal
    traits: LineTraits = NO_TRAITS


@dataclass(frozen=True, slots=True)
class Given:
    """What one rule adds, line by line, not rounded; `wanted` is what it would have added without its caps."""

    rule: EarningRule
    extras: tuple[Decimal, ...]
    wanted: Decimal
    capped_by: Left | None = None

    @property
    def total(self) -> Decimal:
        """What it adds to the whole deed."""
        return sum(self.extras, NOTHING)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What all rules did with one deed: those that apply, and of the others why they do not."""

    given: tuple[Given, ...] = ()
    unfired: tuple[tuple[EarningRule, Reason], ...] = ()


NO_RULES = Evaluation()


@dataclass(slots=True)
class _Running:
    """The lines' points while rules are applied one after the other."""

    lines: Sequence[Line]
    points: list[Decimal]
    given: list[Given] = field(default_factory=list)
    unfired: list[tuple[EarningRule, Reason]] = field(default_factory=list)

    def add(self, given: Given) -> None:
        """Will let a rule's points count for the rules after it."""
        self.points = [points + extra for points, extra in zip(self.points, given.extras, strict=True)]
        self.given.append(given)


def evaluate(
    rules: Sequence[EarningRule], facts: DeedFacts, lines: Sequence[Line], allowances: Allowances
) -> Evaluation:
    """Will apply rules, which come by priority, to the lines of one deed.

    ADD works on the base, MULTIPLY on what earlier rules made of it; of all LARGEST rules the one that gives most
    applies, in the place of the first of them. A cap cuts a rule's points down to what is left of it.
    """
    running = _Running(lines, [line.base for line in lines])
    rivals = [rule for rule in rules if rule.stacking is Stacking.LARGEST]
    for rule in rules:
        if rule.stacking is not Stacking.LARGEST:
            _apply(rule, facts, running, allowances)
        elif rivals:
            _apply_largest(rivals, facts, running, allowances)
            rivals = []
    return Evaluation(tuple(running.given), tuple(running.unfired))


def _apply(rule: EarningRule, facts: DeedFacts, running: _Running, allowances: Allowances) -> None:
    outcome = _outcome(rule, facts, running, allowances)
    if isinstance(outcome, Given):
        running.add(outcome)
    else:
        running.unfired.append((rule, outcome))


def _apply_largest(rivals: Sequence[EarningRule], facts: DeedFacts, running: _Running, allowances: Allowances) -> None:
    outcomes = [(rule, _outcome(rule, facts, running, allowances)) for rule in rivals]
    fired = [outcome for _, outcome in outcomes if isinstance(outcome, Given)]
    best = max(fired, key=lambda given: given.total, default=None)
    for rule, outcome in outcomes:
        if not isinstance(outcome, Given):
            running.unfired.append((rule, outcome))
        elif best and outcome is not best:
            running.unfired.append((rule, _smaller_than(best)))
    if best:
        running.add(best)


def _smaller_than(best: Given) -> Reason:
    return {"what": "larger", "wanted": best.rule.code, "is": "", "larger_names": dict(best.rule.names)}


def _outcome(rule: EarningRule, facts: DeedFacts, running: _Running, allowances: Allowances) -> Given | Reason:
    """Will return what a rule gives, or why it gives nothing."""
    reason = _not_now(rule, facts.on) or next(
        (why for condition in rule.deed_conditions if (why := conditions.failed(condition, facts))), None
    )
    if reason:
        return reason
    chosen = [conditions.fits(rule.line_conditions, line.traits) for line in running.lines]
    if not any(chosen):
        return _why_no_line(rule, running.lines)
    extras = _extras(rule, facts, running, chosen)
    if extras is None:
        return {"what": "property", "name": rule.property_name, "wanted": [], "is": ""}
    return _within_caps(rule, extras, allowances)


def _not_now(rule: EarningRule, on: dt.date) -> Reason | None:
    if rule.starts_on and on < rule.starts_on:
        return {"what": "starts", "wanted": rule.starts_on.isoformat(), "is": on.isoformat()}
    if rule.ends_on and on > rule.ends_on:
        return {"what": "ends", "wanted": rule.ends_on.isoformat(), "is": on.isoformat()}
    return None


def _why_no_line(rule: EarningRule, lines: Sequence[Line]) -> Reason:
    traits = [line.traits for line in lines]
    for condition in rule.line_conditions:
        if not any(conditions.fits([condition], trait) for trait in traits):
            return conditions.none_fits(condition, traits)
    if rule.line_conditions:
        return conditions.none_fits(rule.line_conditions[-1], traits)
    return {"what": "lines", "wanted": 1, "is": 0}


def _extras(rule: EarningRule, facts: DeedFacts, running: _Running, chosen: Sequence[bool]) -> list[Decimal] | None:
    """Will return what a rule adds to each line; None where the event does not state the property it needs."""
    on = [line if is_chosen else None for line, is_chosen in zip(running.lines, chosen, strict=True)]
    match rule.effect:
        case Effect.MULTIPLY:
            factor = rule.amount - 1
            grows = running.points if rule.stacking is Stacking.MULTIPLY else [line.base for line in running.lines]
            return [EXACT.multiply(points, factor) if line else NOTHING for line, points in zip(on, grows, strict=True)]
        case Effect.PER_UNIT:
            return [EXACT.multiply(line.basis, rule.amount) if line else NOTHING for line in on]
        case Effect.FIXED:
            return _spread(int(rule.amount), on)
        case Effect.PROPERTY:
            stated = conditions.amount_of(facts, rule.property_name)
            return None if stated is None else _spread(int(EXACT.multiply(stated, rule.amount)), on)


def _spread(points: int, on: Sequence[Line | None]) -> list[Decimal]:
    """Will share whole points over the chosen lines by what they earn on; the first takes all where that is nothing."""
    places = [place for place, line in enumerate(on) if line]
    parts = share(points, [line.basis for line in on if line])
    by_place = dict(zip(places, parts, strict=True))
    return [Decimal(by_place.get(place, 0)) for place in range(len(on))]


def _within_caps(rule: EarningRule, extras: Sequence[Decimal], allowances: Allowances) -> Given:
    wanted = sum(extras, NOTHING)
    own = tuple(Left(cap, cap.points) for cap in rule.caps if cap.per is CapPer.DEED)
    left = tightest((*own, *allowances.get(rule.code, ())))
    if left is None or wanted <= left.points:
        return Given(rule, tuple(extras), wanted)
    cut = tuple(Decimal(part) for part in share(max(left.points, 0), extras))
    return Given(rule, cut, wanted, left)


def rule_from_terms(terms: Mapping[str, Any]) -> EarningRule:
    """Will read the stored terms of a rule; raises KeyError and ValueError."""
    rule = EarningRule(
        code=str(terms["code"]),
        names=dict(terms["names"]),
        deed=str(terms["deed"]),
        effect=Effect(terms["effect"]),
        amount=Decimal(terms["amount"]),
        when=tuple(conditions.condition_from_terms(one) for one in terms.get("when", ())),
        starts_on=_date(terms.get("starts_on")),
        ends_on=_date(terms.get("ends_on")),
        property_name=str(terms.get("property", "")),
        stacking=Stacking(terms.get("stacking", Stacking.ADD)),
        priority=int(terms.get("priority", 100)),
        caps=tuple(cap_from_terms(cap) for cap in terms.get("caps", ())),
        is_on=bool(terms.get("is_on", True)),
        wallet=Wallet(terms.get("wallet", Wallet.POINTS)),
    )
    _check(rule)
    return rule


def _check(rule: EarningRule) -> None:
    if not rule.amount.is_finite() or rule.amount < 0:
        raise ValueError(f"{rule.code} gives {rule.amount}")
    if rule.effect is Effect.FIXED and rule.amount != int(rule.amount):
        raise ValueError(f"{rule.code} gives {rule.amount}, which is no whole number of points")
    if rule.effect is Effect.PROPERTY and not rule.property_name:
        raise ValueError(f"{rule.code} names no property")
    if rule.starts_on and rule.ends_on and rule.ends_on < rule.starts_on:
        raise ValueError(f"{rule.code} ends before it starts")
    if rule.deed == "order" and rule.effect is Effect.PROPERTY:
        raise ValueError(f"{rule.code} asks an order for a property")


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
