"""Campaigns' tables of what is done: campaigns, reviews, launches, the frozen audience, budgets, control groups."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from campaigns.enums import CampaignKind, CampaignState, Group, RewardKind, RunState, Verdict
from kit.models import choices
from members.models import Account, Member
from messaging.models import Dispatch


class Campaign(models.Model):
    """Whom to address, with what, when, and what it is to bring about.

    `plan` is what campaigns.rules.plan.plan_from reads; it can be edited until the campaign is started. An edit makes
    another digest, and a review counts for the digest that was read.
    """

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=choices(CampaignKind))
    state = models.CharField(max_length=10, choices=choices(CampaignState), default=CampaignState.DRAFT)
    plan = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the plan.")
    starts_at = models.DateTimeField(null=True, help_text="When it is to start; empty until it is scheduled.")
    ends_at = models.DateTimeField(null=True, help_text="The first instant at which nobody is addressed any more.")
    next_at = models.DateTimeField(null=True, help_text="When the beat is to look at it next.")
    state_reason = models.CharField(max_length=300, blank=True, help_text="Why it was paused; a sentence.")
    author = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in CampaignState])
                & Q(kind__in=[kind.value for kind in CampaignKind]),
                name="campaigns_campaign_state_known",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(starts_at=None) | Q(ends_at__gt=F("starts_at")),
                name="campaigns_campaign_lasts",
            ),
        ]
        indexes = [
            # What the beat starts or goes on with.
            models.Index(
                fields=["next_at"],
                name="campaigns_campaign_due",
                condition=Q(state__in=[CampaignState.SCHEDULED.value, CampaignState.RUNNING.value]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Review(models.Model):
    """A second person's word on a campaign as it was when it was asked for."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="reviews", db_index=False)
    digest = models.CharField(max_length=64, help_text="Of the plan that was read.")
    words = models.CharField(max_length=500, blank=True, help_text="What the asker says.")
    asked_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=choices(Verdict), blank=True)
    answer = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True, help_text="When an edit made it void.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(verdict="", voided_at=None), name="campaigns_review_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="campaigns_review_by_a_second_person"
            ),
            models.CheckConstraint(
                condition=Q(verdict="", decided_by=None, decided_at=None)
                | (~Q(verdict="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="campaigns_review_decided_whole",
            ),
        ]
        indexes = [
            # A campaign's reviews, latest first.
            models.Index(fields=["campaign", "-asked_at"], name="campaigns_review_of_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.verdict or 'waiting'}"


class Run(models.Model):
    """One launch: the plan as it was, its dispatch, and - where variants compete - the decision.

    `occasion` keeps a second launch of the same cause away: empty for one that starts once, the date for one that
    recurs, `open` for one that members enter as something happens.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="runs", db_index=False)
    occasion = models.CharField(max_length=40, db_collation="C", blank=True)
    plan = models.JSONField(help_text="Frozen at launch.")
    state = models.CharField(max_length=10, choices=choices(RunState), default=RunState.RUNNING)
    dispatch = models.OneToOneField(Dispatch, on_delete=models.PROTECT, null=True, related_name="+")
    launched_at = models.DateTimeField()
    looked_upto = models.DateTimeField(null=True, help_text="What sets it going has been looked for up to here.")
    horizon_at = models.DateTimeField(null=True, help_text="When variants are compared, once.")
    decided_at = models.DateTimeField(null=True)
    decision = models.JSONField(default=dict, help_text="What campaigns.rules.experiments decided, with its numbers.")
    finished_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "occasion"], name="campaigns_run_once_per_occasion"),
            models.CheckConstraint(
                condition=Q(decided_at=None) | ~Q(decision={}), name="campaigns_run_decided_with_numbers"
            ),
        ]
        indexes = [
            # Launches that are under way.
            models.Index(fields=["id"], name="campaigns_run_open", condition=Q(finished_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.occasion}".strip()


class Recipient(models.Model):
    """A member of the frozen audience of a launch: addressed with a variant, or kept apart as control.

    `due_at` is when a message reaches him, or would have: the window in which he is watched begins then, for control
    members too. `variant` is empty for those who wait for the decision, and for control.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    occasion = models.CharField(max_length=80, db_collation="C", blank=True, db_default="")
    group = models.CharField(max_length=14, choices=choices(Group))
    variant = models.CharField(max_length=1, blank=True, db_default="")
    due_at = models.DateTimeField()
    tier = models.CharField(max_length=40, blank=True, db_default="", help_text="Held at launch.")
    rewarded_at = models.DateTimeField(null=True)
    reward_refusal = models.CharField(max_length=40, blank=True, db_default="", help_text="Why nothing was given.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "member", "occasion"], name="campaigns_recipient_once"),
            models.CheckConstraint(
                condition=Q(group=Group.TREATED.value) | Q(variant="", rewarded_at=None),
                name="campaigns_recipient_control_gets_nothing",
            ),
        ]
        indexes = [
            # Whom to give a reward next.
            models.Index(
                fields=["run", "due_at", "id"],
                name="campaigns_recipient_unrewarded",
                condition=Q(group=Group.TREATED.value, rewarded_at=None, reward_refusal=""),
            ),
            # A member's campaigns, latest first: his page, attribution.
            models.Index(fields=["member", "-due_at"], name="campaigns_recipient_of_member"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.run_id}"


class Budget(models.Model):
    """How much of one thing a campaign may give, all launches together; the row under whose lock it holds."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="budgets", db_index=False)
    kind = models.CharField(max_length=10, choices=choices(RewardKind))
    most = models.BigIntegerField(help_text="Points, or how many coupons, tiers or tags.")
    spent = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind"], name="campaigns_budget_once"),
            models.CheckConstraint(condition=Q(spent__gte=0, spent__lte=F("most")), name="campaigns_budget_holds"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.campaign_id}"


class ControlGroup(models.Model):
    """A share of all members who get no marketing at all, from an instant to another. Kept for ever.

    Who is in it follows from the salt and the member's id (campaigns.rules.buckets), so new members fall in or out by
    themselves and no row per member is needed.
    """

    number = models.PositiveIntegerField(unique=True)
    share = models.PositiveSmallIntegerField(help_text="Of 10,000 members.")
    salt = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(models.Value(1), condition=Q(ends_at=None), name="campaigns_controlgroup_one_now"),
            models.CheckConstraint(
                condition=Q(share__gte=1, share__lte=1500), name="campaigns_controlgroup_share_within_bounds"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="campaigns_controlgroup_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return f"control group {self.number}"
