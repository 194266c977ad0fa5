"""Members' enums."""

from enum import StrEnum


class MemberStatus(StrEnum):
    """Where a membership stands."""

    PENDING = "pending"
    ACTIVE = "active"
    BLOCKED = "blocked"
    ERASED = "erased"
    MERGED = "merged"


class IdentityKind(StrEnum):
    """By what a member can be found."""

    EMAIL = "email"
    PHONE = "phone"
    EXTERNAL = "external"


class Channel(StrEnum):
    """A way to reach a member."""

    EMAIL = "email"
    SMS = "sms"
    INBOX = "inbox"
    PUSH = "push"


class Purpose(StrEnum):
    """What a consent allows."""

    MARKETING = "marketing"
    SERVICE = "service"
    PROFILING = "profiling"


class StaffRole(StrEnum):
    """What a person of the staff may do; pages ask for capabilities, roles grant them."""

    OPERATOR = "operator"
    AGENT = "agent"
    AUDITOR = "auditor"
    FINANCE = "finance"
    CAMPAIGN_AUTHOR = "campaign_author"
    APPROVER = "approver"
    INTEGRATOR = "integrator"
    ADMIN = "admin"


class ExportState(StrEnum):
    """Where a copy of a member's data stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    GONE = "gone"


class DuplicateKind(StrEnum):
    """Why two memberships may be one person's."""

    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"


class CodePurpose(StrEnum):
    """What a code that was sent to an address opens."""

    JOIN = "join"
    ENTER = "enter"
    PASSWORD = "password"  # noqa: S105  # a purpose, not a password


class CodeVerdict(StrEnum):
    """What becomes of a code that was typed."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    USED_UP = "used_up"


class StaffChange(StrEnum):
    """Why a change to a person of the staff is refused."""

    ONESELF = "oneself"
    LAST_ADMIN = "last_admin"
