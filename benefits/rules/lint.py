"""What a matrix says that cannot be meant, found before it is published. Pure.

An ERROR keeps a draft from being published, because it could never do what it says; a WARNING is for a person to weigh.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from benefits.enums import BenefitKind
from benefits.rules.cells import Known, judge
from benefits.rules.matrix import REST, Benefit, Matrix
from points.enums import Severity, Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a matrix says and cannot mean: a code with its facts, of which benefit, for which tier."""

    severity: Severity
    code: str
    benefit: str = ""
    tier: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


Ladders = Mapping[str, Sequence[str]]
"""The codes of tiers by ladder, lowest first."""


def lint(matrix: Matrix, ladders: Ladders, known: Known) -> list[Finding]:
    """Will return what is wrong with a matrix, errors first; `ladders` and `known` are what it may name."""
    found = [finding for benefit in matrix.benefits for check in CHECKS for finding in check(benefit, ladders, known)]
    return sorted(found, key=lambda finding: finding.severity is not Severity.ERROR)


def errors(findings: Sequence[Finding]) -> list[Finding]:
    """Will return those that keep a matrix from being published."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def _tiers(benefit: Benefit, ladders: Ladders, known: Known) -> Iterator[Finding]:
    """It stands on a ladder that there is, and names tiers of it."""
    if benefit.ladder not in ladders:
        yield Finding(Severity.ERROR, "no_ladder", benefit.code, facts={"ladder": benefit.ladder})
        return
    for tier, cell in benefit.cells.items():
        if cell is not None and tier != REST and tier not in ladders[benefit.ladder]:
            yield Finding(Severity.ERROR, "no_tier", benefit.code, tier)
    if benefit.is_on and not any(benefit.cell_of(tier) for tier in ladders[benefit.ladder]):
        yield Finding(Severity.WARNING, "for_nobody", benefit.code)


def _things(benefit: Benefit, ladders: Ladders, known: Known) -> Iterator[Finding]:
    """What it gives is there to be given."""
    for tier in ladders.get(benefit.ladder, ()):
        cell = benefit.cell_of(tier)
        for thing in cell.things() if cell else ():
            if not known.has(thing):
                facts = {"kind": thing.kind.value, "names": thing.code}
                yield Finding(Severity.ERROR, "nothing_to_give", benefit.code, tier, facts)


def _occasion(benefit: Benefit, ladders: Ladders, known: Known) -> Iterator[Finding]:
    """What is issued has an occasion that its kind knows, and what is not issued has none."""
    allowed = benefit.rules.occasions
    if benefit.occasion is None and allowed:
        yield Finding(Severity.ERROR, "no_occasion", benefit.code)
    if benefit.occasion is not None and benefit.occasion not in allowed:
        facts = {"occasion": benefit.occasion.value}
        yield Finding(Severity.ERROR, "wrong_occasion", benefit.code, facts=facts)


def _higher_keeps(benefit: Benefit, ladders: Ladders, known: Known) -> Iterator[Finding]:
    """A higher tier keeps what the lower ones have, and no less of it."""
    if not benefit.is_on or benefit.ladder not in ladders or benefit.kind is BenefitKind.POINTS_MULTIPLIER:
        return
    for below, above in pairwise(ladders[benefit.ladder]):
        had, has = benefit.cell_of(below), benefit.cell_of(above)
        if had is not None and has is None:
            yield Finding(Severity.WARNING, "gap", benefit.code, above, {"below": below})
        if had is not None and has is not None and judge(benefit.rules.fields, had, has, known) is Verdict.WORSE:
            yield Finding(Severity.WARNING, "less_above", benefit.code, above, {"below": below})


def _worth(benefit: Benefit, ladders: Ladders, known: Known) -> Iterator[Finding]:
    """What is counted and has no price says what a use is worth, or nobody knows what it saves."""
    is_counted = any(cell is not None and cell.quota() for cell in benefit.cells.values())
    has_price = benefit.kind is BenefitKind.FREE_SHIPPING or benefit.value is not None
    if benefit.is_on and is_counted and not has_price:
        yield Finding(Severity.WARNING, "no_value", benefit.code)


CHECKS = (_tiers, _things, _occasion, _higher_keeps, _worth)
