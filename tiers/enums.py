"""Tiers' enums."""

from enum import StrEnum


class DecisionKind(StrEnum):
    """What was decided of a member's tier."""

    JOINED = "joined"
    UPGRADE = "upgrade"
    SCHEDULED = "scheduled"
    """An upgrade that begins with the next period."""
    WITHDRAWN = "withdrawn"
    """An upgrade that was to begin, and will not: the order that had reached it came back."""
    RENEWAL = "renewal"
    EXTENDED = "extended"
    """Valid longer without having been reached: a tier that is never lost, or a courtesy."""
    GRACE = "grace"
    DOWNGRADE = "downgrade"
    RE_EVALUATED = "revalued"
    """Lower at once, because the order that granted the tier came back soon after."""
    GRANTED = "granted"
    """A tier that was not reached: by hand, by a promotion, by invitation."""
    ENDED = "ended"
    """The end of a granted tier."""
    RESTORED = "restored"
    """Where a member stood before nights that were undone."""


class Window(StrEnum):
    """Which dates count, up to and including the evaluation."""

    ROLLING = "rolling"
    CALENDAR_YEAR = "calendar"
    MEMBERSHIP_YEAR = "membership"
    LIFETIME = "lifetime"


class Start(StrEnum):
    """When a tier that was reached begins."""

    AT_ONCE = "at_once"
    NEXT_PERIOD = "next_period"


class Rounding(StrEnum):
    """To what the end of a validity is rounded up."""

    SAME_DATE = "same_date"
    MONTH = "month"
    YEAR = "year"


class AtEnd(StrEnum):
    """What becomes of a tier that was not kept, after its validity and grace."""

    NEVER = "never"
    ONE_STEP = "one_step"
    TO_EARNED = "to_earned"


class OnRefund(StrEnum):
    """What the return of the granting order does to the tier while it is protected against it."""

    HOLD = "hold"
    RE_EVALUATE = "re_evaluate"


class Join(StrEnum):
    """How many metrics of a requirement must be reached."""

    ANY = "any"
    ALL = "all"


class HoldKind(StrEnum):
    """Why a member holds a tier that he did not reach."""

    MANUAL = "manual"
    PROMOTION = "promotion"
    INVITATION = "invitation"


class Occasion(StrEnum):
    """On what occasion a tier is decided."""

    EVENT = "event"
    NIGHT = "night"
    REFUND = "refund"


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


class Severity(StrEnum):
    """Whether a finding keeps a draft from being published."""

    ERROR = "error"
    WARNING = "warning"


class Verdict(StrEnum):
    """What came of a member's question whether a decision was right."""

    UPHELD = "upheld"
    """He was right: the staff have put it right."""
    EXPLAINED = "explained"
    """The decision stands, and is explained."""
