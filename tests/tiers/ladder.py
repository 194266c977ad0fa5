"""The starter's ladder as plain values, for rules that need no database."""

from decimal import Decimal

from membership_site.flows.starter import TIERS
from tiers.rules import Facts, LadderTerms, Rung, Thresholds


def ladder(keep=None) -> LadderTerms:
    """Will return the starter's ladder; `keep` gives other thresholds to keep a tier, by code."""
    rungs = []
    for rank, tier in enumerate(TIERS):
        reach = Thresholds(*tier.get("thresholds", ()))
        kept = (keep or {}).get(tier["code"], reach)
        rungs.append(Rung(rank + 1, rank, tier["code"], Decimal(tier["multiplier"]), reach, kept))
    return LadderTerms(1, 1, 365, 1, 30, tuple(rungs))


LADDER = ladder()


def facts(spend="0", orders=0, growth=0) -> Facts:
    """Will return what counts in the window."""
    return Facts(Decimal(spend), orders, growth)
