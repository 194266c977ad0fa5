"""What a ladder that has not begun would make of everybody who stands on one today. Pure.

Nobody knows what members will do. What counts of somebody today is taken to count on every later date, and the nights
to come are lived through with that: under the versions in force, and under them with the draft.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tiers.enums import DecisionKind, Occasion
from tiers.rules.deciding import MORROW, Measure, Occurrence, decide
from tiers.rules.facts import Facts
from tiers.rules.ladder import METRICS, LadderTerms, rank_in, rank_of
from tiers.rules.nights import cause_of
from tiers.rules.position import Position

STEPS_MAX = 60
"""So many dates of one member are lived through at most: five years of monthly validities."""
JUDGED = frozenset({DecisionKind.RENEWAL, DecisionKind.EXTENDED, DecisionKind.DOWNGRADE})

FactsOf = Callable[[LadderTerms], Facts]
"""What counts today of one member, or of all who are alike, under a version of the ladder."""


@dataclass(frozen=True, slots=True)
class Future:
    """The versions to come: the one in force on a date, when each begins, today, and when the draft begins.

    `last` is the version that has to judge everybody once before the story ends. A date on which the draft does not
    begin after all is still a day of effect: what it would have been like without.
    """

    on: Callable[[dt.date], LadderTerms]
    begins: tuple[dt.date, ...]
    today: dt.date
    day_of_effect: dt.date
    last: LadderTerms


@dataclass(frozen=True, slots=True)
class Held:
    """A tier somebody holds: its code and multiplier, and where it is in the version that has the last word."""

    code: str
    multiplier: Decimal
    rank: int
    is_gone: bool

    def to(self, other: "Held") -> int:
        """Will say whether another tier is higher (1), lower or what is left of one that is gone (-1), or neither."""
        if self.code == other.code:
            return 0
        if self.rank != other.rank:
            return 1 if other.rank > self.rank else -1
        return -1 if self.is_gone and not other.is_gone else 0


@dataclass(frozen=True, slots=True)
class Foretold:
    """What becomes of somebody: the tier today, after the night of the day of effect, and once his validity has ended.

    `direction` is that of the last against today's, `moves_on` the date from which on he stands that way.
    """

    was: Held
    soon: Held
    later: Held
    direction: int
    moves_on: dt.date | None


def foretell(position: Position, own: LadderTerms, future: Future, facts: FactsOf, joined: dt.date) -> Foretold:
    """Will live through the nights to come, until the last version has judged the position at an end of validity."""
    was = soon = _held(position, own, future.on(future.today), future.last)
    moves: list[tuple[dt.date, Held]] = []
    on, judged = future.today, False
    for _ in range(STEPS_MAX):
        now = future.on(on)
        measure = Measure(now, facts(now), joined)
        theirs = measure if own.version_id == now.version_id else Measure(own, facts(own), joined)
        outcome = decide(position, Occurrence(Occasion.NIGHT, on, cause_of(on)), measure, theirs)
        if outcome and outcome.terms and outcome.measure:
            position, own = outcome.position, outcome.terms
            judged = outcome.kind in JUDGED and outcome.measure.terms.version_id == future.last.version_id
            moves.append((on, _held(position, own, future.on(on), future.last)))
        due = position.due
        if outcome and due is not None and due <= on:
            continue
        if on <= future.day_of_effect:
            soon = _held(position, own, future.on(future.day_of_effect), future.last)
        is_settled = due is None or (judged and position.hold is None and position.next is None)
        if outcome is None and is_settled and on >= future.day_of_effect:
            break
        # Who fell under one version may reach more under another on the next night.
        ahead = [date for date in (*future.begins, due, on + MORROW if outcome else None) if date and date > on]
        if not ahead:
            break
        on = min(ahead)
    later = _held(position, own, future.last, future.last)
    direction = was.to(later)
    return Foretold(was, soon, later, direction, _moved_on(moves, was, direction))


def _moved_on(moves: Sequence[tuple[dt.date, Held]], was: Held, direction: int) -> dt.date | None:
    """Will return the date from which on somebody stands where he is moved to; who came back meanwhile is not moved."""
    moved_on: dt.date | None = None
    for on, held in moves:
        if not direction or was.to(held) != direction:
            moved_on = None
        elif moved_on is None:
            moved_on = on
    return moved_on


def _held(position: Position, own: LadderTerms, now: LadderTerms, last: LadderTerms) -> Held:
    """What is held under a version in force; the lowest tier has no end to be kept to, so it earns as that one says."""
    if position.hold:
        rung = position.hold.rung
        return Held(rung.code, rung.multiplier, rank_of(last, rung), False)
    rung = own.rungs[position.rank]
    rank, is_gone = rank_in(last, own, position.rank)
    return Held(rung.code, (rung if rung.rank else now.rungs[0]).multiplier, rank, is_gone)


# ---- members whom the rules cannot tell apart


Scale = Mapping[str, Sequence[Decimal]]
"""All thresholds of each metric that any version concerned asks for, from the least."""

STEP_BITS = 10
"""A key holds, in so many bits a metric, how many of its thresholds were reached."""


def scale_of(versions: Iterable[LadderTerms]) -> dict[str, list[Decimal]]:
    """Will return the thresholds by which versions tell members apart."""
    found: dict[str, set[Decimal]] = {metric: set() for metric in METRICS}
    for terms in versions:
        for rung in terms.rungs:
            for asked in (rung.reach, rung.keep, rung.re_enter):
                for metric, need in asked.ways() if asked else ():
                    found[metric].add(need)
    return {metric: sorted(needs) for metric, needs in found.items()}


def key_of(scale: Scale, facts: Facts) -> int:
    """Will return the key of facts; those with one key meet the same requirements."""
    steps = [bisect_right(scale[metric], facts.of(metric)) for metric in METRICS]
    return sum(step << STEP_BITS * place for place, step in enumerate(steps))


def facts_of_key(scale: Scale, key: int) -> Facts:
    """Will return facts that meet what those with a key meet."""
    values: dict[str, Decimal] = {}
    for place, metric in enumerate(METRICS):
        step = key >> STEP_BITS * place & (1 << STEP_BITS) - 1
        needs = scale[metric]
        values[metric] = needs[step - 1] if step else (needs[0] - 1 if needs else Decimal(0))
    counts = {metric: int(value) for metric, value in values.items() if metric != "spend"}
    return Facts(spend=values["spend"], **counts)
