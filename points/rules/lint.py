"""Points' lint: what a draft says that cannot be meant, found before it is published. Pure.

An ERROR keeps a draft from being published, because it could never do what it says; a WARNING is for a person to weigh.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Any

from points.enums import CapPer, ConditionKind, Effect, ExpiryKind, RefundPolicy, Severity, Stacking, Wallet
from points.rules.caps import Cap
from points.rules.conditions import LINE_KINDS, Condition, number_of
from points.rules.earning import ORDER
from points.rules.earning_rules import EarningRule
from points.rules.policy import EventTerms, Policy

LANGUAGES = ("en", "zh-hans", "zh-hant")
YEAR_DAYS = 366
WINDOW_DAYS_MAX = 1500
"""A window of more days holds every day of the year and every weekday."""

ONE_OF = frozenset(
    {
        *(ConditionKind.TIER, ConditionKind.CHANNEL, ConditionKind.WEEKDAY, ConditionKind.DAY_OF_MONTH),
        *(ConditionKind.MONTH, ConditionKind.ORDER_NUMBER, ConditionKind.PROPERTY, *LINE_KINDS),
    }
)
"""Kinds of which a deed or line has one value, so that two conditions without a common value never hold together."""

ORDERS_ONLY = frozenset({ConditionKind.ORDER_NUMBER, ConditionKind.EVERY_NTH_ORDER, ConditionKind.ORDER_MIN})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a draft says and cannot mean: a code with its facts, of which rule (empty: of the settings)."""

    severity: Severity
    code: str
    rule: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """What there is for rules to name, by kind of condition, tiers lowest first; what is left out is not asked."""

    values: Mapping[ConditionKind, Sequence[str]] = field(default_factory=dict)

    @property
    def tiers(self) -> Sequence[str]:
        """The tiers of the ladder, lowest first; none where it is not known."""
        return self.values.get(ConditionKind.TIER, ())


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Budget:
    """What a rule's budget has given so far, and what it gave a day lately."""

    used: int = 0
    a_day: Decimal = Decimal(0)


Budgets = Mapping[str, Budget]
"""By code of the rule."""


def lint(policy: Policy, *, on: dt.date, known: Known = NOTHING_KNOWN, budgets: Budgets | None = None) -> list[Finding]:
    """Will return what is wrong with a policy that begins on a date, errors first, rules in their order."""
    found = [*_settings_findings(policy, on)]
    rules = sorted(policy.rules, key=lambda rule: (rule.priority, rule.code))
    for rule in rules:
        found += _rule_findings(rule, policy, on, known, (budgets or {}).get(rule.code, Budget()))
    codes = [rule.code for rule in rules]
    found += [_error("code_twice", code) for code in sorted(set(codes)) if codes.count(code) > 1]
    acting = [rule for rule in rules if rule.is_on and not _is_over(rule, on)]
    for first, second in combinations(acting, 2):
        if (first.deed, first.wallet) == (second.deed, second.wallet) and _meet_in_time(first, second):
            found += _pair_findings(first, second)
    return sorted(found, key=lambda finding: finding.severity is not Severity.ERROR)


def errors(found: Sequence[Finding]) -> list[Finding]:
    """Will return the findings that keep a draft from being published."""
    return [finding for finding in found if finding.severity is Severity.ERROR]


def _error(code: str, rule: str = "", **facts: Any) -> Finding:
    return Finding(Severity.ERROR, code, rule, facts)


def _warning(code: str, rule: str = "", **facts: Any) -> Finding:
    return Finding(Severity.WARNING, code, rule, facts)


# ---- one rule


def _rule_findings(rule: EarningRule, policy: Policy, on: dt.date, known: Known, budget: Budget) -> Iterator[Finding]:
    """Will look at one rule; one that is off is asked only for what would be wrong with it as text."""
    yield from _name_findings(rule)
    if not rule.is_on:
        return
    if _is_over(rule, on):
        yield _warning("over", rule.code, ended_on=rule.ends_on)
        return
    yield from _unknown_findings(rule, known)
    yield from _never_findings(rule, policy, on, known)
    yield from _effect_findings(rule)
    yield from _cap_findings(rule, policy)
    yield from _budget_findings(rule, on, budget)


def _is_over(rule: EarningRule, on: dt.date) -> bool:
    return rule.ends_on is not None and rule.ends_on < on


