"""Messaging's outbox: dispatches, messages and what became of them, the inbox, and calls of providers."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from kit.models import choices
from members.enums import Purpose
from members.models import Member
from messaging.enums import Channel, DispatchState, MessageEventKind, MessageState, Reason
from messaging.models.templates import TOPIC, TemplateVersion

KEY = 200
"""The longest source key of a message, in characters."""
OVER = (MessageState.SENT, MessageState.FAILED, MessageState.SKIPPED, MessageState.UNKNOWN)
"""The states in which nothing is to be sent any more, unless a person says so."""


class Dispatch(models.Model):
    """Messages that are paused, resumed and cancelled together: one launch of a campaign."""

    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=choices(DispatchState), default=DispatchState.RUNNING)
    state_reason = models.CharField(max_length=300, blank=True, help_text="Why it was paused; a sentence.")
    rate_per_minute = models.PositiveIntegerField(null=True, help_text="Empty: as fast as its providers may.")
    obeys_caps = models.BooleanField(default=True, help_text="Whether a frequency cap holds its messages back.")
    counts_for_caps = models.BooleanField(default=True, help_text="Whether its messages count towards caps.")
    ends_at = models.DateTimeField(null=True, help_text="A message that would go out at or after it is skipped.")
    errors_max = models.PositiveIntegerField(default=50, help_text="So many errors in a row pause it.")
    errors_in_row = models.PositiveIntegerField(default=0)
    paused_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in DispatchState]), name="messaging_dispatch_state_known"
            ),
            models.CheckConstraint(
                condition=Q(rate_per_minute=None) | Q(rate_per_minute__gte=1), name="messaging_dispatch_rate_positive"
            ),
        ]
        indexes = [
            # The dispatches that are under way.
            models.Index(
                fields=["id"],
                name="messaging_dispatch_open",
                condition=Q(state__in=[DispatchState.RUNNING.value, DispatchState.PAUSED.value]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One message to one member by one channel: sent at most once, and never lost without a name.

    `source_key` says what caused it; with member and channel it is unique, so that the same cause asks in vain for a
    second one. No address is kept: it is looked up when the message is sent.
    """

    id = models.BigAutoField(primary_key=True)
    token = models.UUIDField(default=uuid.uuid4, db_default=models.Func(function="gen_random_uuid"), editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=10, choices=choices(Channel))
    source_key = models.CharField(max_length=KEY, db_collation="C")
    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    template_version = models.ForeignKey(
        TemplateVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    purpose = models.CharField(max_length=12, choices=choices(Purpose))
    topic = models.CharField(max_length=TOPIC, blank=True, db_default="")
    values = models.JSONField(default=dict, db_default={}, help_text="Plain values of this message alone.")
    state = models.CharField(max_length=10, choices=choices(MessageState), db_default=MessageState.QUEUED.value)
    reason = models.CharField(max_length=20, choices=choices(Reason), blank=True, db_default="")
    detail = models.CharField(max_length=500, blank=True, db_default="", help_text="What the provider or a rule said.")
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    lease = models.UUIDField(null=True, help_text="Of the sender who took it.")
    leased_until = models.DateTimeField(null=True)
    sending_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=10, blank=True, db_default="", help_text="In which it was sent.")
    provider = models.CharField(max_length=40, blank=True, db_default="")
    provider_id = models.CharField(max_length=200, blank=True, db_default="", db_collation="C")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "source_key", "channel"], name="messaging_message_once"),
            models.UniqueConstraint(fields=["token"], name="messaging_message_token"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in MessageState]), name="messaging_message_state_known"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=[channel.value for channel in Channel])
                & Q(purpose__in=[Purpose.MARKETING.value, Purpose.SERVICE.value]),
                name="messaging_message_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state=MessageState.LEASED.value, lease__isnull=False, leased_until__isnull=False)
                | Q(state=MessageState.SENDING.value, lease__isnull=False, sending_at__isnull=False)
                | ~Q(state__in=[MessageState.LEASED.value, MessageState.SENDING.value]),
                name="messaging_message_taken_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=MessageState.SENT.value) | Q(sent_at__isnull=False),
                name="messaging_message_sent_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[MessageState.SKIPPED.value, MessageState.FAILED.value]) | ~Q(reason=""),
                name="messaging_message_skipped_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(purpose=Purpose.SERVICE.value) | ~Q(topic=""), name="messaging_message_marketing_has_topic"
            ),
        ]
        indexes = [
            # Which service messages senders take next.
            models.Index(
                fields=["due_at", "id"],
                name="messaging_message_due",
                condition=Q(state=MessageState.QUEUED.value, purpose=Purpose.SERVICE.value),
            ),
            # What senders take next of one dispatch, or of none.
            models.Index(
                Coalesce("dispatch", 0), "due_at", "id",
                name="messaging_message_next",
                condition=Q(state=MessageState.QUEUED.value, purpose=Purpose.MARKETING.value),
            ),
            # Leases that ran out, and senders that died.
            models.Index(
                fields=["state", "leased_until"],
                name="messaging_message_taken",
                condition=Q(state__in=[MessageState.LEASED.value, MessageState.SENDING.value]),
            ),
            # A dispatch's messages by state: progress, pause, the list of unknown ones.
            models.Index(
                fields=["dispatch", "state", "id"],
                name="messaging_message_dispatched",
                condition=Q(dispatch__isnull=False),
            ),
            # Those that wait for a person, latest first.
            models.Index(
                fields=["state", "-id"],
                name="messaging_message_stuck",
                condition=Q(state__in=[MessageState.UNKNOWN.value, MessageState.FAILED.value]),
            ),
            # Which message a provider speaks of.
            models.Index(
                fields=["provider_id"], name="messaging_message_provider_id", condition=~Q(provider_id="")
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.channel} {self.source_key} to {self.member_id}"


class MessageEvent(models.Model):
    """What became of a message: delivered, opened, clicked, bounced, complained of. Append-only in the database.

    `key` makes a provider's second telling of one happening no second row.
    """

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="events", db_index=False)
    kind = models.CharField(max_length=16, choices=choices(MessageEventKind))
    key = models.CharField(max_length=200, db_collation="C")
    at = models.DateTimeField()
    detail = models.JSONField(default=dict, help_text="The link that was clicked, what a provider said, ...")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "kind", "key"], name="messaging_messageevent_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in MessageEventKind]),
                name="messaging_messageevent_kind_known",
            ),
        ]
        indexes = [
            # What makes a dispatch pause itself.
            models.Index(
                fields=["message"],
                name="messaging_messageevent_bad",
                condition=Q(kind__in=[MessageEventKind.BOUNCED.value, MessageEventKind.COMPLAINED.value]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.message_id}"


class ProviderCall(models.Model):
    """A call by which a provider told what became of messages: kept until it is worked through, once per its id."""

    provider = models.CharField(max_length=40)
    call_id = models.CharField(max_length=200, db_collation="C")
    happening = models.JSONField(help_text="As messaging.rules.happenings reads it.")
    received_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, help_text="Empty while the message it speaks of is not known yet.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "call_id"], name="messaging_providercall_once"),
        ]
        indexes = [
            # Calls that came before our own commit, to be tried again.
            models.Index(fields=["received_at"], name="messaging_providercall_waiting", condition=Q(done_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.call_id}"


class InboxItem(models.Model):
    """A message in a member's inbox, as it was said to him."""

    message = models.OneToOneField(Message, on_delete=models.PROTECT, primary_key=True, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=200)
    body = models.TextField()
    url = models.CharField(max_length=500, blank=True, help_text="Where its button leads, on this site or the shop's.")
    button = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, help_text="The first instant at which it is not shown any more.")
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # A member's inbox, latest first.
            models.Index(fields=["member", "-at"], name="messaging_inboxitem_of_member"),
            # Whether a member has anything to read, on every page he opens.
            models.Index(fields=["member"], name="messaging_inboxitem_unread", condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.title} to {self.member_id}"
