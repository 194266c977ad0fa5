"""Points' tables of deeds beside the ledger: reservations, requests of the staff, and notices before points expire."""

import uuid

from django.db import models
from django.db.models import F, Q

from kit.models import choices
from members.models import Account, Member
from points.enums import GIVEN_UP, RequestKind, RequestState, ReservationState


class Reservation(models.Model):
    """Points that a checkout holds for a while: taken from their lots at once, given back unless it is confirmed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    source_key = models.CharField(max_length=1400, db_collation="C", help_text="What asked for it.")
    points = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=choices(ReservationState), default=ReservationState.HELD)
    held_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    order_key = models.CharField(max_length=1400, blank=True, help_text="The order that it paid for, once confirmed.")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "source_key"], name="points_reservation_once"),
            models.UniqueConstraint(
                fields=["member", "order_key"],
                condition=~Q(order_key=""),
                name="points_reservation_one_per_order",
            ),
            models.CheckConstraint(
                condition=Q(points__gt=0, expires_at__gt=F("held_at")), name="points_reservation_holds_something"
            ),
            models.CheckConstraint(
                condition=Q(state=ReservationState.HELD, closed_at=None, order_key="")
                | (Q(state=ReservationState.CONFIRMED, closed_at__isnull=False) & ~Q(order_key=""))
                | Q(
                    state__in=[ReservationState.RELEASED, ReservationState.LAPSED],
                    closed_at__isnull=False,
                    order_key="",
                ),
                name="points_reservation_closed_once",
            ),
        ]
        indexes = [
            # Reservations whose time has run out.
            models.Index(
                fields=["expires_at"], name="points_reservation_lapsing", condition=Q(state=ReservationState.HELD)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} points {self.state}"


class Adjustment(models.Model):
    """What a person of the staff asks to have booked by hand, and who agreed: the database tells the three apart.

    Below the limits it is booked at once; above them it waits for a second person, or until who asked withdraws it. It
    is never changed afterwards but for that decision; a mistake is undone by another one.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="adjustments")
    kind = models.CharField(max_length=14, choices=choices(RequestKind))
    points = models.BigIntegerField(help_text="Signed, as the member's balance is to move.")
    reason = models.CharField(max_length=300, help_text="As the member reads it.")
    note = models.CharField(max_length=300, blank=True, help_text="For the staff alone.")
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    expiry_key = models.CharField(max_length=100, blank=True, help_text="The expiry that a reinstatement takes back.")
    state = models.CharField(max_length=10, choices=choices(RequestState), default=RequestState.WAITING)
    needs_second = models.BooleanField(help_text="It is above what one person may book alone.")
    beneficiary = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, related_name="+", help_text="The member's own log-in."
    )
    requested_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    business_date = models.DateField(help_text="Of the request: the day whose limit it counts against.")
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=300, blank=True)
    form_key = models.UUIDField(
        unique=True, help_text="Of the form that was sent, so that a second press is no second one."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["undoes"], condition=~Q(state__in=GIVEN_UP), name="points_adjustment_undone_once"
            ),
            models.UniqueConstraint(
                fields=["member", "expiry_key"],
                condition=~Q(expiry_key="") & ~Q(state__in=GIVEN_UP),
                name="points_adjustment_reinstated_once",
            ),
            models.CheckConstraint(condition=~Q(points=0), name="points_adjustment_moves_something"),
            models.CheckConstraint(
                condition=Q(beneficiary=None) | ~Q(requested_by=F("beneficiary")),
                name="points_adjustment_not_for_oneself",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | (~Q(decided_by=F("requested_by")) & (Q(beneficiary=None) | ~Q(decided_by=F("beneficiary")))),
                name="points_adjustment_second_is_another",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.WAITING, needs_second=True, decided_by=None, decided_at=None)
                | Q(state=RequestState.BOOKED, needs_second=False, decided_by=None, decided_at__isnull=False)
                | Q(
                    state__in=[RequestState.BOOKED, RequestState.REFUSED],
                    needs_second=True,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                # Nobody decided on it: who asked took it back.
                | Q(state=RequestState.WITHDRAWN, needs_second=True, decided_by=None, decided_at__isnull=False),
                name="points_adjustment_decided_by_who_must",
            ),
            models.CheckConstraint(
                condition=Q(kind=RequestKind.UNDO, undoes__isnull=False) | (~Q(kind=RequestKind.UNDO) & Q(undoes=None)),
                name="points_adjustment_undo_names_it",
            ),
            models.CheckConstraint(
                condition=Q(kind=RequestKind.REINSTATEMENT, points__gt=0) & ~Q(expiry_key="")
                | ~Q(kind=RequestKind.REINSTATEMENT) & Q(expiry_key=""),
                name="points_adjustment_reinstates_an_expiry",
            ),
        ]
        indexes = [
            # What waits for a second person, oldest first.
            models.Index(
                fields=["requested_at"], name="points_adjustment_waiting", condition=Q(state=RequestState.WAITING)
            ),
            # What was booked, refused or withdrawn, latest first, paged by key.
            models.Index(
                fields=["-decided_at", "-id"],
                name="points_adjustment_decided",
                condition=~Q(state=RequestState.WAITING),
            ),
            # What one person booked alone on a date.
            models.Index(fields=["requested_by", "business_date"], name="points_adjustment_of_day"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.points} ({self.state})"


class ExpiryNotice(models.Model):
    """A reminder that is due because points end soon: how many, when, and how many days before. Sent by messaging."""

    pk = models.CompositePrimaryKey("member_id", "expires_on", "days_before")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    expires_on = models.DateField(help_text="The last date they can be used.")
    days_before = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    points = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="points_expirynotice_of_something"),
            models.CheckConstraint(condition=Q(due_on__lte=F("expires_on")), name="points_expirynotice_before_the_end"),
        ]
        indexes = [
            # Messaging: the notices of a date.
            models.Index(fields=["due_on", "member"], name="points_expirynotice_due"),
        ]

    def __str__(self) -> str:
        return f"{self.points} until {self.expires_on}"
