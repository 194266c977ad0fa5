"""Points' tables of the rules: versions of the policy, what its earning rules gave, and what a draft would change."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now

from kit.models import choices
from members.models import Member
from points.enums import PreviewState

RULE_CODE = 60
"""The longest code of an earning rule, in characters."""


class PolicyVersion(models.Model):
    """The rules by which points are earned, kept and spent: a draft, or published and frozen from then on."""

    number = models.PositiveIntegerField(unique=True)
    effective_on = models.DateField(help_text="The first business date it is in force.")
    terms = models.JSONField(help_text="What points.rules.policy_from_terms reads.")
    note = models.JSONField(default=dict, help_text="What changes, as members are told: {language: text}.")
    published_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(Value(1), condition=Q(published_at=None), name="points_policyversion_one_draft"),
        ]
        indexes = [
            # The version in force on a date.
            models.Index(fields=["-effective_on", "-number"], name="points_policyversion_in_force"),
        ]

    def __str__(self) -> str:
        return f"policy {self.number}"


class PolicyPreview(models.Model):
    """What a draft would have done to the shop's own history, worked out once and kept with the version."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="previews")
    months = models.PositiveSmallIntegerField(help_text="How much history is replayed.")
    state = models.CharField(max_length=10, choices=choices(PreviewState), default=PreviewState.WAITING)
    terms_digest = models.BinaryField(max_length=32, help_text="SHA-256 of the draft's terms that were replayed.")
    members_done = models.PositiveIntegerField(default=0)
    members_total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    actor = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[PreviewState.WAITING, PreviewState.RUNNING], finished_at=None)
                | Q(state__in=[PreviewState.DONE, PreviewState.FAILED], finished_at__isnull=False),
                name="points_policypreview_finished_when_over",
            ),
            models.CheckConstraint(condition=Q(months__gte=1), name="points_policypreview_looks_back"),
        ]
        indexes = [
            # The latest preview of a draft.
            models.Index(fields=["version", "-id"], name="points_policypreview_latest"),
        ]

    def __str__(self) -> str:
        return f"preview {self.pk} of {self.version_id}"


class Earning(models.Model):
    """How an order or event that rules or caps look at was first booked, so that a later return is worked out alike.

    Only deeds of a policy with earning rules or caps have one; the facts stay, what came of them follows the edits.
    """

    pk = models.CompositePrimaryKey("member_id", "deed_key")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    deed_key = models.CharField(max_length=1400, db_collation="C", help_text="Of the order or the event.")
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    facts = models.JSONField(help_text="What points.rules.circumstances reads: facts of the deed, what caps had left.")
    desired = models.BigIntegerField(help_text="What the whole deed would earn without caps.")
    awarded = models.BigIntegerField(help_text="What the whole deed earns.")
    unfired = models.JSONField(default=list, help_text="Steps: the rules that gave nothing, and why.")
    grown = models.JSONField(default=list, help_text="Steps to its growth value, where rules of that were asked.")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(awarded__gte=0, desired__gte=F("awarded")), name="points_earning_within_desired"
            ),
        ]

    def __str__(self) -> str:
        return self.deed_key


class RuleUse(models.Model):
    """What an earning rule gave to a member with one deed, or got back by a return. Append-only in the database.

    A return counts on the date of what it undoes, so that the cap of that time has room again. The rule * is all that
    the member earned.
    """

    pk = models.CompositePrimaryKey("member_id", "rule", "source_key")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    rule = models.CharField(max_length=RULE_CODE)
    source_key = models.CharField(max_length=1400, db_collation="C")
    counts_on = models.DateField()
    points = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(points=0), name="points_ruleuse_moves_something"),
        ]
        indexes = [
            # What a member's caps have left on a date.
            models.Index(fields=["member", "rule", "counts_on"], include=["points"], name="points_ruleuse_of_member"),
            # What each rule gave lately.
            models.Index(fields=["rule", "counts_on"], include=["points"], name="points_ruleuse_of_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.points} ({self.source_key})"


class RuleBudget(models.Model):
    """One of the slots into which a budget is cut, so that members who earn at once do not wait for each other."""

    pk = models.CompositePrimaryKey("rule", "slot")
    rule = models.CharField(max_length=RULE_CODE)
    slot = models.PositiveSmallIntegerField()
    limit = models.BigIntegerField()
    used = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(used__gte=0, used__lte=F("limit")), name="points_rulebudget_holds"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} slot {self.slot}: {self.used} of {self.limit}"
