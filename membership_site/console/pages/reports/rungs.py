"""The ladder as the reports on tiers show it: names, order, and which tiers a drawing of four colours tells apart."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tiers import queries as tiers_queries
from tiers import wording as tiers_wording

COLOURS = 4


@dataclass(frozen=True)
class Drawn:
    """One colour of a drawing: a tier, or the lowest of a long ladder together."""

    name: str
    codes: tuple[str, ...]


def names_on(date: dt.date) -> dict[str, str]:
    """Will return {code: name} of the tiers in force on a date, lowest first. Raises NoLadder. Two queries."""
    return {tier.code: tiers_wording.tier_name(tier) for tier in tiers_queries.tiers_of_ladder(date)}


def with_others(names: dict[str, str], found: Iterable[str]) -> dict[str, str]:
    """Will add, under their codes, tiers that an earlier ladder had and that members were found on."""
    return {**names, **{code: code for code in sorted(set(found) - set(names))}}


def drawn(names: dict[str, str], most: int = COLOURS) -> list[Drawn]:
    """Will group tiers into at most so many colours, lowest first: of a long ladder the lowest share one."""
    single = [Drawn(name, (code,)) for code, name in names.items()]
    if len(single) <= most:
        return single
    lower = single[: len(single) - most + 1]
    return [Drawn(_("Lower tiers"), tuple(one.codes[0] for one in lower)), *single[len(lower) :]]
