"""Tiers' tables: ladders and their versions, standings, decisions."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kit.models import choices
from members.models import Member
from orders.models import money_field
from points.enums import PreviewState
from tiers.enums import AtEnd, DecisionKind, HoldKind, Join, Look, OnRefund, Rounding, Start, Verdict, Window


class Ladder(models.Model):
    """A ladder of tiers; the starter has one, `main`."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.code


class LadderVersion(models.Model):
    """The settings of a ladder from a date on. Frozen once published, with its tiers.

    What each setting means is said by tiers.rules.LadderTerms.
    """

    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    effective_on = models.DateField()
    window = models.CharField(max_length=12, choices=choices(Window), db_default=Window.ROLLING.value)
    window_days = models.PositiveIntegerField(
        help_text="Business dates that count, up to and including the evaluation; 0 where the window is not rolling."
    )
    start = models.CharField(max_length=12, choices=choices(Start), db_default=Start.AT_ONCE.value)
    validity_months = models.PositiveSmallIntegerField()
    rounding = models.CharField(max_length=12, choices=choices(Rounding), db_default=Rounding.SAME_DATE.value)
    at_end = models.CharField(max_length=12, choices=choices(AtEnd), db_default=AtEnd.TO_EARNED.value)
    grace_days = models.PositiveSmallIntegerField()
    grace_rounds_up = models.BooleanField(db_default=False, help_text="Grace runs to the end of its month.")
    protection_days = models.PositiveSmallIntegerField(db_default=0)
    on_refund = models.CharField(max_length=12, choices=choices(OnRefund), db_default=OnRefund.HOLD.value)
    notice_days = models.PositiveSmallIntegerField(
        db_default=0, help_text="Nobody falls under this version before so many days after it began."
    )
    courtesies_a_month = models.PositiveSmallIntegerField(
        db_default=10, help_text="How often one of the staff may extend a validity in a calendar month."
    )
    note = models.JSONField(default=dict, db_default={}, help_text="What members are told of it, by language.")
    published_at = models.DateTimeField(null=True)
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ladder", "number"], name="tiers_ladderversion_once"),
            models.CheckConstraint(
                condition=Q(validity_months__gte=1)
                & (
                    Q(window=Window.ROLLING.value, window_days__gte=1)
                    | (~Q(window=Window.ROLLING.value) & Q(window_days=0))
                ),
                name="tiers_ladderversion_settings_sane",
            ),
            models.UniqueConstraint(
                fields=["ladder"], condition=Q(published_at=None), name="tiers_ladderversion_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ladder_id} version {self.number}"


def _count() -> "models.PositiveIntegerField[int | None, int | None]":
    return models.PositiveIntegerField(null=True)


def _join() -> "models.CharField[str, str]":
    return models.CharField(max_length=3, choices=choices(Join), db_default=Join.ANY.value)


class Tier(models.Model):
    """One rung: rank 0 is what everybody has; a threshold that is empty is no way to reach it.

    What is asked to re-enter is what is asked to reach, unless `has_re_entry`.
    """

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="tiers")
    rank = models.PositiveSmallIntegerField()
    code = models.SlugField(max_length=40)
    names = models.JSONField(help_text='{"en": ..., "zh-hans": ..., "zh-hant": ...}')
    look = models.CharField(max_length=10, choices=choices(Look))
    icon = models.CharField(max_length=30)
    multiplier = models.DecimalField(max_digits=6, decimal_places=3, help_text="Points per currency unit.")
    reach_spend = money_field(null=True)
    reach_orders = _count()
    reach_growth = _count()
    reach_active_days = _count()
    reach_years = _count()
    reach_referrals = _count()
    reach_join = _join()
    keep_spend = money_field(null=True)
    keep_orders = _count()
    keep_growth = _count()
    keep_active_days = _count()
    keep_years = _count()
    keep_referrals = _count()
    keep_join = _join()
    has_re_entry = models.BooleanField(db_default=False)
    re_enter_spend = money_field(null=True)
    re_enter_orders = _count()
    re_enter_growth = _count()
    re_enter_active_days = _count()
    re_enter_years = _count()
    re_enter_referrals = _count()
    re_enter_join = _join()
    never_lost = models.BooleanField(db_default=False)
    by_invitation = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "rank"], name="tiers_tier_rank_once"),
            models.UniqueConstraint(fields=["version", "code"], name="tiers_tier_code_once"),
            models.CheckConstraint(condition=Q(multiplier__gte=0), name="tiers_tier_multiplier_not_negative"),
        ]

    def __str__(self) -> str:
        return self.code


