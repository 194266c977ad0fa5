"""Who asked for a booking by hand may withdraw his request; the same may then be asked for again."""

from django.db import migrations, models

OVER = models.Q(("state__in", ("refused", "withdrawn")), _negated=True)


class Migration(migrations.Migration):
    dependencies = [("points", "0010_returns")]

    operations = [
        migrations.RemoveConstraint(model_name="adjustment", name="points_adjustment_undone_once"),
        migrations.RemoveConstraint(model_name="adjustment", name="points_adjustment_reinstated_once"),
        migrations.RemoveConstraint(model_name="adjustment", name="points_adjustment_decided_by_who_must"),
        migrations.AlterField(
            model_name="adjustment",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "waiting"),
                    ("booked", "booked"),
                    ("refused", "refused"),
                    ("withdrawn", "withdrawn"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.UniqueConstraint(
                condition=OVER, fields=("undoes",), name="points_adjustment_undone_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("expiry_key", ""), _negated=True), OVER),
                fields=("member", "expiry_key"),
                name="points_adjustment_reinstated_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_at", None), ("decided_by", None), ("needs_second", True), ("state", "waiting")
                )
                | models.Q(
                    ("decided_at__isnull", False), ("decided_by", None), ("needs_second", False), ("state", "booked")
                )
                | models.Q(
                    ("decided_at__isnull", False),
                    ("decided_by__isnull", False),
                    ("needs_second", True),
                    ("state__in", ["booked", "refused"]),
                )
                | models.Q(
                    ("decided_at__isnull", False), ("decided_by", None), ("needs_second", True), ("state", "withdrawn")
                ),
                name="points_adjustment_decided_by_who_must",
            ),
        ),
    ]
