"""Messaging's tables."""

from messaging.models.outbox import Dispatch, InboxItem, Message, MessageEvent, ProviderCall
from messaging.models.people import PushSubscription, QuietTime, SendingRules, Suppression, TopicChoice
from messaging.models.templates import Template, TemplateVersion, Topic

__all__ = [
    "Dispatch",
    "InboxItem",
    "Message",
    "MessageEvent",
    "ProviderCall",
    "PushSubscription",
    "QuietTime",
    "SendingRules",
    "Suppression",
    "Template",
    "TemplateVersion",
    "Topic",
    "TopicChoice",
]
