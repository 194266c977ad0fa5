"""What was decided on requests of the staff is paged by key."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("points", "0008_seal")]

    operations = [
        migrations.AddIndex(
            model_name="adjustment",
            index=models.Index(
                condition=models.Q(("state", "waiting"), _negated=True),
                fields=["-decided_at", "-id"],
                name="points_adjustment_decided",
            ),
        ),
    ]
