"""Messaging's enums."""

from enum import StrEnum


class Channel(StrEnum):
    """A way by which words leave the house; each has a room of its own under channels/."""

    EMAIL = "email"
    INBOX = "inbox"
    SMS = "sms"
    PUSH = "push"
    WEBHOOK = "webhook"


class ContentFormat(StrEnum):
    """How the body of an e-mail is written: as plain text with light marks, or as MJML."""

    TEXT = "text"
    MJML = "mjml"


class MessageState(StrEnum):
    """Where a message of the outbox stands.

    WAITING until what it tells of is given or decided; QUEUED until it is due; LEASED by a sender who has not begun;
    SENDING from the commit before it is handed over; UNKNOWN where the sender died between that and the answer.
    """

    WAITING = "waiting"
    QUEUED = "queued"
    LEASED = "leased"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a message was skipped, or failed."""

    NOT_A_MEMBER = "not_a_member"
    NO_ADDRESS = "no_address"
    NO_CONSENT = "no_consent"
    TOPIC_OFF = "topic_off"
    SUPPRESSED = "suppressed"
    FREQUENCY_CAP = "frequency_cap"
    MISSING_VALUE = "missing_value"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    BUDGET_EXHAUSTED = "budget_exhausted"
    NOT_ELIGIBLE = "not_eligible"
    NO_CONTENT = "no_content"
    REFUSED = "refused"
    TRIED_TOO_OFTEN = "tried_too_often"


class DispatchState(StrEnum):
    """Whether the messages of a dispatch are being sent."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


class MessageEventKind(StrEnum):
    """What became of a message after it was handed over."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    SOFT_BOUNCED = "soft_bounced"
    COMPLAINED = "complained"
    OPENED = "opened"
    MACHINE_OPENED = "machine_opened"
    CLICKED = "clicked"
    MACHINE_CLICKED = "machine_clicked"
    UNSUBSCRIBED = "unsubscribed"


class SuppressionCause(StrEnum):
    """Why an address is written to no more."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    BY_STAFF = "by_staff"
    ERASED = "erased"


class Question(StrEnum):
    """What a message can ask its member: how satisfied he is (1 to 5), or whether he would recommend us (0 to 10)."""

    SATISFACTION = "satisfaction"
    RECOMMENDATION = "recommendation"
