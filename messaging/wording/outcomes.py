"""Messaging's outcomes in words: where a message stands, why it was not sent, what became of it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from messaging.enums import Channel, DispatchState, MessageEventKind, MessageState, Reason, SuppressionCause
from messaging.wording.fields import ABOUTS, channel_words

Texts = Mapping[str, str | Promise]

STATES: Texts = {
    MessageState.WAITING: pgettext_lazy("state of a message", "Waits for its gift"),
    MessageState.QUEUED: pgettext_lazy("state of a message", "To be sent"),
    MessageState.LEASED: pgettext_lazy("state of a message", "About to be sent"),
    MessageState.SENDING: pgettext_lazy("state of a message", "Being sent"),
    MessageState.SENT: pgettext_lazy("state of a message", "Sent"),
    MessageState.FAILED: pgettext_lazy("state of a message", "Failed"),
    MessageState.SKIPPED: pgettext_lazy("state of a message", "Not sent"),
    MessageState.UNKNOWN: pgettext_lazy("state of a message", "Unknown"),
}
TONES = {
    MessageState.SENT: "good",
    MessageState.FAILED: "bad",
    MessageState.UNKNOWN: "bad",
    MessageState.SKIPPED: "warn",
    MessageState.SENDING: "info",
}
DISPATCH_STATES: Texts = {
    DispatchState.RUNNING: pgettext_lazy("state of a dispatch", "Running"),
    DispatchState.PAUSED: pgettext_lazy("state of a dispatch", "Paused"),
    DispatchState.CANCELLED: pgettext_lazy("state of a dispatch", "Cancelled"),
    DispatchState.FINISHED: pgettext_lazy("state of a dispatch", "Finished"),
}
DISPATCH_TONES = {DispatchState.RUNNING: "info", DispatchState.PAUSED: "warn", DispatchState.FINISHED: "good"}
REASONS: Texts = {
    Reason.NOT_A_MEMBER: gettext_lazy("The member is blocked, or is not one any more."),
    Reason.NO_ADDRESS: gettext_lazy("The member has no address for this channel."),
    Reason.NO_CONSENT: gettext_lazy("The member has not agreed to offers by this channel."),
    Reason.TOPIC_OFF: gettext_lazy("The member has switched this topic off."),
    Reason.SUPPRESSED: gettext_lazy("Nothing is sent to this address any more."),
    Reason.FREQUENCY_CAP: gettext_lazy("The member had as many messages as the house allows."),
    Reason.MISSING_VALUE: gettext_lazy("The words need something that is not known of this member."),
    Reason.EXPIRED: gettext_lazy("It came too late: what it tells of was over."),
    Reason.CANCELLED: gettext_lazy("Its dispatch was cancelled."),
    Reason.BUDGET_EXHAUSTED: gettext_lazy("The budget of the gift it tells of was used up."),
    Reason.NOT_ELIGIBLE: gettext_lazy("The member could not be given what it tells of."),
    Reason.NO_CONTENT: gettext_lazy("The template has no words for this channel."),
    Reason.REFUSED: gettext_lazy("The provider refused it."),
    Reason.TRIED_TOO_OFTEN: gettext_lazy("The provider could not take it, however often it was tried."),
}
SHORT: Texts = {
    Reason.NOT_A_MEMBER: pgettext_lazy("why a message was not sent", "Not a member"),
    Reason.NO_ADDRESS: pgettext_lazy("why a message was not sent", "No address"),
    Reason.NO_CONSENT: pgettext_lazy("why a message was not sent", "No consent"),
    Reason.TOPIC_OFF: pgettext_lazy("why a message was not sent", "Topic off"),
    Reason.SUPPRESSED: pgettext_lazy("why a message was not sent", "Address suppressed"),
    Reason.FREQUENCY_CAP: pgettext_lazy("why a message was not sent", "Too many messages"),
    Reason.MISSING_VALUE: pgettext_lazy("why a message was not sent", "Something missing"),
    Reason.EXPIRED: pgettext_lazy("why a message was not sent", "Too late"),
    Reason.CANCELLED: pgettext_lazy("why a message was not sent", "Cancelled"),
    Reason.BUDGET_EXHAUSTED: pgettext_lazy("why a message was not sent", "Budget used up"),
    Reason.NOT_ELIGIBLE: pgettext_lazy("why a message was not sent", "No gift"),
    Reason.NO_CONTENT: pgettext_lazy("why a message was not sent", "No words"),
    Reason.REFUSED: pgettext_lazy("why a message was not sent", "Refused"),
    Reason.TRIED_TOO_OFTEN: pgettext_lazy("why a message was not sent", "Tried too often"),
}
CAUSES: Texts = {
    SuppressionCause.BOUNCED: gettext_lazy("Messages to it came back."),
    SuppressionCause.COMPLAINED: gettext_lazy("Its owner complained of a message."),
    SuppressionCause.UNSUBSCRIBED: gettext_lazy("Its owner unsubscribed."),
    SuppressionCause.BY_STAFF: gettext_lazy("Somebody of the staff put it here."),
    SuppressionCause.ERASED: gettext_lazy("Its owner asked to be erased."),
}
EVENTS: Texts = {
    MessageEventKind.DELIVERED: pgettext_lazy("what became of a message", "Delivered"),
    MessageEventKind.DEFERRED: pgettext_lazy("what became of a message", "Delayed by the receiving server"),
    MessageEventKind.BOUNCED: pgettext_lazy("what became of a message", "Came back: the address does not exist"),
    MessageEventKind.SOFT_BOUNCED: pgettext_lazy("what became of a message", "Came back for now"),
    MessageEventKind.COMPLAINED: pgettext_lazy("what became of a message", "Complained of"),
    MessageEventKind.OPENED: pgettext_lazy("what became of a message", "Opened"),
    MessageEventKind.MACHINE_OPENED: pgettext_lazy("what became of a message", "Opened by a machine"),
    MessageEventKind.CLICKED: pgettext_lazy("what became of a message", "Followed a link"),
    MessageEventKind.MACHINE_CLICKED: pgettext_lazy("what became of a message", "A machine followed a link"),
    MessageEventKind.UNSUBSCRIBED: pgettext_lazy("what became of a message", "Unsubscribed"),
}


def state_words(state: str) -> str:
    """Will name where a message stands."""
    return str(STATES[MessageState(state)])


def state_tone(state: str) -> str:
    """Will return the class that colours a state of a message."""
    return TONES.get(MessageState(state), "")


def dispatch_words(state: str) -> str:
    """Will name where a dispatch stands."""
    return str(DISPATCH_STATES[DispatchState(state)])


def dispatch_tone(state: str) -> str:
    """Will return the class that colours a state of a dispatch."""
    return DISPATCH_TONES.get(DispatchState(state), "")


def reason_words(reason: str) -> str:
    """Will name a reason in two or three words, as filters do."""
    return str(SHORT[Reason(reason)])


def cause_words(cause: str) -> str:
    """Will say why an address is written to no more."""
    return str(CAUSES[SuppressionCause(cause)])


def event_words(kind: str) -> str:
    """Will say what became of a message."""
    return str(EVENTS[MessageEventKind(kind)])


def why_not(reason: str, detail: str, topics: Mapping[str, str]) -> str:
    """Will say in a sentence or two why a message was not sent; `topics` are names by code. Empty without a reason."""
    if not reason:
        return ""
    said = str(REASONS[Reason(reason)])
    more = _more(Reason(reason), detail, topics)
    return pgettext("between two sentences", " ").join(filter(None, (said, more)))


def _more(reason: Reason, detail: str, topics: Mapping[str, str]) -> str:
    """Will say what the detail adds to a reason."""
    if not detail:
        return ""
    if reason is Reason.FREQUENCY_CAP:
        return _cap(detail, topics)
    if reason is Reason.TOPIC_OFF:
        return _("The topic is: %(topic)s.") % {"topic": topics.get(detail, detail)}
    if reason is Reason.SUPPRESSED and detail in set(SuppressionCause):
        return cause_words(detail)
    if reason is Reason.MISSING_VALUE:
        return _("It is missing: %(field)s.") % {"field": str(ABOUTS.get(detail, detail))}
    if reason in (Reason.REFUSED, Reason.TRIED_TOO_OFTEN):
        return _("It said: %(text)s") % {"text": detail}
    if reason is Reason.EXPIRED:
        return _("It was held for quiet hours.")
    return ""


def _cap(detail: str, topics: Mapping[str, str]) -> str:
    """Will say a cap as messaging.jobs.facts.cap_text kept it: channel/topic/count/days, - for any."""
    try:
        channel, topic, count, days = detail.split("/")
        return cap_words(channel.strip("-"), topic.strip("-"), int(count), int(days), topics)
    except ValueError:
        return ""


def cap_words(channel: str, topic: str, count: int, days: int, topics: Mapping[str, str]) -> str:
    """Will say a frequency cap in a sentence; an empty channel or topic is any."""
    words = {
        "count": count,
        "days": days,
        "channel": channel_words(Channel(channel)) if channel else _("any channel"),
        "topic": topics.get(topic, topic) if topic else _("any topic"),
    }
    if days == 1:
        said = ngettext(
            "At most %(count)s message a day: %(channel)s, %(topic)s.",
            "At most %(count)s messages a day: %(channel)s, %(topic)s.",
            count,
        )
        return said % words
    said = ngettext(
        "At most %(count)s message in %(days)s days: %(channel)s, %(topic)s.",
        "At most %(count)s messages in %(days)s days: %(channel)s, %(topic)s.",
        count,
    )
    return said % words
