"""Benefits' tables of what tiers give: versions of the matrix, what a member was given by it, bookings, draws."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now

from benefits.enums import BenefitKind, BookingState
from kit.models import choices
from members.models import Member

BENEFIT_CODE = 60
"""The longest code of a benefit, in characters."""


class BenefitVersion(models.Model):
    """The matrix, tier by benefit, from a date on: a draft, or published and frozen from then on."""

    number = models.PositiveIntegerField(unique=True)
    effective_on = models.DateField(help_text="The first business date it is in force.")
    terms = models.JSONField(help_text="What benefits.rules.matrix_from_terms reads.")
    note = models.JSONField(default=dict, help_text="What changes, as members are told: {language: text}.")
    published_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(Value(1), condition=Q(published_at=None), name="benefits_benefitversion_one_draft"),
        ]
        indexes = [
            # The version in force on a date.
            models.Index(fields=["-effective_on", "-number"], name="benefits_benefitversion_latest"),
        ]

    def __str__(self) -> str:
        return f"benefits {self.number}"


class Entitlement(models.Model):
    """A benefit that a member was given for a period: once, whoever comes first - the night, an event, or a use.

    Benefits that are issued have one for each occasion, as proof that it was given; those with a quota one for each
    period in which it was used, to count. What was given then is kept in `terms`. Benefits that are merely open to
    a tier have none.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    benefit = models.CharField(max_length=BENEFIT_CODE, db_collation="C", help_text="Its code in the matrix.")
    kind = models.CharField(max_length=20, choices=choices(BenefitKind))
    period = models.CharField(max_length=80, db_collation="C", help_text="2026-11, 2026Q4, birthday:2026, ...")
    version = models.ForeignKey(BenefitVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    tier = models.CharField(max_length=40, blank=True, help_text="The code of the tier that gave it.")
    terms = models.JSONField(default=dict, help_text="The cell of the matrix as it was.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, help_text="The first instant at which it is over.")
    quota = models.PositiveIntegerField(null=True, help_text="How often it can be used in the period; empty: always.")
    used = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0, help_text="By checkouts that are not confirmed yet.")
    seen_at = models.DateTimeField(null=True, help_text="When the member first saw it.")
    granted_at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    reason = models.CharField(max_length=300, blank=True, help_text="Why a person gave it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "benefit", "period"], name="benefits_entitlement_once_a_period"),
            models.CheckConstraint(
                condition=Q(quota=None) | Q(quota__gte=F("used") + F("held")),
                name="benefits_entitlement_within_quota",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="benefits_entitlement_lasts"
            ),
        ]
        indexes = [
            # Reports of a benefit: given and used by period.
            models.Index(fields=["benefit", "granted_at"], name="benefits_entitlement_given"),
        ]

    def __str__(self) -> str:
        return f"{self.benefit} {self.period} of {self.member_id}"


class Booking(models.Model):
    """A member's request for something of which there is a limited number: a service, a seat, a trial."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    benefit = models.CharField(max_length=BENEFIT_CODE, db_collation="C")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=choices(BookingState), default=BookingState.ASKED)
    wanted_at = models.DateTimeField(null=True, help_text="When the member would like it.")
    note = models.CharField(max_length=500, blank=True, help_text="What the member wrote.")
    answer = models.CharField(max_length=500, blank=True, help_text="What the staff answered; the member reads it.")
    form_key = models.UUIDField(unique=True, help_text="Of the form, so that a second press is no second one.")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=BookingState.ASKED.value, answered_at=None)
                | (~Q(state=BookingState.ASKED.value) & Q(answered_at__isnull=False)),
                name="benefits_booking_answered_whole",
            ),
        ]
        indexes = [
            # A member's bookings, latest first.
            models.Index(fields=["member", "-asked_at"], name="benefits_booking_of_member"),
            # What waits for an answer, oldest first.
            models.Index(
                fields=["asked_at"], name="benefits_booking_waiting", condition=Q(state=BookingState.ASKED.value)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.benefit} of {self.member_id} {self.state}"


class Draw(models.Model):
    """A surprise that was drawn: from whom, with which seed and how many won, so that anybody can draw it again."""

    benefit = models.CharField(max_length=BENEFIT_CODE, db_collation="C")
    period = models.CharField(max_length=80, db_collation="C")
    version = models.ForeignKey(BenefitVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    seed = models.CharField(max_length=64, help_text="Hexadecimal; drawn when the draw is held, and kept.")
    members = models.PositiveIntegerField(help_text="How many took part.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the member numbers that took part, by id.")
    winners = models.PositiveIntegerField()
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["benefit", "period"], name="benefits_draw_once_a_period"),
            models.CheckConstraint(condition=Q(winners__lte=F("members")), name="benefits_draw_wins_within_members"),
        ]

    def __str__(self) -> str:
        return f"{self.benefit} {self.period}"
