"""Orders' tables: what the shop told us, each thing stored once."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from kit.models import choices
from members.models import Member
from orders.enums import OrderStatus

KEY = 128
"""The longest id of another system that we keep, in characters."""


def money_field(**options: object) -> models.DecimalField:  # type: ignore[type-arg]
    """Will return a field for an amount of money: 13 digits before the point, 3 behind it."""
    return models.DecimalField(max_digits=16, decimal_places=3, **options)  # type: ignore[arg-type]


class Order(models.Model):
    """An order as the shop last stated it. Without a member it is parked until he is known."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="orders", db_index=False)
    member_reference = models.JSONField(default=dict, help_text="How the shop named the member.")
    source = models.CharField(max_length=40)
    order_id = models.CharField(max_length=KEY)
    status = models.CharField(max_length=10, choices=choices(OrderStatus))
    placed_at = models.DateTimeField()
    business_date = models.DateField(help_text="The programme's date of placed_at.")
    stated_at = models.DateTimeField(help_text="updated_at of the shop; an older statement is ignored.")
    status_at = models.DateTimeField(
        null=True, help_text="When the shop first stated the status it has; a repeat leaves it."
    )
    currency = models.CharField(max_length=3)
    discount = money_field(help_text="Of the whole order, shared over its lines.")
    shipping = money_field()
    tax = money_field()
    points_paid = models.PositiveIntegerField(default=0)
    basis = money_field(help_text="Sum of the lines' basis.")
    revision = models.PositiveIntegerField(default=1, help_text="How many statements changed it.")
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of the statement.")
    booked_at = models.DateTimeField(null=True, help_text="When it first earned; empty while placed or parked.")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "order_id"], name="orders_order_once"),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in OrderStatus]), name="orders_order_status_known"
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0, shipping__gte=0, tax__gte=0, basis__gte=0),
                name="orders_order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(booked_at=None) | Q(member__isnull=False), name="orders_order_booked_for_a_member"
            ),
        ]
        indexes = [
            # A member's orders, latest first: timeline and 360.
            models.Index(fields=["member", "-placed_at"], name="orders_order_of_member"),
            # Parked orders waiting for their member, oldest first.
            models.Index(fields=["id"], name="orders_order_parked", condition=Q(member=None)),
            # The night: what was bought on a date.
            BrinIndex(fields=["business_date"], pages_per_range=16, name="orders_order_dated"),
            # The console's search by order number.
            models.Index(fields=["order_id"], name="orders_order_by_number"),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.order_id}"


class OrderLine(models.Model):
    """One line of an order; `basis` is what it earns on, with its share of the order's discount taken off."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    line_id = models.CharField(max_length=KEY)
    sku = models.CharField(max_length=KEY, blank=True)
    name = models.CharField(max_length=254, blank=True)
    category = models.CharField(max_length=KEY, blank=True)
    brand = models.CharField(max_length=KEY, blank=True)
    quantity = models.PositiveIntegerField()
    unit_price = money_field()
    discount = money_field(help_text="The line's total.")
    basis = money_field()
    attributes = models.JSONField(default=dict, help_text="Columns of an imported file that we do not know.")
    refunded_quantity = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "line_id"], name="orders_orderline_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, unit_price__gte=0, discount__gte=0, basis__gte=0),
                name="orders_orderline_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(refunded_quantity__lte=F("quantity")), name="orders_orderline_refund_within_quantity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}:{self.line_id}"


class Refund(models.Model):
    """A return of units as the shop stated it, stored once; without a booked order it is parked."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="refunds")
    source = models.CharField(max_length=40)
    order_id_stated = models.CharField(max_length=KEY)
    refund_id = models.CharField(max_length=KEY)
    refunded_at = models.DateTimeField()
    lines = models.JSONField(help_text="[[line_id, quantity], ...] as stated.")
    amount = money_field(null=True, help_text="What the shop paid back, for the record.")
    attributes = models.JSONField(default=dict)
    digest = models.BinaryField(max_length=32)
    booked_at = models.DateTimeField(null=True, help_text="When it was taken off; empty while parked.")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "order_id_stated", "refund_id"], name="orders_refund_once"),
            models.CheckConstraint(
                condition=Q(booked_at=None) | Q(order__isnull=False), name="orders_refund_booked_on_an_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.order_id_stated}:{self.refund_id}"


class ShopEvent(models.Model):
    """Something a member did that is not an order: a review, a share, a check-in; stored once."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="shop_events", db_index=False)
    member_reference = models.JSONField(default=dict)
    source = models.CharField(max_length=40)
    event_id = models.CharField(max_length=KEY)
    type = models.CharField(max_length=60)
    occurred_at = models.DateTimeField()
    business_date = models.DateField()
    properties = models.JSONField(default=dict)
    attributes = models.JSONField(default=dict)
    digest = models.BinaryField(max_length=32)
    booked_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "event_id"], name="orders_shopevent_once"),
            models.CheckConstraint(
                condition=Q(booked_at=None) | Q(member__isnull=False), name="orders_shopevent_booked_for_a_member"
            ),
        ]
        indexes = [
            # Caps and streaks: a member's events of one type by date.
            models.Index(fields=["member", "type", "-business_date"], name="orders_shopevent_of_member"),
            # Campaigns: what has come in lately.
            BrinIndex(fields=["received_at"], pages_per_range=16, name="orders_shopevent_received"),
            # Campaigns: whose streak of check-ins ended on a date.
            models.Index(
                fields=["business_date", "member"],
                name="orders_shopevent_checked_in",
                condition=Q(type="check_in", member__isnull=False),
            ),
            # The night: what happened on a date.
            BrinIndex(fields=["business_date"], pages_per_range=16, name="orders_shopevent_dated"),
            # Parked events waiting for their member, oldest first.
            models.Index(fields=["id"], name="orders_shopevent_parked", condition=Q(member=None)),
            # Events whose time has not come, oldest first: referrals.
            models.Index(fields=["type", "id"], name="orders_shopevent_waiting", condition=Q(booked_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.event_id}"


class SpendMovement(models.Model):
    """A change of what a member spent and how many orders he made. Append-only in the database.

    `counts_on` is the date whose window it counts in (of the order), `known_on` the date it became known (of the
    refund), so that the sums of any past evening can be had again.
    """

    pk = models.CompositePrimaryKey("member_id", "source_key")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    source_key = models.CharField(max_length=1400, db_collation="C")
    counts_on = models.DateField()
    known_on = models.DateField()
    at = models.DateTimeField()
    spend = money_field()
    orders = models.SmallIntegerField()

    class Meta:
        indexes = [
            # A member's spend in a window.
            models.Index(
                fields=["member", "counts_on"],
                include=["known_on", "spend", "orders"],
                name="orders_spendmovement_window",
            ),
            # Members whose window changes on a night: the date that falls out.
            models.Index(fields=["counts_on", "member"], name="orders_spendmovement_date"),
            # The same, for what became known on another date than it counts on: returns, edits.
            models.Index(
                fields=["known_on", "member"],
                name="orders_spendmovement_late",
                condition=~Q(known_on=F("counts_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.source_key