def _name_findings(rule: EarningRule) -> Iterator[Finding]:
    missing = [language for language in LANGUAGES if not str(rule.names.get(language, "")).strip()]
    if missing:
        yield _warning("no_name", rule.code, languages=missing)


def _unknown_findings(rule: EarningRule, known: Known) -> Iterator[Finding]:
    """A tier that the ladder lacks, or a segment that is put away or kept to its owner, never comes.

    Goods, tags and channels may still come, so one is only asked.
    """
    for condition in rule.when:
        there = known.values.get(ConditionKind.TIER if condition.kind is ConditionKind.TIER_MIN else condition.kind)
        is_asked = there if condition.kind is not ConditionKind.SEGMENT else there is not None
        strange = [value for value in condition.values if is_asked and value not in (there or ())]
        if not strange:
            continue
        if condition.kind is ConditionKind.SEGMENT:
            shared = {number_of(value) for value in there or ()}
            is_changed = all(number_of(value) in shared for value in strange)
            yield (_warning if is_changed else _error)(
                "segment_changed" if is_changed else "unknown_segment", rule.code, values=strange
            )
        elif condition.kind in (ConditionKind.TIER, ConditionKind.TIER_MIN):
            wholly = len(strange) == len(condition.values)
            yield (_error if wholly else _warning)("unknown_tier", rule.code, values=strange)
        else:
            yield _warning("unknown_value", rule.code, what=condition.kind, values=strange)


WITHOUT_RULES = frozenset({"sign_up", "referral"})
"""What is given as the settings say, and asks no rule: joining, and an invited friend."""


def _never_findings(rule: EarningRule, policy: Policy, on: dt.date, known: Known) -> Iterator[Finding]:
    if rule.deed in WITHOUT_RULES:
        yield _error("deed_without_rules", rule.code, deed=rule.deed)
        return
    kinds = {condition.kind for condition in rule.when}
    if rule.deed != ORDER and (asked := kinds & ORDERS_ONLY):
        yield _error("asks_of_orders", rule.code, what=min(asked))
    if rule.deed == ORDER and ConditionKind.PROPERTY in kinds:
        yield _error("asks_of_events", rule.code)
    for first, second in combinations(rule.when, 2):
        if _contradict(first, second, known):
            yield _error("contradicts_itself", rule.code, conditions=(first, second))
    if not _window_has_a_day(rule, rule.starts_on or on, rule.ends_on):
        yield _error("never_in_window", rule.code)
    elif not _window_has_a_day(rule, max(rule.starts_on or on, on), rule.ends_on):
        yield _warning("no_more_in_window", rule.code)
    scales = rule.effect is Effect.MULTIPLY or (rule.effect is Effect.PER_UNIT and rule.deed != ORDER)
    if scales and not _has_base(policy, rule):
        yield _error("multiplies_nothing", rule.code, deed=rule.deed)


def _has_base(policy: Policy, rule: EarningRule) -> bool:
    """Whether there is something for a rule to multiply: orders always earn points, by themselves or by rules."""
    terms = policy.events.get(rule.deed, EventTerms())
    if rule.wallet is Wallet.GROWTH:
        return bool(policy.growth_per_unit if rule.deed == ORDER else terms.growth)
    if rule.deed == ORDER:
        return True
    return bool(terms.points or terms.points_with_photo or any(terms.streak) or terms.property)


def _contradict(first: Condition, second: Condition, known: Known) -> bool:
    """Will say whether two conditions of one rule can never hold together."""
    kinds = {first.kind: first, second.kind: second}
    if first.kind == second.kind:
        apart = set(first.values).isdisjoint(second.values)
        return first.kind in ONE_OF and first.name == second.name and apart
    if kinds.keys() == {ConditionKind.TIER, ConditionKind.TIER_MIN}:
        wanted, lowest = kinds[ConditionKind.TIER].values, kinds[ConditionKind.TIER_MIN].values
        places = [known.tiers.index(tier) for tier in lowest if tier in known.tiers]
        return bool(places) and not any(
            tier in known.tiers and known.tiers.index(tier) >= min(places) for tier in wanted
        )
    if kinds.keys() == {ConditionKind.ORDER_NUMBER, ConditionKind.EVERY_NTH_ORDER}:
        nth = int(kinds[ConditionKind.EVERY_NTH_ORDER].values[0])
        return all(int(number) % nth for number in kinds[ConditionKind.ORDER_NUMBER].values)
    return False


