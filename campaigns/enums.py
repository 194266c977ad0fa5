"""Campaigns' enums."""

from enum import StrEnum


class CampaignKind(StrEnum):
    """When a campaign reaches its members: once, again and again, when something happens, or by days of more points."""

    ONCE = "once"
    RECURRING = "recurring"
    TRIGGERED = "triggered"
    POINT_DAYS = "point_days"


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Trigger(StrEnum):
    """What sets a triggered campaign going for a member."""

    WELCOME = "welcome"
    BIRTHDAY = "birthday"
    ANNIVERSARY = "anniversary"
    UPGRADE = "upgrade"
    ABOUT_TO_FALL = "about_to_fall"
    POINTS_LAPSING = "points_lapsing"
    GONE_QUIET = "gone_quiet"
    STREAK_BROKEN = "streak_broken"
    EVENT = "event"


class Every(StrEnum):
    """In which rhythm a campaign recurs."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Goal(StrEnum):
    """What a campaign is meant to bring about; what counts as a conversion follows from it."""

    ORDER = "order"
    CHECK_IN = "check_in"
    REDEMPTION = "redemption"
    CLICK = "click"
    INFORM = "inform"


class Group(StrEnum):
    """Whether a member of the audience is addressed, or kept apart to see what happens without."""

    TREATED = "treated"
    CONTROL = "control"
    GLOBAL_CONTROL = "global_control"


class RewardKind(StrEnum):
    """What a campaign gives to each member it addresses."""

    POINTS = "points"
    COUPON = "coupon"
    TIER = "tier"
    TAG = "tag"


class RunState(StrEnum):
    """Where one launch of a campaign stands."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """What a second person said of a campaign."""

    AGREED = "agreed"
    REFUSED = "refused"


class Metric(StrEnum):
    """By what variants are compared."""

    CLICKED = "clicked"
    ORDERED = "ordered"
    OPENED = "opened"


class Fallback(StrEnum):
    """What happens to the rest of the audience where no variant wins."""

    FIRST = "first"
    SPLIT = "split"
    STOP = "stop"


class LeftOut(StrEnum):
    """Why somebody whom a segment means is not addressed; the first reason that holds."""

    BLOCKED = "blocked"
    PENDING = "pending"
    CONTROL = "control"
    NO_ADDRESS = "no_address"
    NO_CONSENT = "no_consent"
    SUPPRESSED = "suppressed"
