"""Messaging's tables."""

from messaging.models.answers import Answer
from messaging.models.outbox import Dispatch, InboxItem, Message, MessageEvent, ProviderCall
from messaging.models.people import PushSubscription, QuietTime, SendingRules, Suppression, TopicChoice
from messaging.models.templates import Template, TemplateVersion, Topic
from messaging.models.trials import Trial

__all__ = [
    "Answer",
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
    "Trial",
]
