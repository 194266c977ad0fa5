"""Points' night: whole-population work, set-based."""

from points.jobs.budgets import (
    begin_budgets,
)
from points.jobs.lots import (
    expire_lots,
    release_lots,
)
from points.jobs.notices import (
    notice_expiries,
)
from points.jobs.reservations import (
    lapse_reservations,
)
from points.jobs.seals import (
    seal_entries,
)
from points.jobs.yearly import (
    Celebrant,
    due_rewards,
    reward_in_sets,
)

__all__ = [
    "Celebrant",
    "begin_budgets",
    "due_rewards",
    "expire_lots",
    "lapse_reservations",
    "notice_expiries",
    "release_lots",
    "reward_in_sets",
    "seal_entries",
]
