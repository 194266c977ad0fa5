"""Standings without an end are not in the index of ends: most are, and each was written with every order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tiers", "0008_undo")]

    operations = [
        migrations.RemoveIndex(model_name="standing", name="tiers_standing_ending"),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("until_date__isnull", False)),
                fields=["ladder", "until_date", "member"],
                name="tiers_standing_ending",
            ),
        ),
    ]
