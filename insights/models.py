"""Insights' tables: the stage of each member's life-cycle, how it changed, and the days by which it is told."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from insights.enums import Stage
from kit.models import choices
from members.models import Member

STAGES = [stage.value for stage in Stage]


class LifecycleRules(models.Model):
    """By how many days the stages are told apart, from a date on. Append-only in the database; the latest holds."""

    number = models.PositiveIntegerField(unique=True)
    effective_on = models.DateField(help_text="The first business date whose night tells by it.")
    new_days = models.PositiveSmallIntegerField()
    sleeping_days = models.PositiveSmallIntegerField()
    lapsed_days = models.PositiveSmallIntegerField()
    won_back_days = models.PositiveSmallIntegerField()
    actor = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sleeping_days__gte=1, lapsed_days__gt=F("sleeping_days")),
                name="insights_lifecyclerules_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"life-cycle rules {self.number}"


class Lifecycle(models.Model):
    """The stage of a member as of the last night; `asleep_on` is when he falls asleep if he does nothing."""

    member = models.OneToOneField(Member, on_delete=models.PROTECT, primary_key=True, related_name="+")
    stage = models.CharField(max_length=10, choices=choices(Stage))
    since_date = models.DateField()
    active_on = models.DateField(help_text="The last order or deed of his own; without one the date he joined.")
    asleep_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=STAGES), name="insights_lifecycle_stage_known"),
        ]
        indexes = [
            # Lists and counts by stage, paged by key.
            models.Index(fields=["stage", "member"], name="insights_lifecycle_by_stage"),
            # Who will fall asleep soon.
            models.Index(
                fields=["asleep_on", "member"],
                name="insights_lifecycle_drowsy",
                condition=~Q(stage__in=[Stage.SLEEPING.value, Stage.LAPSED.value]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.stage}"


class StageChange(models.Model):
    """A change of a member's stage by a night. Append-only in the database."""

    pk = models.CompositePrimaryKey("member_id", "changed_on")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    changed_on = models.DateField()
    was = models.CharField(max_length=10, choices=choices(Stage), blank=True)
    becomes = models.CharField(max_length=10, choices=choices(Stage))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(becomes__in=STAGES) & ~Q(was=F("becomes")), name="insights_stagechange_changes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.becomes} on {self.changed_on}"
