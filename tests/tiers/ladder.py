"""The starter's ladder as plain values, and ladders like it with other settings, for rules that need no database."""

from dataclasses import replace
from decimal import Decimal

from membership_site.flows.starter import TIERS
from tiers.rules import Facts, LadderTerms, Requirement, Rung


def ladder(keep=None, rungs=None, **settings) -> LadderTerms:
    """Will return the starter's ladder with other settings.

    `keep` gives other requirements to keep a tier, `rungs` other values of a rung, both by code.
    """
    made = []
    for rank, tier in enumerate(TIERS):
        reach = Requirement(*tier.get("thresholds", ()))
        kept = (keep or {}).get(tier["code"], reach)
        rung = Rung(rank + 1, rank, tier["code"], Decimal(tier["multiplier"]), reach, kept)
        made.append(replace(rung, **(rungs or {}).get(tier["code"], {})))
    return replace(LadderTerms(1, 1, 365, 12, 30, tuple(made)), **settings)


LADDER = ladder()


def facts(spend="0", orders=0, growth=0, active_days=0, years=0, referrals=0) -> Facts:
    """Will return what counts in the window."""
    return Facts(Decimal(spend), orders, growth, active_days, years, referrals)
