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


class MemberSort(StrEnum):
    """By what the staff's list of members is sorted; each has its natural direction."""

    NEWEST = "newest"
    SPEND = "spend"
    POINTS = "points"
    ENDS = "ends"


class Ordered(StrEnum):
    """When a member ordered last, as the staff's list is filtered."""

    RECENTLY = "recently"
    QUIET = "quiet"
    NEVER = "never"
