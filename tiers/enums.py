"""Tiers' enums."""

from enum import StrEnum


class DecisionKind(StrEnum):
    """What was decided of a member's tier."""

    JOINED = "joined"
    UPGRADE = "upgrade"
    RENEWAL = "renewal"
    GRACE = "grace"
    DOWNGRADE = "downgrade"


class Look(StrEnum):
    """The proven looks a tier may wear."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    DIAMOND = "diamond"
    JADE = "jade"
    ROSE = "rose"
    GRAPHITE = "graphite"
    ONYX = "onyx"
