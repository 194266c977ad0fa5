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
