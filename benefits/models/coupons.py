"""Benefits' tables of coupons: definitions with versioned terms, batches of codes, the coupons, and their counts."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from benefits.enums import BatchState
from benefits.models.matrix import Entitlement
from kit.models import choices
from members.models import Member
from orders.models import money_field

CODE = 40
"""The longest code of a coupon, in characters."""


class CouponDefinition(models.Model):
    """A coupon as the shop knows it; what it is worth stands in its terms, which are versioned."""

    code = models.SlugField(unique=True, max_length=60)
    is_archived = models.BooleanField(default=False, help_text="No more are issued; those that were stay good.")
    created_at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.code


class CouponTerms(models.Model):
    """One version of a coupon's terms. Frozen once published: a coupon keeps the terms that it was issued under."""

    definition = models.ForeignKey(CouponDefinition, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    names = models.JSONField(help_text='{"en": ..., "zh-hans": ..., "zh-hant": ...}')
    terms = models.JSONField(help_text="What benefits.rules.coupons.terms_from reads.")
    published_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="benefits_couponterms_once"),
            models.UniqueConstraint(
                fields=["definition"], condition=Q(published_at=None), name="benefits_couponterms_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition_id} version {self.number}"


class CouponCount(models.Model):
    """What has been used of a definition by everybody together: the row under whose lock its limits hold."""

    definition = models.OneToOneField(
        CouponDefinition, on_delete=models.PROTECT, primary_key=True, related_name="count"
    )
    uses_max = models.PositiveIntegerField(null=True, help_text="Empty: as many as are issued.")
    used = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    budget = money_field(null=True, help_text="How much may be taken off altogether; empty: any amount.")
    spent = money_field(default=0)
    spent_held = money_field(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(uses_max=None) | Q(uses_max__gte=F("used") + F("held")),
                name="benefits_couponcount_uses_within_limit",
            ),
            models.CheckConstraint(
                condition=Q(spent__gte=0, spent_held__gte=0)
                & (Q(budget=None) | Q(budget__gte=F("spent") + F("spent_held"))),
                name="benefits_couponcount_budget_holds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition_id}: {self.used} used"


class MemberCount(models.Model):
    """How often one member has used the coupons of a definition."""

    pk = models.CompositePrimaryKey("member_id", "definition_id")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    definition = models.ForeignKey(CouponDefinition, on_delete=models.PROTECT, related_name="+", db_index=False)
    used = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.definition_id} by {self.member_id}: {self.used}"


class CouponBatch(models.Model):
    """Codes that are made at once: for nobody in particular, or one for each member of a list."""

    terms = models.ForeignKey(CouponTerms, on_delete=models.PROTECT, related_name="batches", db_index=False)
    label = models.CharField(max_length=80, help_text="What it is for, for the staff.")
    prefix = models.CharField(max_length=12, blank=True)
    size = models.PositiveIntegerField()
    made = models.PositiveIntegerField(default=0)
    members = models.JSONField(null=True, help_text="The ids of the members who get one each; empty: for anybody.")
    state = models.CharField(max_length=10, choices=choices(BatchState), default=BatchState.WAITING)
    error = models.TextField(blank=True)
    form_key = models.UUIDField(unique=True)
    actor = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[BatchState.WAITING, BatchState.RUNNING], finished_at=None)
                | Q(state__in=[BatchState.DONE, BatchState.FAILED], finished_at__isnull=False),
                name="benefits_couponbatch_finished_when_over",
            ),
            models.CheckConstraint(condition=Q(made__lte=F("size")), name="benefits_couponbatch_within_size"),
        ]
        indexes = [
            # Batches that are still to be made, or were cut off.
            models.Index(
                fields=["requested_at"],
                name="benefits_couponbatch_open",
                condition=Q(state__in=[BatchState.WAITING.value, BatchState.RUNNING.value]),
            ),
            # The console's list of batches of a definition's terms, latest first.
            models.Index(fields=["terms", "-requested_at"], name="benefits_couponbatch_of_terms"),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.made} of {self.size}"


class Coupon(models.Model):
    """One coupon: a code, the terms it was issued under, for one member or whoever brings it. Valid until ends_at."""

    code = models.CharField(max_length=CODE, db_collation="C", help_text="In capitals.")
    terms = models.ForeignKey(CouponTerms, on_delete=models.PROTECT, related_name="+", db_index=False)
    definition = models.ForeignKey(CouponDefinition, on_delete=models.PROTECT, related_name="+", db_index=False)
    batch = models.ForeignKey(CouponBatch, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    source_key = models.CharField(max_length=300, db_collation="C", help_text="What it was issued for.")
    issued_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, help_text="The first instant at which it is no longer good.")
    uses_max = models.PositiveIntegerField(null=True, default=1, help_text="Empty: any number.")
    used = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True, help_text="When it was last used.")
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            # Not `unique` on the field, which would keep a second index for patterns that nobody looks for.
            models.UniqueConstraint(fields=["code"], name="benefits_coupon_code_once"),
            models.UniqueConstraint(
                fields=["member", "source_key"],
                condition=Q(member__isnull=False),
                name="benefits_coupon_once_a_cause",
            ),
            models.CheckConstraint(
                condition=Q(uses_max=None) | Q(uses_max__gte=F("used") + F("held")),
                name="benefits_coupon_within_uses",
            ),
            # Whatever is typed is looked for in this form; a code in another would never be found.
            models.CheckConstraint(condition=Q(code__regex="^[0-9A-Z]+$"), name="benefits_coupon_code_as_looked_for"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="benefits_coupon_lasts"
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, void_reason="") | (Q(voided_at__isnull=False) & ~Q(void_reason="")),
                name="benefits_coupon_void_with_reason",
            ),
        ]
        indexes = [
            # A member's wallet, and the candidates of his cart: those that are not over yet come first.
            models.Index(
                fields=["member", "ends_at"], name="benefits_coupon_of_member", condition=Q(member__isnull=False)
            ),
            # The coupons of a batch, for its list and its download.
            models.Index(fields=["batch", "id"], name="benefits_coupon_of_batch", condition=Q(batch__isnull=False)),
            # Reports of a definition: issued by time.
            models.Index(fields=["definition", "issued_at"], name="benefits_coupon_issued"),
        ]

    def __str__(self) -> str:
        return self.code
