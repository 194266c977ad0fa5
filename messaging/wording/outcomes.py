"""Messaging's words of where a message stands, why it was skipped or failed, and what became of it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from messaging.enums import Channel, DispatchState, MessageEventKind, MessageState, Reason, SuppressionCause


def channel_words(channel: str) -> str:
    """Will name a channel."""
    words = {
        Channel.EMAIL: _("E-mail"),
        Channel.INBOX: _("Inbox"),
        Channel.SMS: _("SMS"),
        Channel.PUSH: _("Push"),
        Channel.WEBHOOK: _("Webhook"),
    }
    return words[Channel(channel)]


def dispatch_words(state: str) -> str:
    """Will say whether the messages of a dispatch are being sent."""
    words = {
        DispatchState.RUNNING: _("Sending"),
        DispatchState.PAUSED: _("Paused"),
        DispatchState.CANCELLED: _("Cancelled"),
        DispatchState.FINISHED: _("Finished"),
    }
    return words[DispatchState(state)]


def state_words(state: str) -> str:
    """Will say where a message stands."""
    words = {
        MessageState.WAITING: _("Waiting for what it tells of"),
        MessageState.QUEUED: _("In the queue"),
        MessageState.LEASED: _("About to be sent"),
        MessageState.SENDING: _("Being handed over"),
        MessageState.SENT: _("Sent"),
        MessageState.FAILED: _("Failed"),
        MessageState.SKIPPED: _("Skipped"),
        MessageState.UNKNOWN: _("Unknown whether it was sent"),
    }
    return words[MessageState(state)]


def reason_words(reason: str, detail: str = "") -> str:
    """Will say why a message was skipped or failed; `detail` is that of the message."""
    match Reason(reason):
        case Reason.FREQUENCY_CAP:
            return _cap_words(detail)
        case Reason.MISSING_VALUE if detail:
            return _("A value is missing that its words need: %(field)s.") % {"field": detail}
        case Reason.SUPPRESSED if detail:
            return cause_words(detail)
        case Reason.EXPIRED if detail == "quiet":
            return _("The member's quiet hours would have ended after its time.")
    words = {
        Reason.NOT_A_MEMBER: _("Not an active member."),
        Reason.NO_ADDRESS: _("There is no address for this channel."),
        Reason.NO_CONSENT: _("The member has not consented to this channel, or has withdrawn it."),
        Reason.TOPIC_OFF: _("The member does not want this topic."),
        Reason.SUPPRESSED: _("This address is written to no more."),
        Reason.MISSING_VALUE: _("A value is missing that its words need."),
        Reason.EXPIRED: _("It would have come too late."),
        Reason.CANCELLED: _("It was cancelled."),
        Reason.BUDGET_EXHAUSTED: _("What it gives was used up."),
        Reason.NOT_ELIGIBLE: _("The member could not be given what it tells of."),
        Reason.NO_CONTENT: _("It has no words for this channel."),
        Reason.REFUSED: _("The provider refused it."),
        Reason.TRIED_TOO_OFTEN: _("It was tried too often."),
    }
    return words[Reason(reason)]


def cause_words(cause: str) -> str:
    """Will say why an address is written to no more."""
    words = {
        SuppressionCause.BOUNCED: _("A message to this address came back."),
        SuppressionCause.COMPLAINED: _("The recipient complained about a message."),
        SuppressionCause.UNSUBSCRIBED: _("The recipient unsubscribed."),
        SuppressionCause.BY_STAFF: _("The staff said so."),
        SuppressionCause.ERASED: _("The person was erased."),
    }
    return words[SuppressionCause(cause)]


def event_words(kind: str) -> str:
    """Will say what became of a message."""
    words = {
        MessageEventKind.DELIVERED: _("Delivered"),
        MessageEventKind.DEFERRED: _("Put off by the provider"),
        MessageEventKind.BOUNCED: _("Came back for good"),
        MessageEventKind.SOFT_BOUNCED: _("Came back this time"),
        MessageEventKind.COMPLAINED: _("Complained of"),
        MessageEventKind.OPENED: _("Opened"),
        MessageEventKind.MACHINE_OPENED: _("Opened by a machine"),
        MessageEventKind.CLICKED: _("Clicked"),
        MessageEventKind.MACHINE_CLICKED: _("Clicked by a machine"),
        MessageEventKind.UNSUBSCRIBED: _("Unsubscribed"),
    }
    return words[MessageEventKind(kind)]


def _cap_words(detail: str) -> str:
    """The detail is channel/topic/count/days, as the sender kept it."""
    try:
        _channel, _topic, count, days = detail.split("/")
        facts = {"count": int(count), "days": int(days)}
    except ValueError:
        return _("The member has had as many messages as the house's rules allow.")
    said = ngettext(
        "The member has had %(count)s messages today, as many as the house's rules allow.",
        "The member has had %(count)s messages within %(days)s days, as many as the house's rules allow.",
        facts["days"],
    )
    return said % facts
