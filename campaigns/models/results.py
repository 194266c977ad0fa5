"""Campaigns' tables of what came of it: rules of attribution, and orders attributed to a launch."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from campaigns.models.campaigns import Recipient
from kit.models import choices
from members.models import Member
from messaging.enums import Channel
from orders.models import Order


class AttributionRules(models.Model):
    """How long after a touch an order counts as its effect, by channel. Append-only in the database; the latest holds.

    `windows` is {channel: {touch: hours}} with the touches sent, opened and clicked; 0 or absent: that touch does not
    count.
    """

    number = models.PositiveIntegerField(unique=True)
    windows = models.JSONField()
    actor = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"attribution {self.number}"


class Conversion(models.Model):
    """An order that is counted as the effect of a message: of the last touch within its channel's window.

    What it is worth is read from the order, so that a return takes it back. Written once, never moved.
    """

    order = models.OneToOneField(Order, on_delete=models.PROTECT, primary_key=True, related_name="+")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=10, choices=choices(Channel))
    touch = models.CharField(max_length=10, help_text="coupon, clicked, opened or sent.")
    touched_at = models.DateTimeField()
    rules = models.ForeignKey(AttributionRules, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(touch__in=["coupon", "clicked", "opened", "sent"]), name="campaigns_conversion_touch_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} by {self.recipient_id}"
