"""Points' drafts: how terms are edited, how two policies differ, and what of it takes something from members. Pure."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kit import dates
from points.enums import ConditionKind, DiscountBasis, Effect, RefundPolicy, Stacking, Verdict
from points.rules.caps import Cap
from points.rules.conditions import Condition
from points.rules.earning_rules import EarningRule
from points.rules.expiry import ExpiryTerms
from points.rules.policy import EventTerms, Policy

Terms = Mapping[str, Any]
"""The stored terms of a policy, or of one of its rules."""

RULES = "rules"
PRIORITY_STEP = 10
YEAR_DAYS = 366
STREAK_DAYS = 400
NO_LIMIT = 10**15
CODE_LENGTH = 48


class NoSuchRule(Exception):
    """The draft has no rule of this code; nothing was changed."""


# ---- terms, edited


def digest_of(terms: object) -> str:
    """Will return what two equal terms, and only they, have in common: 64 hex digits."""
    return hashlib.sha256(json.dumps(terms, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def rules_in(terms: Terms) -> list[dict[str, Any]]:
    """Will return the stored terms of a policy's rules, as they apply: by priority, then by code."""
    rules = [dict(rule) for rule in terms.get(RULES, ())]
    return sorted(rules, key=lambda rule: (int(rule.get("priority", 100)), str(rule["code"])))


def rule_in(terms: Terms, code: str) -> dict[str, Any]:
    """Will return the stored terms of one rule; raises NoSuchRule."""
    for rule in terms.get(RULES, ()):
        if rule["code"] == code:
            return dict(rule)
    raise NoSuchRule(code)


def next_priority(terms: Terms) -> int:
    """Will return the priority that comes after all rules'."""
    return max((int(rule.get("priority", 100)) for rule in terms.get(RULES, ())), default=0) + PRIORITY_STEP


def with_rule(terms: Terms, rule: Terms) -> dict[str, Any]:
    """Will return terms with a rule in place of the one of its code, or behind all others where none has it."""
    rules = [dict(rule) if one["code"] == rule["code"] else dict(one) for one in terms.get(RULES, ())]
    if all(one["code"] != rule["code"] for one in rules):
        rules.append(dict(rule))
    return {**terms, RULES: rules}


def without_rule(terms: Terms, code: str) -> dict[str, Any]:
    """Will return terms without a rule; raises NoSuchRule."""
    rule_in(terms, code)
    return {**terms, RULES: [dict(rule) for rule in terms[RULES] if rule["code"] != code]}


def with_rule_switched(terms: Terms, code: str, *, is_on: bool) -> dict[str, Any]:
    """Will return terms in which a rule is on, or off; raises NoSuchRule."""
    return with_rule(terms, {**rule_in(terms, code), "is_on": is_on})


def with_rules_ordered(terms: Terms, codes: Sequence[str]) -> dict[str, Any]:
    """Will return terms whose rules apply in the order of `codes`, which names each once; raises NoSuchRule."""
    there = {rule["code"]: rule for rule in rules_in(terms)}
    if set(codes) != set(there) or len(codes) != len(there):
        raise NoSuchRule(", ".join(sorted(set(codes) ^ set(there))))
    ordered = [{**there[code], "priority": PRIORITY_STEP * place} for place, code in enumerate(codes, 1)]
    return {**terms, RULES: ordered}


def with_settings(terms: Terms, settings: Terms) -> dict[str, Any]:
    """Will return terms with other settings; rules stay as they are."""
    return {**terms, **{name: value for name, value in settings.items() if name != RULES}}


def settings_in(terms: Terms) -> dict[str, Any]:
    """Will return terms without their rules."""
    return {name: value for name, value in terms.items() if name != RULES}


def free_code(name: str, taken: Collection[str]) -> str:
    """Will return a code for a new rule that reads like its name and was never another rule's.

    What a rule gave is counted by its code through all versions, so a code is not used twice.
    """
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name.lower())
    stem = "-".join(filter(None, kept.split("-")))[:CODE_LENGTH].strip("-") or "rule"
    if stem not in taken and stem not in ("*", "rule"):
        return stem
    return next(code for number in range(1, len(taken) + 2) if (code := f"{stem}-{number}") not in taken)


