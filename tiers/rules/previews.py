"""What a preview of a ladder counts: who stands where now, soon and later, with the draft and without. Pure."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tiers.rules.foretelling import Foretold

EXAMPLES_MAX = 3


class Move:
    """Those who go from one tier to another: how many, how many of them by the day of effect, when, and who."""

    def __init__(self, direction: int) -> None:
        self.direction = direction
        self.members = self.soon = self.anyway = 0
        self.dates: Counter[str] = Counter()
        self.extra = Decimal(0)
        self.examples: list[int] = []


class Tally:
    """The sums of a preview, group by group of members who are alike."""

    def __init__(self) -> None:
        self.members = 0
        self.now: Counter[str] = Counter()
        self.soon: Counter[str] = Counter()
        self.later: Counter[str] = Counter()
        self.without: Counter[str] = Counter()
        self.cells_soon: Counter[tuple[str, str]] = Counter()
        # The same two tiers may be a rise to one and no move to another, who held an old version's: told apart.
        self.moves: dict[tuple[str, str, int], Move] = {}
        self.falls: Counter[str] = Counter()
        self.falls_anyway: Counter[str] = Counter()
        self.extra_soon = self.extra_later = self.extra_without = Decimal(0)

    def add(
        self, with_draft: Foretold, without: Foretold, members: int, year_spend: Decimal, examples: Sequence[int]
    ) -> None:
        """Will count members who are alike: what becomes of them with the draft, and without it.

        What a tier's rate costs more is their spend of a year times the change of points per currency unit.
        """
        was, soon, later = with_draft.was, with_draft.soon, with_draft.later
        self.members += members
        self.now[was.code] += members
        self.soon[soon.code] += members
        self.later[later.code] += members
        self.without[without.later.code] += members
        self.cells_soon[was.code, soon.code] += members
        self.extra_soon += year_spend * (soon.multiplier - was.multiplier)
        self.extra_later += year_spend * (later.multiplier - was.multiplier)
        self.extra_without += year_spend * (without.later.multiplier - was.multiplier)
        direction = with_draft.direction
        move = self.moves.setdefault((was.code, later.code, direction), Move(direction))
        move.members += members
        move.extra += year_spend * (later.multiplier - was.multiplier)
        if not with_draft.direction:
            return
        move.anyway += members if without.direction == with_draft.direction else 0
        move.soon += members if soon.code == later.code else 0
        move.examples = sorted({*move.examples, *examples})[:EXAMPLES_MAX]
        if with_draft.moves_on:
            move.dates[with_draft.moves_on.isoformat()] += members
            if with_draft.direction < 0:
                self.falls[with_draft.moves_on.isoformat()] += members
                self.falls_anyway[with_draft.moves_on.isoformat()] += members if without.direction < 0 else 0

    def result(self, points_per_unit: Decimal) -> dict[str, Any]:
        """Will return the sums as JSON takes them; points a year at so many points per currency unit."""

        def points(extra: Decimal) -> int:
            return int((extra * points_per_unit).to_integral_value())

        return {
            "members": self.members,
            "now": dict(self.now),
            "soon": dict(self.soon),
            "later": dict(self.later),
            "without": dict(self.without),
            "cells_soon": [[*cell, members] for cell, members in sorted(self.cells_soon.items())],
            "moves": [
                {
                    "was": was,
                    "tier": tier,
                    "direction": move.direction,
                    "members": move.members,
                    "soon": move.soon,
                    "anyway": move.anyway,
                    "dates": dict(sorted(move.dates.items())),
                    "points": points(move.extra),
                    "examples": move.examples,
                }
                for (was, tier, _), move in sorted(self.moves.items(), key=lambda one: one[0])
            ],
            "falls": [[date, members, self.falls_anyway[date]] for date, members in sorted(self.falls.items())],
            "points": {
                "soon": points(self.extra_soon),
                "later": points(self.extra_later),
                "without": points(self.extra_without),
            },
        }


def moved_by(move: dict[str, Any], date: dt.date) -> int:
    """Will return how many of a move of a result were to be moved by a date."""
    return sum(members for on, members in move["dates"].items() if on <= date.isoformat())
