"""Tiers' lint: what a ladder says that cannot be meant, found before it is published. Pure.

An ERROR keeps a draft from being published, because it could never do what it says; a WARNING is for a person to weigh.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tiers.enums import Join, OnRefund, Severity
from tiers.rules.ladder import LadderTerms, Requirement, Rung, implies


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a ladder says and cannot mean: a code with its facts, of which tier (empty: of the settings)."""

    severity: Severity
    code: str
    tier: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def lint(terms: LadderTerms, before: LadderTerms | None = None) -> list[Finding]:
    """Will return what is wrong with a ladder, errors first; `before` is the version it replaces."""
    found = [finding for check in CHECKS for finding in check(terms)]
    if before:
        found += [*_gone(terms, before), *_notice(terms, before)]
    return sorted(found, key=lambda finding: finding.severity is not Severity.ERROR)


def errors(findings: list[Finding]) -> list[Finding]:
    """Will return those that keep a ladder from being published."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def _lowest(terms: LadderTerms) -> Iterator[Finding]:
    """The lowest tier is everybody's."""
    if not terms.rungs:
        yield Finding(Severity.ERROR, "no_tiers")
        return
    lowest = terms.rungs[0]
    if lowest.reach.ways() or lowest.keep.ways() or lowest.re_enter or lowest.by_invitation:
        yield Finding(Severity.ERROR, "lowest_asks", lowest.code)


def _reachable(terms: LadderTerms) -> Iterator[Finding]:
    """Every other tier can be reached, or is by invitation and asks nothing."""
    for rung in terms.rungs[1:]:
        if rung.by_invitation and rung.reach.ways():
            yield Finding(Severity.ERROR, "invitation_with_thresholds", rung.code)
        if not rung.by_invitation and not rung.reach.ways():
            yield Finding(Severity.ERROR, "unreachable", rung.code)
        for metric, need in rung.reach.ways():
            if need <= 0:
                yield Finding(Severity.ERROR, "asks_nothing", rung.code, {"metric": metric})


def _in_order(terms: LadderTerms) -> Iterator[Finding]:
    """A higher tier is harder to reach than a lower one."""
    earned = [rung for rung in terms.rungs[1:] if not rung.by_invitation and rung.reach.ways()]
    for below, above in pairwise(earned):
        if implies(below.reach, above.reach):  # whoever reaches the lower reaches the higher
            yield Finding(Severity.ERROR, "never_stood_on", below.code, {"above": above.code})
            continue
        for metric, need, need_below in _easier(below.reach, above.reach):
            facts = {"metric": metric, "need": need, "below": below.code, "need_below": need_below}
            yield Finding(Severity.WARNING, "easier_than_below", above.code, facts)


def _easier(below: Requirement, above: Requirement) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Metrics by which the higher tier asks no more than the lower."""
    lower = dict(below.ways())
    if Join.ALL in (below.join, above.join):
        return
    for metric, need in above.ways():
        if metric in lower and need <= lower[metric]:
            yield metric, need, lower[metric]


def _kept(terms: LadderTerms) -> Iterator[Finding]:
    """To keep a tier is not harder than to reach it, and to come back not easier than to stay."""
    for rung in terms.rungs[1:]:
        if rung.by_invitation:
            continue
        if not rung.keep.ways() and not rung.never_lost:
            yield Finding(Severity.WARNING, "never_kept", rung.code)
        yield from _compared(rung, rung.keep, rung.reach, "keep_above_reach")
        if rung.re_enter:
            yield from _compared(rung, rung.keep, rung.re_enter, "re_enter_below_keep")


def _compared(rung: Rung, more: Requirement, less: Requirement, code: str) -> Iterator[Finding]:
    needs = dict(less.ways())
    for metric, need in more.ways():
        if metric in needs and need > needs[metric]:
            yield Finding(Severity.WARNING, code, rung.code, {"metric": metric, "need": need, "than": needs[metric]})


def _worth(terms: LadderTerms) -> Iterator[Finding]:
    """A higher tier earns more."""
    for below, above in pairwise(terms.rungs):
        if above.multiplier <= below.multiplier:
            yield Finding(Severity.WARNING, "multiplier_not_growing", above.code, {"below": below.code})


def _settings(terms: LadderTerms) -> Iterator[Finding]:
    """A protection that does nothing was meant otherwise."""
    if terms.protection_days and terms.on_refund is OnRefund.HOLD:
        yield Finding(Severity.WARNING, "protection_without_effect", facts={"days": terms.protection_days})


def _gone(terms: LadderTerms, before: LadderTerms) -> Iterator[Finding]:
    """Whoever stands on a tier that is gone goes to the one below it at the end of his validity."""
    codes = {rung.code for rung in terms.rungs}
    for rung in before.rungs:
        if rung.code not in codes:
            yield Finding(Severity.WARNING, "tier_gone", rung.code)


def _notice(terms: LadderTerms, before: LadderTerms) -> Iterator[Finding]:
    """What members were promised to be told in time is not shortened unseen."""
    if terms.notice_days < before.notice_days:
        yield Finding(Severity.WARNING, "notice_shorter", facts={"days": terms.notice_days, "than": before.notice_days})


CHECKS: tuple[Callable[[LadderTerms], Iterator[Finding]], ...] = (
    _lowest,
    _reachable,
    _in_order,
    _kept,
    _worth,
    _settings,
)
