"""All of 0001_initial to 0012_erasable in one step, for a new database: tables as they are by then, and the SQL of the older files."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import points.enums
from kit import guards
from kit.tables import at_once


class Migration(migrations.Migration):
    replaces = [
        ("tiers", "0001_initial"),
        ("tiers", "0002_guards"),
        ("tiers", "0003_closing"),
        ("tiers", "0004_full_ladder"),
        ("tiers", "0005_indexes"),
        ("tiers", "0006_ladder_previews"),
        ("tiers", "0007_ahead"),
        ("tiers", "0008_undo"),
        ("tiers", "0009_ends"),
        ("tiers", "0010_counted_on"),
        ("tiers", "0011_standings"),
        ("tiers", "0012_erasable"),
    ]

    initial = True

    dependencies = [
        ("kit", "0004_erasable"),
        ("members", "0005_time_zone"),
    ]

    operations = at_once(
        migrations.CreateModel(
            name="Ladder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name="LadderVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("effective_on", models.DateField()),
                (
                    "window_days",
                    models.PositiveIntegerField(
                        help_text="Business dates that count, up to and including the evaluation; 0 where the window is not rolling."
                    ),
                ),
                ("grace_days", models.PositiveSmallIntegerField()),
                ("published_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=80)),
                (
                    "ladder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="tiers.ladder"
                    ),
                ),
                ("validity_months", models.PositiveSmallIntegerField()),
                (
                    "at_end",
                    models.CharField(
                        choices=[("never", "never"), ("one_step", "one_step"), ("to_earned", "to_earned")],
                        db_default="to_earned",
                        max_length=12,
                    ),
                ),
                (
                    "courtesies_a_month",
                    models.PositiveSmallIntegerField(
                        db_default=10, help_text="How often one of the staff may extend a validity in a calendar month."
                    ),
                ),
                (
                    "grace_rounds_up",
                    models.BooleanField(db_default=False, help_text="Grace runs to the end of its month."),
                ),
                (
                    "note",
                    models.JSONField(
                        db_default={}, default=dict, help_text="What members are told of it, by language."
                    ),
                ),
                (
                    "notice_days",
                    models.PositiveSmallIntegerField(
                        db_default=0, help_text="Nobody falls under this version before so many days after it began."
                    ),
                ),
                (
                    "on_refund",
                    models.CharField(
                        choices=[("hold", "hold"), ("re_evaluate", "re_evaluate")], db_default="hold", max_length=12
                    ),
                ),
                ("protection_days", models.PositiveSmallIntegerField(db_default=0)),
                (
                    "rounding",
                    models.CharField(
                        choices=[("same_date", "same_date"), ("month", "month"), ("year", "year")],
                        db_default="same_date",
                        max_length=12,
                    ),
                ),
                (
                    "start",
                    models.CharField(
                        choices=[("at_once", "at_once"), ("next_period", "next_period")],
                        db_default="at_once",
                        max_length=12,
                    ),
                ),
                (
                    "window",
                    models.CharField(
                        choices=[
                            ("rolling", "rolling"),
                            ("calendar", "calendar"),
                            ("membership", "membership"),
                            ("lifetime", "lifetime"),
                        ],
                        db_default="rolling",
                        max_length=12,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("ladder", "number"), name="tiers_ladderversion_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("validity_months__gte", 1),
                            models.Q(
                                models.Q(("window", "rolling"), ("window_days__gte", 1)),
                                models.Q(models.Q(("window", "rolling"), _negated=True), ("window_days", 0)),
                                _connector="OR",
                            ),
                        ),
                        name="tiers_ladderversion_settings_sane",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("published_at", None)),
                        fields=("ladder",),
                        name="tiers_ladderversion_one_draft",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveSmallIntegerField()),
                ("code", models.SlugField(max_length=40)),
                ("names", models.JSONField(help_text='{"en": ..., "zh-hans": ..., "zh-hant": ...}')),
                (
                    "look",
                    models.CharField(
                        choices=[
                            ("bronze", "bronze"),
                            ("silver", "silver"),
                            ("gold", "gold"),
                            ("diamond", "diamond"),
                            ("jade", "jade"),
                            ("rose", "rose"),
                            ("graphite", "graphite"),
                            ("onyx", "onyx"),
                        ],
                        max_length=10,
                    ),
                ),
                ("icon", models.CharField(max_length=30)),
                (
                    "multiplier",
                    models.DecimalField(decimal_places=3, help_text="Points per currency unit.", max_digits=6),
                ),
                ("reach_spend", models.DecimalField(decimal_places=3, max_digits=16, null=True)),
                ("reach_orders", models.PositiveIntegerField(null=True)),
                ("reach_growth", models.PositiveIntegerField(null=True)),
                ("keep_spend", models.DecimalField(decimal_places=3, max_digits=16, null=True)),
                ("keep_orders", models.PositiveIntegerField(null=True)),
                ("keep_growth", models.PositiveIntegerField(null=True)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tiers", to="tiers.ladderversion"
                    ),
                ),
                ("by_invitation", models.BooleanField(db_default=False)),
                ("has_re_entry", models.BooleanField(db_default=False)),
                ("keep_active_days", models.PositiveIntegerField(null=True)),
                (
                    "keep_join",
                    models.CharField(choices=[("any", "any"), ("all", "all")], db_default="any", max_length=3),
                ),
                ("keep_referrals", models.PositiveIntegerField(null=True)),
                ("keep_years", models.PositiveIntegerField(null=True)),
                ("never_lost", models.BooleanField(db_default=False)),
                ("re_enter_active_days", models.PositiveIntegerField(null=True)),
                ("re_enter_growth", models.PositiveIntegerField(null=True)),
                (
                    "re_enter_join",
                    models.CharField(choices=[("any", "any"), ("all", "all")], db_default="any", max_length=3),
                ),
                ("re_enter_orders", models.PositiveIntegerField(null=True)),
                ("re_enter_referrals", models.PositiveIntegerField(null=True)),
                ("re_enter_spend", models.DecimalField(decimal_places=3, max_digits=16, null=True)),
                ("re_enter_years", models.PositiveIntegerField(null=True)),
                ("reach_active_days", models.PositiveIntegerField(null=True)),
                (
                    "reach_join",
                    models.CharField(choices=[("any", "any"), ("all", "all")], db_default="any", max_length=3),
                ),
                ("reach_referrals", models.PositiveIntegerField(null=True)),
                ("reach_years", models.PositiveIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "rank"), name="tiers_tier_rank_once"),
                    models.UniqueConstraint(fields=("version", "code"), name="tiers_tier_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(("multiplier__gte", 0)), name="tiers_tier_multiplier_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Standing",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "ladder_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField()),
                ("since_date", models.DateField()),
                (
                    "until_date",
                    models.DateField(help_text="The last date it is valid; empty on the lowest tier.", null=True),
                ),
                (
                    "grace_date",
                    models.DateField(help_text="The last date of grace, once validity has ended.", null=True),
                ),
                ("spend", models.DecimalField(decimal_places=3, default=0, max_digits=16)),
                ("orders", models.IntegerField(default=0)),
                ("growth", models.BigIntegerField(default=0)),
                ("seq", models.IntegerField(help_text="Number of the last decision.")),
                ("decided_at", models.DateTimeField()),
                (
                    "ladder",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tiers.ladder"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standings",
                        to="members.member",
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tiers.tier"
                    ),
                ),
                ("earned_grace_date", models.DateField(null=True)),
                ("earned_since_date", models.DateField(null=True)),
                (
                    "earned_tier",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tiers.tier",
                    ),
                ),
                ("earned_until_date", models.DateField(null=True)),
                ("granted_by", models.CharField(blank=True, db_collation="C", db_default="", max_length=1400)),
                ("highest_rank", models.PositiveSmallIntegerField(db_default=0)),
                (
                    "hold_kind",
                    models.CharField(
                        blank=True,
                        choices=[("manual", "manual"), ("promotion", "promotion"), ("invitation", "invitation")],
                        db_default="",
                        max_length=10,
                    ),
                ),
                ("next_cause", models.CharField(blank=True, db_collation="C", db_default="", max_length=1400)),
                ("next_date", models.DateField(help_text="The date on which the next tier begins.", null=True)),
                (
                    "next_tier",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tiers.tier",
                    ),
                ),
                ("rank_before", models.PositiveSmallIntegerField(db_default=0)),
                ("until_before_date", models.DateField(null=True)),
                (
                    "counted_on",
                    models.DateField(
                        help_text="The date whose window an event summed last; the sums of nights and imports have none.",
                        null=True,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["tier", "-spend", "member"], name="tiers_standing_by_tier"),
                    models.Index(fields=["ladder", "-spend", "member"], name="tiers_standing_by_spend"),
                    models.Index(
                        condition=models.Q(("next_date__isnull", False)),
                        fields=["ladder", "next_date"],
                        name="tiers_standing_beginning",
                    ),
                    models.Index(
                        condition=models.Q(("until_date__isnull", False)),
                        fields=["ladder", "until_date", "member"],
                        name="tiers_standing_ending",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("grace_date", None), ("rank", 0), ("until_date", None)),
                            models.Q(("rank__gt", 0), ("until_date__isnull", False)),
                            _connector="OR",
                        ),
                        name="tiers_standing_lowest_never_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("grace_date", None), ("grace_date__gte", models.F("until_date")), _connector="OR"
                        ),
                        name="tiers_standing_grace_after_validity",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("earned_since_date", None), ("earned_tier", None), ("hold_kind", "")),
                            models.Q(
                                ("earned_since_date__isnull", False),
                                ("earned_tier__isnull", False),
                                ("grace_date", None),
                                ("hold_kind__in", ["manual", "promotion", "invitation"]),
                                ("until_date__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="tiers_standing_hold_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("next_date", None), ("next_tier", None)),
                            models.Q(("next_date__isnull", False), ("next_tier__isnull", False)),
                            _connector="OR",
                        ),
                        name="tiers_standing_next_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "ladder_id", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seq", models.IntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("joined", "joined"),
                            ("upgrade", "upgrade"),
                            ("scheduled", "scheduled"),
                            ("withdrawn", "withdrawn"),
                            ("renewal", "renewal"),
                            ("extended", "extended"),
                            ("grace", "grace"),
                            ("downgrade", "downgrade"),
                            ("revalued", "revalued"),
                            ("granted", "granted"),
                            ("ended", "ended"),
                            ("restored", "restored"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("business_date", models.DateField()),
                ("until_before", models.DateField(null=True)),
                ("until_date", models.DateField(null=True)),
                ("grace_date", models.DateField(null=True)),
                ("spend", models.DecimalField(decimal_places=3, max_digits=16)),
                ("orders", models.IntegerField()),
                ("growth", models.BigIntegerField()),
                (
                    "reached_by",
                    models.CharField(
                        blank=True,
                        help_text="The metric that reached it: spend, orders, growth, ...; or all.",
                        max_length=12,
                    ),
                ),
                (
                    "threshold",
                    models.DecimalField(
                        decimal_places=3, help_text="What that metric had to reach.", max_digits=16, null=True
                    ),
                ),
                ("window_starts_date", models.DateField()),
                (
                    "cause",
                    models.CharField(db_collation="C", help_text="A source key, or night:DATE.", max_length=1400),
                ),
                ("actor", models.CharField(max_length=80)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "ladder",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tiers.ladder"
                    ),
                ),
                (
                    "from_tier",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tiers.tier",
                    ),
                ),
                (
                    "to_tier",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tiers.tier"
                    ),
                ),
                (
                    "asked",
                    models.JSONField(
                        db_default=[],
                        default=list,
                        help_text="[metric, threshold, had] of what the columns do not say.",
                    ),
                ),
                (
                    "hold_kind",
                    models.CharField(
                        blank=True,
                        choices=[("manual", "manual"), ("promotion", "promotion"), ("invitation", "invitation")],
                        db_default="",
                        max_length=10,
                    ),
                ),
                ("next_date", models.DateField(null=True)),
                (
                    "next_tier",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tiers.tier",
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, db_default="", help_text="Why a person decided it.", max_length=500),
                ),
                (
                    "since_date",
                    models.DateField(help_text="Since when the tier is held; unknown of old decisions.", null=True),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["business_date", "kind"], name="tiers_decision_by_date"),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["recorded_at"], name="tiers_decision_by_recorded", pages_per_range=16
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("member", "ladder", "cause", "kind"), name="tiers_decision_once_per_cause"
                    ),
                    models.CheckConstraint(condition=models.Q(("seq__gt", 0)), name="tiers_decision_seq_counts_up"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "granted"), _negated=True),
                            models.Q(
                                models.Q(("reason", ""), _negated=True),
                                ("hold_kind__in", ["manual", "promotion", "invitation"]),
                                ("until_date__isnull", False),
                                models.Q(("actor", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="tiers_decision_given_with_reason_and_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "joined",
                                    "upgrade",
                                    "scheduled",
                                    "withdrawn",
                                    "renewal",
                                    "extended",
                                    "grace",
                                    "downgrade",
                                    "revalued",
                                    "granted",
                                    "ended",
                                    "restored",
                                ],
                            )
                        ),
                        name="tiers_decision_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Closing",
            fields=[
                ("date", models.DateField(primary_key=True, serialize=False)),
                ("counted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="ClosingPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tier", models.CharField(max_length=40)),
                ("source", models.CharField(db_collation="C", max_length=110)),
                ("lapses", models.DateField(help_text="The first date of the month; empty for debt.", null=True)),
                ("is_pending", models.BooleanField()),
                ("points", models.BigIntegerField()),
                (
                    "closing",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="tiers.closing",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("closing", "tier", "source", "lapses", "is_pending"),
                        name="tiers_closingpart_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_pending", False), ("lapses", None), ("points__lt", 0)),
                            models.Q(("lapses__isnull", False), ("points__gt", 0)),
                            _connector="OR",
                        ),
                        name="tiers_closingpart_held_or_owed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosingCohort",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cohort", models.DateField()),
                ("month", models.DateField()),
                ("earned", models.BigIntegerField()),
                ("redeemed", models.BigIntegerField()),
                ("expired", models.BigIntegerField()),
                ("last", models.DateField(help_text="The latest date on which any of the cohort's lots ends.")),
                (
                    "closing",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cohorts",
                        to="tiers.closing",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("closing", "cohort", "month"), name="tiers_closingcohort_once"),
                    models.CheckConstraint(
                        condition=models.Q(("cohort__day", 1), ("month__day", 1), ("month__gte", models.F("cohort"))),
                        name="tiers_closingcohort_by_month",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LadderPreview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("effective_on", models.DateField(help_text="The date on which the draft was taken to begin.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                        ],
                        default=points.enums.PreviewState["WAITING"],
                        max_length=10,
                    ),
                ),
                (
                    "terms_digest",
                    models.BinaryField(help_text="SHA-256 of what the draft asked and gave.", max_length=32),
                ),
                ("result", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True)),
                ("actor", models.CharField(max_length=80)),
                ("requested_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="previews",
                        to="tiers.ladderversion",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["version", "-id"], name="tiers_ladderpreview_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("finished_at", None),
                                (
                                    "state__in",
                                    [points.enums.PreviewState["WAITING"], points.enums.PreviewState["RUNNING"]],
                                ),
                            ),
                            models.Q(
                                ("finished_at__isnull", False),
                                ("state__in", [points.enums.PreviewState["DONE"], points.enums.PreviewState["FAILED"]]),
                            ),
                            _connector="OR",
                        ),
                        name="tiers_ladderpreview_finished_when_over",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", [points.enums.PreviewState["WAITING"], points.enums.PreviewState["RUNNING"]])
                        ),
                        fields=("version",),
                        name="tiers_ladderpreview_one_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FallNotice",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id",
                        "ladder_id",
                        "ends_on",
                        "days_before",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "ends_on",
                    models.DateField(
                        help_text="The last date on which it can be kept: of validity, of grace, of a gift."
                    ),
                ),
                ("days_before", models.PositiveSmallIntegerField()),
                ("due_on", models.DateField()),
                (
                    "falls_on",
                    models.DateField(help_text="The last date on which it is held, later where grace follows."),
                ),
                ("ways", models.JSONField(db_default=[], default=list)),
                (
                    "ladder",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tiers.ladder"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tiers.tier"
                    ),
                ),
                (
                    "to_tier",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tiers.tier"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["due_on", "member"], name="tiers_fallnotice_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("due_on__lt", models.F("ends_on"))), name="tiers_fallnotice_before_the_end"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("falls_on__gte", models.F("ends_on"))),
                        name="tiers_fallnotice_falls_after_its_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tier", models.F("to_tier")), _negated=True),
                        name="tiers_fallnotice_of_a_change",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Challenge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.IntegerField(help_text="The number of the decision.")),
                ("words", models.CharField(max_length=1000)),
                ("opened_at", models.DateTimeField()),
                ("actor", models.CharField(help_text="Who asked.", max_length=80)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("upheld", "upheld"), ("explained", "explained")],
                        db_default="",
                        max_length=10,
                    ),
                ),
                ("answer", models.CharField(blank=True, db_default="", max_length=1000)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by", models.CharField(blank=True, db_default="", max_length=80)),
                (
                    "ladder",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tiers.ladder"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at", None)),
                        fields=["opened_at", "id"],
                        name="tiers_challenge_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("answered_at__isnull", False)),
                        fields=["-answered_at", "-id"],
                        name="tiers_challenge_answered",
                    ),
                    models.Index(fields=["member", "ladder", "seq"], name="tiers_challenge_of_decision"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at", None)),
                        fields=("member", "ladder", "seq"),
                        name="tiers_challenge_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True), name="tiers_challenge_in_words"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None), ("answered_by", ""), ("verdict", "")),
                            models.Q(
                                ("verdict__in", ["upheld", "explained"]),
                                ("answered_at__gte", models.F("opened_at")),
                                ("answered_at__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                                models.Q(("answered_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="tiers_challenge_answer_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HeldFall",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ladder_id", "member_id", "date", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("date", models.DateField(help_text="The date on whose night he would fall.")),
                ("spend", models.DecimalField(decimal_places=3, max_digits=16)),
                ("orders", models.IntegerField()),
                ("growth", models.BigIntegerField()),
                (
                    "from_tier",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tiers.tier"
                    ),
                ),
                (
                    "ladder",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tiers.ladder"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "to_tier",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tiers.tier"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-spend", "member"], name="tiers_heldfall_largest")],
            },
        ),
        *guards.statements_of("tiers", "0002_guards", "0006_ladder_previews", "0007_ahead", "0012_erasable"),
    )
