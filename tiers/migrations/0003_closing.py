"""The night counts what is outstanding at the end of a date, and at the ends of months."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("tiers", "0002_guards")]

    operations = [
        migrations.CreateModel(
            name="Closing",
            fields=[
                ("date", models.DateField(primary_key=True, serialize=False)),
                ("counted_at", models.DateTimeField(db_default=Now())),
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
        ),
        migrations.AddIndex(
            model_name="decision",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["recorded_at"], name="tiers_decision_by_recorded", pages_per_range=16
            ),
        ),
        migrations.AddConstraint(
            model_name="closingpart",
            constraint=models.UniqueConstraint(
                fields=["closing", "tier", "source", "lapses", "is_pending"],
                name="tiers_closingpart_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="closingpart",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_pending", False), ("lapses", None), ("points__lt", 0))
                | models.Q(("lapses__isnull", False), ("points__gt", 0)),
                name="tiers_closingpart_held_or_owed",
            ),
        ),
        migrations.AddConstraint(
            model_name="closingcohort",
            constraint=models.UniqueConstraint(fields=["closing", "cohort", "month"], name="tiers_closingcohort_once"),
        ),
        migrations.AddConstraint(
            model_name="closingcohort",
            constraint=models.CheckConstraint(
                condition=models.Q(("cohort__day", 1), ("month__day", 1), ("month__gte", models.F("cohort"))),
                name="tiers_closingcohort_by_month",
            ),
        ),
    ]
