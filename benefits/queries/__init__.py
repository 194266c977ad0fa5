"""What others may ask of benefits."""

from benefits.queries.fulfilments import (
    FulfilmentRow,
    StepRow,
    count_fulfilments,
    find_fulfilment,
    fulfilments_of,
    list_fulfilments,
    steps_of,
    without_address,
)
from benefits.queries.pools import (
    PoolRow,
    find_pool,
    list_pools,
)
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
from benefits.queries.shelf import (
    Choices,
    GiftRow,
    ShelfReward,
    choices_of_rewards,
    find_gift,
    find_shelf_reward,
    gifts_running_low,
    list_gifts,
    list_rewards,
)

__all__ = [
    "Catalogue",
    "Choices",
    "FulfilmentRow",
    "GiftRow",
    "PoolRow",
    "PrizeView",
    "RedemptionView",
    "RewardView",
    "ShelfReward",
    "StepRow",
    "catalogue",
    "choices_of_rewards",
    "count_fulfilments",
    "find_fulfilment",
    "find_gift",
    "find_pool",
    "find_redemption",
    "find_reward",
    "find_shelf_reward",
    "fulfilments_of",
    "gifts_running_low",
    "list_fulfilments",
    "list_gifts",
    "list_pools",
    "list_rewards",
    "redemptions_of",
    "steps_of",
    "without_address",
]
