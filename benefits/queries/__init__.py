"""What others may ask of benefits."""

from benefits.queries.rewards import (
    Catalogue,
    PrizeView,
    RedemptionView,
    RewardView,
    catalogue,
    find_redemption,
    find_reward,
    redemptions_of,
)

__all__ = [
    "Catalogue",
    "PrizeView",
    "RedemptionView",
    "RewardView",
    "catalogue",
    "find_redemption",
    "find_reward",
    "redemptions_of",
]
