"""Campaigns' tables of what came of it: rules of attribution, and orders attributed to a launch."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from campaigns.models.campaigns import Campaign, Recipient
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


class Headline(models.Model):
    """What a campaign has come to, all launches together, as it was last counted; the list and the report show it.

    Whoever is kept apart counts in `control_members`, of a campaign's own group alone. `lift` is in shares of one and
    empty where nobody is kept apart; `extra` is what the treated spent more because of it, with its interval.
    """

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, primary_key=True, related_name="headline")
    at = models.DateTimeField(help_text="Up to when it was counted.")
    members = models.PositiveIntegerField(help_text="Of those treated.")
    control_members = models.PositiveIntegerField()
    rewarded = models.PositiveIntegerField()
    sent = models.PositiveIntegerField()
    delivered = models.PositiveIntegerField()
    opened = models.PositiveIntegerField()
    clicked = models.PositiveIntegerField()
    unsubscribed = models.PositiveIntegerField()
    converted = models.PositiveIntegerField()
    control_converted = models.PositiveIntegerField()
    orders = models.PositiveIntegerField()
    revenue = models.DecimalField(max_digits=16, decimal_places=2)
    cost = models.DecimalField(max_digits=16, decimal_places=2, help_text="Points at their worth, and coupons used.")
    lift = models.FloatField(null=True)
    lift_low = models.FloatField(null=True)
    lift_high = models.FloatField(null=True)
    extra = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    extra_low = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    extra_high = models.DecimalField(max_digits=16, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(converted__lte=F("members"), control_converted__lte=F("control_members")),
                name="campaigns_headline_some_of_all",
            ),
            models.CheckConstraint(
                condition=Q(lift=None, lift_low=None, lift_high=None)
                | Q(lift__isnull=False, lift_low__lte=F("lift"), lift_high__gte=F("lift")),
                name="campaigns_headline_lift_in_its_interval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} at {self.at}"
