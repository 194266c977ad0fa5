"""Benefits' tables of checkouts: what they hold, and what every use of a benefit saved."""

import uuid

from django.db import models
from django.db.models import F, Q

from benefits.enums import CheckoutState, DiscountKind, SavedBy
from benefits.models.coupons import Coupon, CouponDefinition
from benefits.models.matrix import BENEFIT_CODE, Entitlement
from kit.models import choices
from members.models import Member
from orders.models import money_field


class Checkout(models.Model):
    """A cart that a shop is about to sell: what was quoted, and held until it pays for an order or is given up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    source_key = models.CharField(max_length=300, db_collation="C", help_text="What asked for it.")
    request = models.JSONField(help_text="Cart, codes and points, as the shop asked.")
    quote = models.JSONField(help_text="What was answered.")
    quote_hash = models.CharField(max_length=64)
    points = models.BigIntegerField(default=0)
    reservation_id = models.UUIDField(null=True, help_text="Of the points that it holds.")
    state = models.CharField(max_length=10, choices=choices(CheckoutState), default=CheckoutState.HELD)
    held_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    order_key = models.CharField(max_length=1400, blank=True, db_collation="C")
    closed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True, help_text="When all of its order had come back.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "source_key"], name="benefits_checkout_once"),
            models.UniqueConstraint(
                fields=["order_key"], condition=~Q(order_key=""), name="benefits_checkout_one_per_order"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("held_at")), name="benefits_checkout_holds_for_a_time"),
            models.CheckConstraint(
                condition=Q(state=CheckoutState.HELD.value, closed_at=None, order_key="")
                | (Q(state=CheckoutState.CONFIRMED.value, closed_at__isnull=False) & ~Q(order_key=""))
                | Q(
                    state__in=[CheckoutState.RELEASED.value, CheckoutState.LAPSED.value],
                    closed_at__isnull=False,
                    order_key="",
                ),
                name="benefits_checkout_closed_once",
            ),
            models.CheckConstraint(
                condition=Q(points=0, reservation_id=None) | Q(points__gt=0, reservation_id__isnull=False),
                name="benefits_checkout_points_are_reserved",
            ),
        ]
        indexes = [
            # Checkouts whose time has run out.
            models.Index(
                fields=["expires_at"], name="benefits_checkout_lapsing", condition=Q(state=CheckoutState.HELD.value)
            ),
            # A member's checkouts, latest first.
            models.Index(fields=["member", "-held_at"], name="benefits_checkout_of_member"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class Taking(models.Model):
    """One thing that a checkout holds or has used, and how its amount is shared over the cart's lines.

    What came back with returns is counted in `returned`, by line and altogether; the parts sum to the whole.
    """

    pk = models.CompositePrimaryKey("checkout_id", "position")
    checkout = models.ForeignKey(Checkout, on_delete=models.PROTECT, related_name="takings", db_index=False)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=14, choices=choices(DiscountKind))
    benefit = models.CharField(max_length=BENEFIT_CODE, blank=True, db_collation="C")
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    definition = models.ForeignKey(
        CouponDefinition, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    amount = money_field(help_text="How much it takes off, shipping included.")
    shipping = money_field(default=0, help_text="How much of that is off the shipping.")
    lines = models.JSONField(default=dict, help_text="{line_id: amount}")
    returned = money_field(default=0, help_text="How much of the amount came back with returns.")
    returned_lines = models.JSONField(default=dict, help_text="{line_id: amount}")
    is_returned = models.BooleanField(default=False, help_text="The coupon or quota itself came back.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0, shipping__gte=0, returned__gte=0)
                & Q(shipping__lte=F("amount"), returned__lte=F("amount")),
                name="benefits_taking_returns_within_amount",
            ),
            models.CheckConstraint(
                condition=~Q(kind=DiscountKind.COUPON.value) | Q(coupon__isnull=False, definition__isnull=False),
                name="benefits_taking_names_its_coupon",
            ),
        ]
        indexes = [
            # Which checkout holds or has used a coupon.
            models.Index(fields=["coupon"], name="benefits_taking_of_coupon", condition=Q(coupon__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class BenefitUse(models.Model):
    """A use of a benefit, coupon or reward and what it saved the member, or a part that came back. Append-only."""

    pk = models.CompositePrimaryKey("member_id", "cause")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    cause = models.CharField(max_length=1400, db_collation="C", help_text="A source key; one use each.")
    benefit = models.CharField(max_length=BENEFIT_CODE, blank=True, db_collation="C", help_text="Its code, if of one.")
    definition = models.ForeignKey(
        CouponDefinition, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=20, help_text="A BenefitKind, or coupon, or reward.")
    tier = models.CharField(max_length=40, blank=True, help_text="The code of the tier held then.")
    used_on = models.DateField()
    at = models.DateTimeField()
    uses = models.SmallIntegerField(help_text="1; 0 for a part that came back; -1 where the use itself was undone.")
    saved = money_field(help_text="Signed: what came back is taken off.")
    saved_by = models.CharField(max_length=10, choices=choices(SavedBy))
    cost = money_field(default=0, help_text="What it cost the shop, where that is not what it saved.")
    order_key = models.CharField(max_length=1400, blank=True, db_collation="C")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(uses__in=[-1, 0, 1]), name="benefits_benefituse_counts_one"),
        ]
        indexes = [
            # What a member saved, by date.
            models.Index(fields=["member", "-used_on"], name="benefits_benefituse_of_member"),
            # What a benefit was used, by date.
            models.Index(fields=["benefit", "used_on"], name="benefits_benefituse_of_benefit"),
            # What a coupon was used, by date.
            models.Index(
                fields=["definition", "used_on"],
                name="benefits_benefituse_of_coupon",
                condition=Q(definition__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.cause
