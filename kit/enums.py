"""Kit's enums."""

from enum import StrEnum


class RunState(StrEnum):
    """Where a job run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    HELD = "held"


class ExportState(StrEnum):
    """Where a file that was asked for stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class FieldKind(StrEnum):
    """What a field that segments ask is; which operators it has, and how its value is read, follows from it."""

    CHOICE = "choice"
    LADDER = "ladder"
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    AGO = "ago"
    AHEAD = "ahead"
    FLAG = "flag"
    TAGS = "tags"
    DEED = "deed"
    MEMBERSHIP = "membership"
    SHARE = "share"


class Operator(StrEnum):
    """How a condition of a segment compares a field with a value."""

    IS = "is"
    IS_NOT = "is_not"
    ANY_OF = "any_of"
    NONE_OF = "none_of"
    ALL_OF = "all_of"
    CONTAINS = "contains"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    FROM = "from"
    UNTIL = "until"
    WITHIN = "within"
    NOT_WITHIN = "not_within"
    KNOWN = "known"
    UNKNOWN = "unknown"
    YES = "yes"
    NO = "no"
    DID = "did"
    DID_NOT = "did_not"


class Extra(StrEnum):
    """What a condition may say besides its value: in how many days, how often, of which property."""

    DAYS = "days"
    TIMES = "times"
    NAME = "name"
    EQUALS = "equals"
