"""The stages of life-cycles."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("members", "0008_keeping"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lifecycle",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="members.member",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("new", "new"),
                            ("active", "active"),
                            ("sleeping", "sleeping"),
                            ("lapsed", "lapsed"),
                            ("won_back", "won_back"),
                        ],
                        max_length=10,
                    ),
                ),
                ("since_date", models.DateField()),
                (
                    "active_on",
                    models.DateField(help_text="The last order or deed of his own; without one the date he joined."),
                ),
                ("asleep_on", models.DateField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["stage", "member"], name="insights_lifecycle_by_stage"),
                    models.Index(
                        condition=models.Q(("stage__in", ["sleeping", "lapsed"]), _negated=True),
                        fields=["asleep_on", "member"],
                        name="insights_lifecycle_drowsy",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("stage__in", ["new", "active", "sleeping", "lapsed", "won_back"])),
                        name="insights_lifecycle_stage_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LifecycleRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("effective_on", models.DateField(help_text="The first business date whose night tells by it.")),
                ("new_days", models.PositiveSmallIntegerField()),
                ("sleeping_days", models.PositiveSmallIntegerField()),
                ("lapsed_days", models.PositiveSmallIntegerField()),
                ("won_back_days", models.PositiveSmallIntegerField()),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("lapsed_days__gt", models.F("sleeping_days")), ("sleeping_days__gte", 1)),
                        name="insights_lifecyclerules_in_order",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StageChange",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "changed_on", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("changed_on", models.DateField()),
                (
                    "was",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new", "new"),
                            ("active", "active"),
                            ("sleeping", "sleeping"),
                            ("lapsed", "lapsed"),
                            ("won_back", "won_back"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "becomes",
                    models.CharField(
                        choices=[
                            ("new", "new"),
                            ("active", "active"),
                            ("sleeping", "sleeping"),
                            ("lapsed", "lapsed"),
                            ("won_back", "won_back"),
                        ],
                        max_length=10,
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("becomes__in", ["new", "active", "sleeping", "lapsed", "won_back"]),
                            models.Q(("was", models.F("becomes")), _negated=True),
                        ),
                        name="insights_stagechange_changes",
                    )
                ],
            },
        ),
    ]
