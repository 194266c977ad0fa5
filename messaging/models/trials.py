"""Messaging's trials: messages that people of the staff send to themselves, apart from the outbox of members."""

import uuid

from django.db import models
from django.db.models import Q

from kit.models import choices
from members.models import Account, Member
from messaging.enums import MessageState
from messaging.models.templates import Template

STATES = (MessageState.QUEUED, MessageState.SENDING, MessageState.SENT, MessageState.FAILED, MessageState.UNKNOWN)


class Trial(models.Model):
    """A template's words as an e-mail to somebody of the staff, written as one member reads them or with examples.

    It is to no member, so nothing that counts members' messages - results, caps, experiments, histories - can see it.
    What it says of a member is kept until it is handed over, and no longer.
    """

    token = models.UUIDField(default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="As whom it is written.",
    )
    language = models.CharField(max_length=10)
    parts = models.JSONField(default=dict, help_text="What goes out: subject, html, text; empty once it is over.")
    state = models.CharField(
        max_length=10,
        choices=[one for one in choices(MessageState) if one[0] in STATES],
        default=MessageState.QUEUED,
    )
    detail = models.CharField(max_length=500, blank=True, help_text="What the provider said where it did not take it.")
    created_at = models.DateTimeField()
    sending_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token"], name="messaging_trial_token"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in STATES]), name="messaging_trial_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[MessageState.QUEUED.value, MessageState.SENDING.value])
                | Q(parts={}, member=None),
                name="messaging_trial_forgets_its_words",
            ),
            models.CheckConstraint(
                condition=~Q(state=MessageState.SENT.value) | Q(sent_at__isnull=False),
                name="messaging_trial_sent_at_a_time",
            ),
        ]
        indexes = [
            # How many somebody sent lately, and what became of his last ones.
            models.Index(fields=["account", "-created_at"], name="messaging_trial_of_account"),
            # What is to be sent, or was begun by a sender that died.
            models.Index(
                fields=["id"],
                name="messaging_trial_open",
                condition=Q(state__in=[MessageState.QUEUED.value, MessageState.SENDING.value]),
            ),
            # What is written as a member who is erased.
            models.Index(fields=["member"], name="messaging_trial_of_member", condition=Q(member__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"trial {self.pk} of {self.template_id}"
