"""What others may ask of campaigns."""

from campaigns.queries.controls import control_in_force
from campaigns.queries.plans import digest_now
from campaigns.queries.point_days import PointDaysInForce, point_days, rules_at
from campaigns.queries.results import Came, Cost, came_of, cost_of

__all__ = [
    "Came",
    "Cost",
    "PointDaysInForce",
    "came_of",
    "control_in_force",
    "cost_of",
    "digest_now",
    "point_days",
    "rules_at",
]