# ---- two policies, compared


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changes: `what` it is, of which event or rule, and whether members lose by it.

    `is_staffs` marks what members are not told, because it binds the staff alone.
    """

    what: str
    was: Any
    becomes: Any
    verdict: Verdict
    subject: str = ""
    is_staffs: bool = False


Judge = Callable[[Any, Any], Verdict]


def differences(before: Policy, after: Policy, on: dt.date) -> tuple[Difference, ...]:
    """Will return what a policy changes against the one before it when it begins on a date: settings, events, rules.

    Lots already earned keep their dates, so all of it is about what is earned and spent from that date on.
    """
    changed = [
        Difference(setting.what, was, becomes, setting.judge(was, becomes), is_staffs=setting.is_staffs)
        for setting in SETTINGS
        if (was := setting.of(before)) != (becomes := setting.of(after))
    ]
    if before.expiry != after.expiry:
        verdict = _expiry_verdict(before.expiry, after.expiry, on)
        changed.append(Difference("expiry", before.expiry, after.expiry, verdict))
    return (*changed, *_event_differences(before, after), *_rule_differences(before, after, on))


def worse(found: Iterable[Difference]) -> tuple[Difference, ...]:
    """Will return those differences by which members lose something."""
    return tuple(difference for difference in found if difference.verdict is Verdict.WORSE)


def earliest_start(
    before: Policy, after: Policy, begins: dt.date, today: dt.date, wished: dt.date = dt.date.min
) -> dt.date:
    """Will return the first date a draft may come into force; `begins` is when the version before it does.

    Tomorrow at the earliest, and not before the version it follows. Where members lose something that was promised
    for the date it is wished for, the notice of the version before has to run out first.
    """
    earliest = max(today + dt.timedelta(days=1), begins)
    is_loss = bool(worse(differences(before, after, max(earliest, wished))))
    return max(earliest, today + dt.timedelta(days=before.notice_days)) if is_loss else earliest


# ---- settings


def _more(was: Any, becomes: Any) -> Verdict:
    return Verdict.BETTER if becomes > was else Verdict.WORSE if becomes < was else Verdict.SAME


def _less(was: Any, becomes: Any) -> Verdict:
    return _more(becomes, was)


def _neither(_was: Any, _becomes: Any) -> Verdict:
    return Verdict.SAME


def _milder_refund(was: RefundPolicy, becomes: RefundPolicy) -> Verdict:
    mild = [RefundPolicy.FULL, RefundPolicy.WITHIN_BALANCE, RefundPolicy.PENDING_ONLY]
    return _more(mild.index(was), mild.index(becomes))


def _caps_verdict(was: Sequence[Cap], becomes: Sequence[Cap]) -> Verdict:
    """A cap that is new or lower takes something away; one that goes or rises gives."""
    limits_were, limits_become = ({cap.per: cap.points for cap in caps} for caps in (was, becomes))
    kinds = {*limits_were, *limits_become}
    return together(_more(limits_were.get(per, NO_LIMIT), limits_become.get(per, NO_LIMIT)) for per in kinds)


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Will judge a change made of several: who loses by any part of it loses."""
    found = set(verdicts)
    return next((verdict for verdict in (Verdict.WORSE, Verdict.BETTER) if verdict in found), Verdict.SAME)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the programme: how it is read from a policy, and which way members gain."""

    what: str
    of: Callable[[Policy], Any]
    judge: Judge
    is_staffs: bool = False


SETTINGS = (
    Setting("points_per_unit", lambda policy: policy.points_per_unit, _more),
    Setting("growth_per_unit", lambda policy: policy.growth_per_unit, _more),
    Setting(
        "basis_discount",
        lambda policy: policy.basis.discount,
        lambda was, becomes: _more(was is DiscountBasis.BEFORE, becomes is DiscountBasis.BEFORE),
    ),
    Setting("basis_tax", lambda policy: policy.basis.tax, _more),
    Setting("basis_shipping", lambda policy: policy.basis.shipping, _more),
    Setting("basis_points_paid", lambda policy: policy.basis.points_paid, _more),
    Setting("return_window_days", lambda policy: policy.return_window_days, _less),
    Setting("sign_up_points", lambda policy: policy.sign_up_points, _more),
    Setting("refund", lambda policy: policy.refund, _milder_refund),
    Setting("courtesy_days", lambda policy: policy.courtesy_days, _more),
    Setting("redemption_points_per_unit", lambda policy: policy.redemption_points_per_unit, _less),
    Setting("redemption_points_min", lambda policy: policy.redemption_points_min, _less),
    Setting("redemption_share_max", lambda policy: policy.redemption_share_max, _more),
    Setting("reservation_minutes", lambda policy: policy.reservation_minutes, _more),
    Setting("gifts_is_on", lambda policy: policy.gifts.is_on, _more),
    Setting("gifts_points_min", lambda policy: policy.gifts.points_min, _less),
    Setting("gifts_day_max", lambda policy: policy.gifts.day_max, _more),
    Setting("caps", lambda policy: policy.caps, _caps_verdict),
    Setting("notice_days", lambda policy: policy.notice_days, _more),
    Setting("reminder_days", lambda policy: tuple(getattr(policy, "reminder_days", ())), _neither),
    Setting("reinstatement_days", lambda policy: policy.reinstatement_days, _more, is_staffs=True),
    Setting("adjustments_alone_max", lambda policy: policy.adjustments.alone_max, _neither, is_staffs=True),
    Setting("adjustments_day_max", lambda policy: policy.adjustments.day_max, _neither, is_staffs=True),
)
"""Every setting of a policy but its expiry, events and rules, in the order people read them."""


# ---- expiry


def _expiry_verdict(was: ExpiryTerms, becomes: ExpiryTerms, on: dt.date) -> Verdict:
    """Points that become active on any date of the coming year may end earlier for nobody, whatever he does."""
    days = [on + dt.timedelta(days=number) for number in range(YEAR_DAYS)]
    ends = [(_ends(was, day), _ends(becomes, day)) for day in days]
    return together(_more(before, after) for pair in ends for before, after in zip(*pair, strict=True))


def _ends(terms: ExpiryTerms, active_on: dt.date) -> tuple[dt.date, dt.date]:
    """When points end for a member who does nothing more, and for one who never stops."""
    idle = terms.idle_until(active_on)
    return (idle, dates.WHILE_ACTIVE) if idle else (terms.expires_on(active_on),) * 2


# ---- events


def _event_differences(before: Policy, after: Policy) -> list[Difference]:
    types = [*before.events, *(kind for kind in after.events if kind not in before.events)]
    return [
        Difference("event", was, becomes, _event_verdict(was or NO_EVENT, becomes or NO_EVENT), subject=kind)
        for kind in types
        if (was := before.events.get(kind)) != (becomes := after.events.get(kind))
    ]


NO_EVENT = EventTerms(points=0, growth=0)


def _event_verdict(was: EventTerms, becomes: EventTerms) -> Verdict:
    verdicts = [
        _more(was.growth, becomes.growth),
        _more(_limit(was), _limit(becomes)),
        *(_more(_on_day(was, day), _on_day(becomes, day)) for day in range(_cycle(was, becomes))),
        _more(_with_photo(was), _with_photo(becomes)),
    ]
    if (was.property, was.points_per_unit) != (becomes.property, becomes.points_per_unit):
        lost = bool(was.property) and was.property != becomes.property
        verdicts.append(Verdict.WORSE if lost else _more(_rate(was), _rate(becomes)))
    return together(verdicts)


def _cycle(was: EventTerms, becomes: EventTerms) -> int:
    return min(max(len(was.streak), 1) * max(len(becomes.streak), 1), STREAK_DAYS)


def _on_day(terms: EventTerms, day: int) -> int:
    return terms.streak[day % len(terms.streak)] if terms.streak else terms.points


def _with_photo(terms: EventTerms) -> int:
    return _on_day(terms, 0) if terms.points_with_photo is None else terms.points_with_photo


def _rate(terms: EventTerms) -> Any:
    return terms.points_per_unit if terms.property else 0


def _limit(terms: EventTerms) -> tuple[bool, int]:
    """How often it counts: more than once at all, and how often a day; what gives nothing has no limit to speak of."""
    if terms == NO_EVENT:
        return (False, 0)
    return (not terms.once, NO_LIMIT if terms.day_max is None else terms.day_max)


# ---- rules


def _rule_differences(before: Policy, after: Policy, on: dt.date) -> list[Difference]:
    """Will compare rules by code. One that was over before the date is not missed, nor is one that was off."""
    were, become = ({rule.code: rule for rule in policy.rules} for policy in (before, after))
    codes = [*were, *(code for code in become if code not in were)]
    return [
        Difference("rule", was, becomes, verdict, subject=code)
        for code in codes
        if (was := were.get(code)) != (becomes := become.get(code))
        for verdict in (together((_rule_verdict(was, becomes, on), _order_verdict(code, before, after))),)
    ]


def _rule_verdict(was: EarningRule | None, becomes: EarningRule | None, on: dt.date) -> Verdict:
    """Will judge what becomes of a rule, taken by itself."""
    had, has = (rule if rule and _acts(rule, on) else None for rule in (was, becomes))
    if had and has:
        return _changed_rule(had, has, on)
    if had or has:
        gained = _gives(has) if has else had is not None and not _gives(had)
        return Verdict.BETTER if gained else Verdict.WORSE
    return Verdict.SAME


def _order_verdict(code: str, before: Policy, after: Policy) -> Verdict:
    """Will judge a changed order: what no longer comes before a rule that multiplies is no longer multiplied."""
    lost, gained = False, False
    for multiplier in {rule.code for rule in after.rules if rule.stacking is Stacking.MULTIPLY}:
        was, becomes = (_earlier(policy, multiplier) for policy in (before, after))
        if was is None or becomes is None or code not in (multiplier, *was, *becomes):
            continue
        both = {rule.code for rule in before.rules} & {rule.code for rule in after.rules}
        lost |= bool((was - becomes) & both)
        gained |= bool((becomes - was) & both)
    return Verdict.WORSE if lost else Verdict.BETTER if gained else Verdict.SAME


def _earlier(policy: Policy, code: str) -> set[str] | None:
    """Will return the codes of the rules of its deed that apply before a rule; None where it is not there or off."""
    rule = next((rule for rule in policy.rules if rule.code == code and rule.is_on), None)
    if rule is None:
        return None
    ordered = [one.code for one in policy.rules_of(rule.deed, rule.wallet)]
    return set(ordered[: ordered.index(code)])


def _acts(rule: EarningRule, on: dt.date) -> bool:
    return rule.is_on and not (rule.ends_on and rule.ends_on < on)


def _gives(rule: EarningRule) -> bool:
    """Whether members gain by a rule; a factor below one takes away."""
    return rule.effect is not Effect.MULTIPLY or rule.amount >= 1


def _changed_rule(was: EarningRule, becomes: EarningRule, on: dt.date) -> Verdict:
    """Will judge a rule that stays: its amount, its reach, its dates, its caps. Another effect counts as a loss."""
    kinds = [(rule.wallet, rule.deed, rule.effect, rule.property_name) for rule in (was, becomes)]
    if kinds[0] != kinds[1]:
        return Verdict.WORSE
    reach = together(
        (
            _conditions_verdict(was.when, becomes.when),
            _less(_begins(was, on), _begins(becomes, on)),
            _more(was.ends_on or dates.NEVER, becomes.ends_on or dates.NEVER),
            _caps_verdict(was.caps, becomes.caps),
            _more(STACKED.index(was.stacking), STACKED.index(becomes.stacking)),
        )
    )
    if not (_gives(was) or _gives(becomes)):
        reach = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}.get(reach, reach)
    return together((_more(was.amount, becomes.amount), reach))


STACKED = (Stacking.LARGEST, Stacking.ADD, Stacking.MULTIPLY)
"""Ways to meet other rules, the one that gives least first."""


def _begins(rule: EarningRule, on: dt.date) -> dt.date:
    return max(rule.starts_on or on, on)


def _conditions_verdict(was: Sequence[Condition], becomes: Sequence[Condition]) -> Verdict:
    """A condition more, or one with fewer values, leaves somebody out; the other way round it lets somebody in."""
    before, after = _by_kind(was), _by_kind(becomes)
    lost = any(key not in before or not _within(key[0], before[key], values) for key, values in after.items())
    gained = any(key not in after or not _within(key[0], after[key], values) for key, values in before.items())
    return Verdict.WORSE if lost else Verdict.BETTER if gained else Verdict.SAME


def _within(kind: str, inner: frozenset[str], outer: frozenset[str]) -> bool:
    """Whether all that one condition lets in the other lets in too."""
    if kind == ConditionKind.ORDER_MIN:
        return min(map(Decimal, inner)) >= min(map(Decimal, outer))
    return inner <= outer


def _by_kind(when: Sequence[Condition]) -> dict[tuple[str, str, int], frozenset[str]]:
    seen: dict[tuple[str, str], int] = {}
    found: dict[tuple[str, str, int], frozenset[str]] = {}
    for condition in when:
        place = seen.get((condition.kind, condition.name), 0)
        seen[(condition.kind, condition.name)] = place + 1
        found[(condition.kind, condition.name, place)] = frozenset(condition.values)
    return found