def _window_has_a_day(rule: EarningRule, first: dt.date, last: dt.date | None) -> bool:
    """Will say whether some date of a window meets what a rule asks of the date: weekday, day, month."""
    asked = [(_part_of[c.kind], c.values) for c in rule.when if c.kind in _part_of]
    until = min(last or dt.date.max, first + dt.timedelta(days=WINDOW_DAYS_MAX))
    days = (first + dt.timedelta(days=number) for number in range((until - first).days + 1))
    return any(all(str(part(day)) in values for part, values in asked) for day in days)


_part_of: Mapping[ConditionKind, Callable[[dt.date], int]] = {
    ConditionKind.WEEKDAY: dt.date.isoweekday,
    ConditionKind.DAY_OF_MONTH: lambda day: day.day,
    ConditionKind.MONTH: lambda day: day.month,
}


def _effect_findings(rule: EarningRule) -> Iterator[Finding]:
    if rule.effect is Effect.MULTIPLY and rule.amount == 1:
        yield _warning("times_one", rule.code)
    elif rule.effect is Effect.MULTIPLY and rule.amount < 1:
        yield _warning("takes_away", rule.code, amount=rule.amount)
    elif rule.effect is not Effect.MULTIPLY and not rule.amount:
        yield _warning("gives_nothing", rule.code)


# ---- caps and budgets


def _cap_findings(rule: EarningRule, policy: Policy) -> Iterator[Finding]:
    """A cap that a wider one, or what the rule can give at all, keeps from ever being reached does nothing."""
    limits = {cap.per: cap.points for cap in rule.caps}
    if len(limits) < len(rule.caps):
        yield _error("cap_twice", rule.code)
    reach = _most_by(rule, policy)
    for place, per in enumerate(WIDER):
        narrower = limits.get(per)
        if narrower is None:
            continue
        wider = next((p for p in WIDER[place + 1 :] if limits.get(p, narrower + 1) <= narrower), None)
        if wider:
            yield _warning("cap_hidden", rule.code, cap=Cap(per, narrower), by=Cap(wider, limits[wider]))
        elif reach.get(per) is not None and narrower >= reach[per]:
            yield _warning("cap_unreached", rule.code, cap=Cap(per, narrower), most=reach[per])
    own = {cap.per: cap.points for cap in policy.caps if rule.wallet is Wallet.POINTS}
    for per, points in limits.items():
        if per in own and own[per] < points:
            yield _warning("cap_above_programmes", rule.code, cap=Cap(per, points), by=Cap(per, own[per]))


WIDER = (CapPer.DEED, CapPer.DAY, CapPer.MONTH, CapPer.EVER, CapPer.BUDGET)
"""What each cap counts is part of what the next one counts."""


def _most_by(rule: EarningRule, policy: Policy) -> dict[CapPer, int]:
    """Will return the most that a rule can give at once and, where its event is limited, in a day and a month."""
    if rule.effect is not Effect.FIXED:
        return {}
    points = int(rule.amount)
    terms = policy.events.get(rule.deed)
    if terms is None or terms.day_max is None:
        return {CapPer.DEED: points}
    a_day = points * terms.day_max
    return {CapPer.DEED: points, CapPer.DAY: a_day, CapPer.MONTH: 31 * a_day}


def _budget_findings(rule: EarningRule, on: dt.date, budget: Budget) -> Iterator[Finding]:
    """Will say when a rule outlives its budget, at what it gave a day lately."""
    limit = next((cap.points for cap in rule.caps if cap.per is CapPer.BUDGET), None)
    if limit is None:
        return
    left = limit - budget.used
    if left <= 0:
        yield _warning("budget_spent", rule.code, limit=limit, used=budget.used)
    elif budget.a_day > 0:
        days = int(left / budget.a_day)
        runs_out = on + dt.timedelta(days=days) if days < 10 * YEAR_DAYS else None
        if runs_out and runs_out < (rule.ends_on or runs_out + dt.timedelta(days=1)) and (rule.ends_on or days < 90):
            yield _warning("budget_outlived", rule.code, left=left, a_day=budget.a_day, runs_out_on=runs_out)


# ---- two rules


def _meet_in_time(first: EarningRule, second: EarningRule) -> bool:
    starts = max(first.starts_on or dt.date.min, second.starts_on or dt.date.min)
    return starts <= min(first.ends_on or dt.date.max, second.ends_on or dt.date.max)


