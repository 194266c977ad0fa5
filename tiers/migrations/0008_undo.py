"""Nights that are undone, and who would fall in one that waits for a person."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_finance"),
        ("tiers", "0007_ahead"),
    ]

    operations = [
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
            options={"indexes": [models.Index(fields=["-spend", "member"], name="tiers_heldfall_largest")]},
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="tiers_decision_kind_known",
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
                    ("restored", "restored"),
                ],
                max_length=10,
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
                            "restored",
                        ],
                    )
                ),
                name="tiers_decision_kind_known",
            ),
        ),
    ]
