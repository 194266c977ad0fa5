"""Publishing a ladder."""

import datetime as dt
from typing import Any

from tiers import queries
from tiers.models import Ladder, LadderVersion, Tier


def publish_first_ladder(
    *,
    tiers: list[dict[str, Any]],
    window_days: int,
    validity_years: int,
    grace_days: int,
    effective_on: dt.date,
    at: dt.datetime,
    actor: str,
) -> bool:
    """Will publish version 1 of the main ladder where none exists yet; True if it did.

    Each tier gives code, names, look, icon, multiplier and, above the lowest, thresholds (spend, orders, growth) that
    serve to reach and to keep it.
    """
    ladder, created = Ladder.objects.get_or_create(code=queries.MAIN, defaults={"name": "Main"})
    if not created:
        return False
    version = LadderVersion.objects.create(
        ladder=ladder,
        number=1,
        effective_on=effective_on,
        window_days=window_days,
        validity_years=validity_years,
        grace_days=grace_days,
        actor=actor,
    )
    for rank, tier in enumerate(tiers):
        spend, orders, growth = tier.get("thresholds", (None, None, None))
        Tier.objects.create(
            version=version,
            rank=rank,
            code=tier["code"],
            names=tier["names"],
            look=tier["look"],
            icon=tier["icon"],
            multiplier=tier["multiplier"],
            reach_spend=spend,
            reach_orders=orders,
            reach_growth=growth,
            keep_spend=spend,
            keep_orders=orders,
            keep_growth=growth,
        )
    version.published_at = at
    version.save(update_fields=["published_at"])
    return True