def _pair_findings(first: EarningRule, second: EarningRule) -> Iterator[Finding]:
    if first.priority == second.priority:
        yield _warning("equal_priority", first.code, other=second.code, priority=first.priority)
    alike = set(first.when) == set(second.when)
    for one, other in ((first, second), (second, first)):
        if _excludes(one) and not _excludes(other) and set(one.when) <= set(other.when):
            certain = _covers(one, other) and one.stacking is not Stacking.LARGEST
            yield (_error if certain and alike else _warning)("excluded_by", other.code, other=one.code)
    if alike and (first.effect, first.amount, first.property_name) == (
        second.effect,
        second.amount,
        second.property_name,
    ):
        yield _warning("doubled", second.code, other=first.code)


def _excludes(rule: EarningRule) -> bool:
    return rule.effect is Effect.MULTIPLY and rule.amount == 0


def _covers(outer: EarningRule, inner: EarningRule) -> bool:
    """Whether a rule is in force all the time that the other is."""
    starts = (outer.starts_on or dt.date.min) <= (inner.starts_on or dt.date.min)
    return starts and (outer.ends_on or dt.date.max) >= (inner.ends_on or dt.date.max)


# ---- settings


def _settings_findings(policy: Policy, on: dt.date) -> Iterator[Finding]:
    yield from _expiry_findings(policy, on)
    yield from _spending_findings(policy)
    yield from _event_findings(policy)
    for name, amount in _amounts(policy).items():
        if amount < 0:
            yield _error("below_nothing", setting=name, amount=amount)
    if policy.adjustments.alone_max > policy.adjustments.day_max:
        yield _warning("adjust_alone_above_day", alone=policy.adjustments.alone_max, day=policy.adjustments.day_max)
    if policy.refund is RefundPolicy.PENDING_ONLY and policy.return_window_days == 0:
        yield _warning("nothing_taken_back")
    if any(cap.per is CapPer.BUDGET for cap in policy.caps):
        yield _error("budget_for_all")


def _spending_findings(policy: Policy) -> Iterator[Finding]:
    if policy.redemption_share_max <= 0 or policy.redemption_share_max > 1:
        yield _error("share_not_a_share", share=policy.redemption_share_max)
    if policy.redemption_points_per_unit < 1:
        yield _error("rate_of_nothing")
    if policy.gifts.is_on and policy.gifts.points_min > policy.gifts.day_max:
        yield _error("gift_min_above_day", least=policy.gifts.points_min, most=policy.gifts.day_max)


def _event_findings(policy: Policy) -> Iterator[Finding]:
    if not policy.points_per_unit and not any(rule.is_on and rule.deed == ORDER for rule in policy.rules):
        yield _warning("orders_earn_nothing")
    for name, terms in policy.events.items():
        if terms.day_max == 0:
            yield _error("event_never", event=name)
        elif terms.streak and terms.property:
            yield _warning("event_two_ways", event=name)


def _amounts(policy: Policy) -> dict[str, Decimal | int]:
    """Settings of which none may be less than nothing, by the names that differences have."""
    return {
        "points_per_unit": policy.points_per_unit,
        "growth_per_unit": policy.growth_per_unit,
        "return_window_days": policy.return_window_days,
        "sign_up_points": policy.sign_up_points,
        "courtesy_days": policy.courtesy_days,
        "reinstatement_days": policy.reinstatement_days,
        "reservation_minutes": policy.reservation_minutes,
        "notice_days": policy.notice_days,
        "gifts_points_min": policy.gifts.points_min,
    }


def _expiry_findings(policy: Policy, on: dt.date) -> Iterator[Finding]:
    """Points should last longer than one waits for them, than a courtesy, and than the first reminder looks ahead."""
    if policy.expiry.kind in (ExpiryKind.NEVER, ExpiryKind.INACTIVITY):
        return
    days = [on + dt.timedelta(days=number) for number in range(YEAR_DAYS)]
    shortest = min((policy.expires_on(day) - day).days for day in days)
    if shortest <= policy.return_window_days:
        yield _warning("expiry_within_return_window", days=shortest, window=policy.return_window_days)
    if policy.courtesy_days > shortest:
        yield _warning("courtesy_longer_than_life", courtesy=policy.courtesy_days, days=shortest)
    early = [before for before in getattr(policy, "reminder_days", ()) if before >= shortest]
    if early:
        yield _warning("reminder_before_earning", before=max(early), days=shortest)
