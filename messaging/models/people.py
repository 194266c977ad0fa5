"""Messaging's tables of what members allow and providers report, and the house's rules of sending."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kit.models import choices
from members.models import Member
from messaging.enums import Channel, SuppressionCause
from messaging.models.templates import TOPIC


class Suppression(models.Model):
    """An address that is written to no more; kept as a keyed hash, so that it outlives the address's erasure."""

    channel = models.CharField(max_length=10, choices=choices(Channel))
    address_hash = models.BinaryField(max_length=32, help_text="HMAC-SHA-256 of the normalised address.")
    cause = models.CharField(max_length=12, choices=choices(SuppressionCause))
    marketing_only = models.BooleanField(default=False, help_text="Service messages still go there.")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address_hash", "cause"],
                condition=Q(lifted_at=None),
                name="messaging_suppression_once",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=[channel.value for channel in Channel])
                & Q(cause__in=[cause.value for cause in SuppressionCause]),
                name="messaging_suppression_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.cause}"


class TopicChoice(models.Model):
    """A member's answer on one topic and channel; the latest is in force. Append-only in the database."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=10, choices=choices(Channel))
    topic = models.CharField(max_length=TOPIC)
    wanted = models.BooleanField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    class Meta:
        indexes = [
            # The answer in force: latest per channel and topic.
            models.Index(fields=["member", "channel", "topic", "-at", "-id"], name="messaging_topicchoice_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}/{self.topic}: {self.wanted}"


class QuietTime(models.Model):
    """A member's own quiet hours, in his zone; without a row the house's hold."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="+")
    starts = models.TimeField()
    ends = models.TimeField()
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.starts} to {self.ends}"


class SendingRules(models.Model):
    """How the house sends from an instant on: quiet hours, frequency caps, when a dispatch pauses itself.

    Append-only in the database; the latest holds. `caps` is what messaging.rules.caps.caps_from reads.
    """

    number = models.PositiveIntegerField(unique=True)
    quiet_from = models.TimeField()
    quiet_until = models.TimeField(help_text="Equal to quiet_from: no quiet hours.")
    caps = models.JSONField(default=list)
    bounces_pause_share = models.DecimalField(max_digits=5, decimal_places=4, help_text="0.05 is 5 % of what was sent.")
    complaints_pause_share = models.DecimalField(max_digits=5, decimal_places=4)
    late_after_hours = models.PositiveSmallIntegerField(help_text="Marketing held so long is not sent any more.")
    actor = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(bounces_pause_share__gt=0, bounces_pause_share__lte=1)
                & Q(complaints_pause_share__gt=0, complaints_pause_share__lte=1),
                name="messaging_sendingrules_shares_between",
            ),
            models.CheckConstraint(condition=Q(late_after_hours__gte=1), name="messaging_sendingrules_late_some_time"),
        ]

    def __str__(self) -> str:
        return f"rules of sending {self.number}"


class PushSubscription(models.Model):
    """A browser that a member lets us push to."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    endpoint = models.URLField(max_length=500, unique=True)
    keys = models.JSONField(help_text='{"p256dh": ..., "auth": ...}')
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="When the push service said that it is gone.")

    def __str__(self) -> str:
        return f"push of {self.member_id}"
