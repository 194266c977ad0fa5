"""The full ladder: windows, starts, validity and grace as settings, more metrics, tiers that are given, drafts."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tiers", "0003_closing"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="decision",
            name="tiers_decision_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="ladderversion",
            name="tiers_ladderversion_settings_sane",
        ),
        # Published versions are frozen against UPDATE; a change of type counts their years as months all the same.
        migrations.RunSQL(
            "ALTER TABLE tiers_ladderversion RENAME COLUMN validity_years TO validity_months;"
            "ALTER TABLE tiers_ladderversion ALTER COLUMN validity_months TYPE smallint USING validity_months * 12",
            "ALTER TABLE tiers_ladderversion ALTER COLUMN validity_months TYPE smallint USING validity_months / 12;"
            "ALTER TABLE tiers_ladderversion RENAME COLUMN validity_months TO validity_years",
            state_operations=[
                migrations.RenameField(
                    model_name="ladderversion", old_name="validity_years", new_name="validity_months"
                ),
            ],
        ),
        migrations.AddField(
            model_name="decision",
            name="asked",
            field=models.JSONField(
                db_default=[], default=list, help_text="[metric, threshold, had] of what the columns do not say."
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="hold_kind",
            field=models.CharField(
                blank=True,
                choices=[("manual", "manual"), ("promotion", "promotion"), ("invitation", "invitation")],
                db_default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="next_date",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="decision",
            name="next_tier",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tiers.tier",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="reason",
            field=models.CharField(blank=True, db_default="", help_text="Why a person decided it.", max_length=500),
        ),
        migrations.AddField(
            model_name="decision",
            name="since_date",
            field=models.DateField(help_text="Since when the tier is held; unknown of old decisions.", null=True),
        ),
        migrations.AddField(
            model_name="ladderversion",
            name="at_end",
            field=models.CharField(
                choices=[("never", "never"), ("one_step", "one_step"), ("to_earned", "to_earned")],
                db_default="to_earned",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="ladderversion",
            name="courtesies_a_month",
            field=models.PositiveSmallIntegerField(
                db_default=10, help_text="How often one of the staff may extend a validity in a calendar month."
            ),
        ),
        migrations.AddField(
            model_name="ladderversion",
            name="grace_rounds_up",
            field=models.BooleanField(db_default=False, help_text="Grace runs to the end of its month."),
        ),
        migrations.AddField(
            model_name="ladderversion",
            name="note",
            field=models.JSONField(db_default={}, default=dict, help_text="What members are told of it, by language."),
        ),
        migrations.AddField(
            model_name="ladderversion",
            name="notice_days",
            field=models.PositiveSmallIntegerField(
                db_default=0, help_text="Nobody falls under this version before so many days after it began."
            ),
        ),
        migrations.AddField(
            model_name="ladderversion",
            name="on_refund",
            field=models.CharField(
                choices=[("hold", "hold"), ("re_evaluate", "re_evaluate")], db_default="hold", max_length=12
            ),
        ),
        migrations.AddField(
            model_name="ladderversion",
            name="protection_days",
            field=models.PositiveSmallIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="ladderversion",
            name="rounding",
            field=models.CharField(
                choices=[("same_date", "same_date"), ("month", "month"), ("year", "year")],
                db_default="same_date",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="ladderversion",
            name="start",
            field=models.CharField(
                choices=[("at_once", "at_once"), ("next_period", "next_period")], db_default="at_once", max_length=12
            ),
        ),
        migrations.AddField(
            model_name="ladderversion",
            name="window",
            field=models.CharField(
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
        migrations.AddField(
            model_name="standing",
            name="earned_grace_date",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="standing",
            name="earned_since_date",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="standing",
            name="earned_tier",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tiers.tier",
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="earned_until_date",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="standing",
            name="granted_by",
            field=models.CharField(blank=True, db_collation="C", db_default="", max_length=1400),
        ),
        migrations.AddField(
            model_name="standing",
            name="highest_rank",
            field=models.PositiveSmallIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="standing",
            name="hold_kind",
            field=models.CharField(
                blank=True,
                choices=[("manual", "manual"), ("promotion", "promotion"), ("invitation", "invitation")],
                db_default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="next_cause",
            field=models.CharField(blank=True, db_collation="C", db_default="", max_length=1400),
        ),
        migrations.AddField(
            model_name="standing",
            name="next_date",
            field=models.DateField(help_text="The date on which the next tier begins.", null=True),
        ),
        migrations.AddField(
            model_name="standing",
            name="next_tier",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tiers.tier",
            ),
        ),
        migrations.AddField(
            model_name="standing",
            name="rank_before",
            field=models.PositiveSmallIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="standing",
            name="until_before_date",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="tier",
            name="by_invitation",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="tier",
            name="has_re_entry",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="tier",
            name="keep_active_days",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tier",
            name="keep_join",
            field=models.CharField(choices=[("any", "any"), ("all", "all")], db_default="any", max_length=3),
        ),
        migrations.AddField(
            model_name="tier",
            name="keep_referrals",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tier",
            name="keep_years",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tier",
            name="never_lost",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="tier",
            name="re_enter_active_days",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tier",
            name="re_enter_growth",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tier",
            name="re_enter_join",
            field=models.CharField(choices=[("any", "any"), ("all", "all")], db_default="any", max_length=3),
        ),
        migrations.AddField(
            model_name="tier",
            name="re_enter_orders",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tier",
            name="re_enter_referrals",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tier",
            name="re_enter_spend",
            field=models.DecimalField(decimal_places=3, max_digits=16, null=True),
        ),
        migrations.AddField(
            model_name="tier",
            name="re_enter_years",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tier",
            name="reach_active_days",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tier",
            name="reach_join",
            field=models.CharField(choices=[("any", "any"), ("all", "all")], db_default="any", max_length=3),
        ),
        migrations.AddField(
            model_name="tier",
            name="reach_referrals",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="tier",
            name="reach_years",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="decision",
            name="kind",
            field=models.CharField(
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
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="reached_by",
            field=models.CharField(
                blank=True, help_text="The metric that reached it: spend, orders, growth, ...; or all.", max_length=12
            ),
        ),
        migrations.AlterField(
            model_name="ladderversion",
            name="window_days",
            field=models.PositiveIntegerField(
                help_text="Business dates that count, up to and including the evaluation; 0 where the window is not rolling."
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("next_date__isnull", False)),
                fields=["ladder", "next_date"],
                name="tiers_standing_beginning",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
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
                        ],
                    )
                ),
                name="tiers_decision_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="ladderversion",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="ladderversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("published_at", None)), fields=("ladder",), name="tiers_ladderversion_one_draft"
            ),
        ),
        migrations.AddConstraint(
            model_name="standing",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="standing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("next_date", None), ("next_tier", None)),
                    models.Q(("next_date__isnull", False), ("next_tier__isnull", False)),
                    _connector="OR",
                ),
                name="tiers_standing_next_is_whole",
            ),
        ),
    ]
