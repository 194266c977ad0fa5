"""What comes back of the points that paid for an order: how many are due, and from which lots they were taken. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kit import dates
from points.enums import EntryKind
from points.rules.ledger import let_be

Lot = tuple[dt.date, dt.date]
Moved = tuple[Lot, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an order: its basis when it was first paid, what is left of that, and whether all came back."""

    first: Decimal
    left: Decimal
    nothing: bool


@dataclass(frozen=True, slots=True)
class Step:
    """An entry that moved points of one order: what it took from lots, or put back; `debt` is how much it left owed."""

    kind: str
    points: int
    lots: tuple[Moved, ...]
    debt: int
    explanation: Sequence[Mapping[str, Any]]


def due(points: int, kept: Kept) -> int:
    """Will return how many of the points that paid for an order have come back in all, as it stands now.

    floor(points x returned share of the order's first basis); all of them once nothing is kept, so that the last unit
    takes the rest. An order that has grown since gives nothing back.
    """
    if kept.nothing:
        return points
    returned = min(max(kept.first - kept.left, Decimal(0)), kept.first)
    return int(points * Fraction(returned) / Fraction(kept.first)) if kept.first else 0


def settled(step: Step) -> int:
    """Will return how many points a step settled: put back or given up with their lot; below nought if taken again,
    or let be when they should have been."""
    lost = sum(int(part["points"]) for part in step.explanation if part["code"] == "lapsed_meanwhile")
    return step.points + lost - let_be(step.explanation)


def still_out(steps: Sequence[Step]) -> list[Moved]:
    """Will return what the debits of an order took and nothing has put back yet, in the order it was taken.

    `steps` in order of booking, the redemption first. What is put back is what was taken last, the lots that last
    longest: so a part of a return never brings less than it took.
    """
    out: list[Moved] = []
    for step in steps:
        if step.kind == EntryKind.RESTORATION:
            out, _ = split(out, settled(step))
        else:
            out += step.lots
            if step.debt:
                # What was owed came from no lot; it comes back to the longest of those that paid for the order.
                out.append((steps[0].lots[-1][0], step.debt))
    return out


def came_back(steps: Sequence[Step]) -> int:
    """Will return how many of the points that paid for an order have come back so far, those taken again taken off."""
    return sum(settled(step) for step in steps[1:])


def to_move(points: int, kept: Kept, steps: Sequence[Step]) -> int:
    """Will return how many of the points that paid for an order are to come back now; below nought: be taken again.

    What was let be when it should have been taken again is not out, so it does not come back either.
    """
    change = due(points, kept) - came_back(steps)
    return min(change, sum(amount for _, amount in still_out(steps)))


def dates_kept(lots: Sequence[Moved], today: dt.date) -> list[dict[str, Any]]:
    """Will return a step for each date through which what comes back can be used as before, soonest first."""
    by_end: dict[dt.date, int] = {}
    for lot, points in lots:
        if today <= lot[1] < dates.WHILE_ACTIVE:
            by_end[lot[1]] = by_end.get(lot[1], 0) + points
    return [{"code": "date_kept", "points": by_end[end], "until": end.isoformat()} for end in sorted(by_end)]


def split(out: Sequence[Moved], points: int) -> tuple[list[Moved], list[Moved]]:
    """Will take so many points off the end of a list of lots; returns what is left, and what was taken off."""
    left, off = list(out), list[Moved]()
    while points > 0 and left:
        lot, held = left.pop()
        used = min(points, held)
        off.append((lot, used))
        points -= used
        if held > used:
            left.append((lot, held - used))
    return left, off