class LadderPreview(models.Model):
    """What a draft that begins on a date would make of everybody, worked out once and kept with the version.

    The database refuses to change one that is over, and any of a published version.
    """

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="previews", db_index=False)
    effective_on = models.DateField(help_text="The date on which the draft was taken to begin.")
    state = models.CharField(max_length=10, choices=choices(PreviewState), default=PreviewState.WAITING)
    terms_digest = models.BinaryField(max_length=32, help_text="SHA-256 of what the draft asked and gave.")
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
                name="tiers_ladderpreview_finished_when_over",
            ),
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(state__in=[PreviewState.WAITING, PreviewState.RUNNING]),
                name="tiers_ladderpreview_one_open",
            ),
        ]
        indexes = [
            # The latest preview of a version.
            models.Index(fields=["version", "-id"], name="tiers_ladderpreview_latest"),
        ]

    def __str__(self) -> str:
        return f"preview {self.pk} of {self.version_id}"


class Standing(models.Model):
    """Where a member stands on a ladder now: the outcome of the last decision, and the window's sums for lists.

    While he holds a tier that was given (`hold_kind`), tier, since and until are of that, and `earned_` are of the
    tier he has earned beneath it. `granted_by` is what raised him to that, `_before` where he stood before.
    """

    pk = models.CompositePrimaryKey("member_id", "ladder_id")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="standings", db_index=False)
    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="+", db_index=False)
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+", db_index=False)
    rank = models.PositiveSmallIntegerField()
    since_date = models.DateField()
    until_date = models.DateField(null=True, help_text="The last date it is valid; empty on the lowest tier.")
    grace_date = models.DateField(null=True, help_text="The last date of grace, once validity has ended.")
    spend = money_field(default=0)
    orders = models.IntegerField(default=0)
    growth = models.BigIntegerField(default=0)
    counted_on = models.DateField(
        null=True, help_text="The date whose window an event summed last; the sums of nights and imports have none."
    )
    seq = models.IntegerField(help_text="Number of the last decision.")
    decided_at = models.DateTimeField()
    highest_rank = models.PositiveSmallIntegerField(db_default=0)
    granted_by = models.CharField(max_length=1400, db_collation="C", blank=True, db_default="")
    rank_before = models.PositiveSmallIntegerField(db_default=0)
    until_before_date = models.DateField(null=True)
    next_tier = models.ForeignKey(Tier, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    next_date = models.DateField(null=True, help_text="The date on which the next tier begins.")
    next_cause = models.CharField(max_length=1400, db_collation="C", blank=True, db_default="")
    hold_kind = models.CharField(max_length=10, choices=choices(HoldKind), blank=True, db_default="")
    earned_tier = models.ForeignKey(Tier, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    earned_since_date = models.DateField(null=True)
    earned_until_date = models.DateField(null=True)
    earned_grace_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rank=0, until_date=None, grace_date=None) | Q(rank__gt=0, until_date__isnull=False),
                name="tiers_standing_lowest_never_ends",
            ),
            models.CheckConstraint(
                condition=Q(grace_date=None) | Q(grace_date__gte=models.F("until_date")),
                name="tiers_standing_grace_after_validity",
            ),
            models.CheckConstraint(
                condition=Q(hold_kind="", earned_tier=None, earned_since_date=None)
                | Q(
                    hold_kind__in=[kind.value for kind in HoldKind],
                    until_date__isnull=False,
                    grace_date=None,
                    earned_tier__isnull=False,
                    earned_since_date__isnull=False,
                ),
                name="tiers_standing_hold_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(next_tier=None, next_date=None) | Q(next_tier__isnull=False, next_date__isnull=False),
                name="tiers_standing_next_is_whole",
            ),
        ]
        indexes = [
            # recalculate: ends of validity and of grace that are due.
            models.Index(
                fields=["ladder", "until_date", "member"],
                name="tiers_standing_ending",
                condition=Q(until_date__isnull=False),
            ),
            # The console's list by tier and by spend.
            models.Index(fields=["tier", "-spend", "member"], name="tiers_standing_by_tier"),
            # The console's list by spend.
            models.Index(fields=["ladder", "-spend", "member"], name="tiers_standing_by_spend"),
            # recalculate: upgrades that begin.
            models.Index(
                fields=["ladder", "next_date"], name="tiers_standing_beginning", condition=Q(next_date__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} on rank {self.rank}"


class Decision(models.Model):
    """One decision with its inputs and its reason, kept for ever: UPDATE and DELETE are refused by the database."""

    pk = models.CompositePrimaryKey("member_id", "ladder_id", "seq")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.IntegerField()
    kind = models.CharField(max_length=10, choices=choices(DecisionKind))
    at = models.DateTimeField()
    business_date = models.DateField()
    from_tier = models.ForeignKey(Tier, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    to_tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+", db_index=False)
    until_before = models.DateField(null=True)
    until_date = models.DateField(null=True)
    grace_date = models.DateField(null=True)
    spend = money_field()
    orders = models.IntegerField()
    growth = models.BigIntegerField()
    reached_by = models.CharField(
        max_length=12, blank=True, help_text="The metric that reached it: spend, orders, growth, ...; or all."
    )
    threshold = money_field(null=True, help_text="What that metric had to reach.")
    window_starts_date = models.DateField()
    cause = models.CharField(max_length=1400, db_collation="C", help_text="A source key, or night:DATE.")
    actor = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(db_default=Now())
    since_date = models.DateField(null=True, help_text="Since when the tier is held; unknown of old decisions.")
    next_tier = models.ForeignKey(Tier, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    next_date = models.DateField(null=True)
    hold_kind = models.CharField(max_length=10, choices=choices(HoldKind), blank=True, db_default="")
    reason = models.CharField(max_length=500, blank=True, db_default="", help_text="Why a person decided it.")
    asked = models.JSONField(
        default=list, db_default=[], help_text="[metric, threshold, had] of what the columns do not say."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "ladder", "cause", "kind"], name="tiers_decision_once_per_cause"),
            models.CheckConstraint(condition=Q(seq__gt=0), name="tiers_decision_seq_counts_up"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in DecisionKind]), name="tiers_decision_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind=DecisionKind.GRANTED.value)
                | (
                    ~Q(reason="")
                    & Q(until_date__isnull=False, hold_kind__in=[kind.value for kind in HoldKind])
                    & ~Q(actor="")
                ),
                name="tiers_decision_given_with_reason_and_end",
            ),
        ]
        indexes = [
            # Tiers up and down by night: overview and reports.
            models.Index(fields=["business_date", "kind"], name="tiers_decision_by_date"),
            # close_liability: what was decided since the last closing.
            BrinIndex(fields=["recorded_at"], pages_per_range=16, name="tiers_decision_by_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.member_id} on {self.business_date}"


class HeldFall(models.Model):
    """Who would fall in a night that waits for a person, and to which tier; replaced when that night is run again."""

    pk = models.CompositePrimaryKey("ladder_id", "member_id", "date")
    ladder = models.ForeignKey(Ladder, on_delete=models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    date = models.DateField(help_text="The date on whose night he would fall.")
    from_tier = models.ForeignKey(Tier, on_delete=models.CASCADE, related_name="+", db_index=False)
    to_tier = models.ForeignKey(Tier, on_delete=models.CASCADE, related_name="+", db_index=False)
    spend = money_field()
    orders = models.IntegerField()
    growth = models.BigIntegerField()

    class Meta:
        indexes = [
            # The list to approve: the best customers first.
            models.Index(fields=["-spend", "member"], name="tiers_heldfall_largest"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} on {self.date}"


class FallNotice(models.Model):
    """A warning that is due because a tier would be lost: from when, to what, and the least that keeps it.

    `ways` is a list of {"more": [[metric, amount], ...], "since": date, "by": date}. Sent by messaging.
    """

    pk = models.CompositePrimaryKey("member_id", "ladder_id", "ends_on", "days_before")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="+", db_index=False)
    ends_on = models.DateField(help_text="The last date on which it can be kept: of validity, of grace, of a gift.")
    days_before = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="+", db_index=False)
    falls_on = models.DateField(help_text="The last date on which it is held, later where grace follows.")
    ways = models.JSONField(default=list, db_default=[])

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(due_on__lt=models.F("ends_on")), name="tiers_fallnotice_before_the_end"),
            models.CheckConstraint(
                condition=Q(falls_on__gte=models.F("ends_on")), name="tiers_fallnotice_falls_after_its_end"
            ),
            models.CheckConstraint(condition=~Q(tier=models.F("to_tier")), name="tiers_fallnotice_of_a_change"),
        ]
        indexes = [
            # Messaging: the warnings of a date.
            models.Index(fields=["due_on", "member"], name="tiers_fallnotice_due"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} until {self.ends_on}"


class Challenge(models.Model):
    """A member who thinks that a decision is wrong, in his words, and what the staff answer.

    What was asked never changes, and is answered once: any other UPDATE, and DELETE, are refused by the database. The
    decision is referenced by the database too (tiers_challenge_decision).
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.IntegerField(help_text="The number of the decision.")
    words = models.CharField(max_length=1000)
    opened_at = models.DateTimeField()
    actor = models.CharField(max_length=80, help_text="Who asked.")
    verdict = models.CharField(max_length=10, choices=choices(Verdict), blank=True, db_default="")
    answer = models.CharField(max_length=1000, blank=True, db_default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=80, blank=True, db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "ladder", "seq"], condition=Q(answered_at=None), name="tiers_challenge_one_open"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="tiers_challenge_in_words"),
            models.CheckConstraint(
                condition=Q(verdict="", answer="", answered_at=None, answered_by="")
                | (
                    Q(verdict__in=[verdict.value for verdict in Verdict])
                    & Q(answered_at__isnull=False, answered_at__gte=models.F("opened_at"))
                    & ~Q(answer="")
                    & ~Q(answered_by="")
                ),
                name="tiers_challenge_answer_is_whole",
            ),
        ]
        indexes = [
            # The console's list: those that wait, the oldest first.
            models.Index(fields=["opened_at", "id"], name="tiers_challenge_waiting", condition=Q(answered_at=None)),
            # The console's list: those that were answered, the latest first.
            models.Index(
                fields=["-answered_at", "-id"], name="tiers_challenge_answered", condition=Q(answered_at__isnull=False)
            ),
            # The member's page: his questions by decision.
            models.Index(fields=["member", "ladder", "seq"], name="tiers_challenge_of_decision"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} on decision {self.seq}"


class Closing(models.Model):
    """A business date whose liability the night has counted: the last one, and the ends of months with their cohorts.

    Where something is booked later that belongs to a date up to it, the next night counts it anew.
    """

    date = models.DateField(primary_key=True)
    counted_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"the end of {self.date}"


class ClosingPart(models.Model):
    """Points outstanding at a closing, of one tier held then and one source, that lapse in one month; debt is negative.

    What points.rules.liability.Part says; replaced with its closing, and read as a whole.
    """

    closing = models.ForeignKey(Closing, on_delete=models.CASCADE, related_name="parts", db_index=False)
    tier = models.CharField(max_length=40)
    source = models.CharField(max_length=110, db_collation="C")
    lapses = models.DateField(null=True, help_text="The first date of the month; empty for debt.")
    is_pending = models.BooleanField()
    points = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["closing", "tier", "source", "lapses", "is_pending"],
                nulls_distinct=False,
                name="tiers_closingpart_once",
            ),
            models.CheckConstraint(
                condition=Q(lapses=None, is_pending=False, points__lt=0) | Q(lapses__isnull=False, points__gt=0),
                name="tiers_closingpart_held_or_owed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} of {self.source} on {self.tier}"


class ClosingCohort(models.Model):
    """What one month did to the points that became active in one month, counted at the closing of a later month.

    What points.rules.breakage.CohortFlow says; replaced with its closing, and read as a whole.
    """

    closing = models.ForeignKey(Closing, on_delete=models.CASCADE, related_name="cohorts", db_index=False)
    cohort = models.DateField()
    month = models.DateField()
    earned = models.BigIntegerField()
    redeemed = models.BigIntegerField()
    expired = models.BigIntegerField()
    last = models.DateField(help_text="The latest date on which any of the cohort's lots ends.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["closing", "cohort", "month"], name="tiers_closingcohort_once"),
            models.CheckConstraint(
                condition=Q(cohort__day=1, month__day=1, month__gte=models.F("cohort")),
                name="tiers_closingcohort_by_month",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cohort} in {self.month}"
