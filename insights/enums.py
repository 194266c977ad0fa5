"""Insights' enums."""

from enum import StrEnum


class Stage(StrEnum):
    """Where a member is in the life of his membership."""

    NEW = "new"
    ACTIVE = "active"
    SLEEPING = "sleeping"
    LAPSED = "lapsed"
    WON_BACK = "won_back"
