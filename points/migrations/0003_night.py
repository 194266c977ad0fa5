"""The indexes by which the night finds whose window of growth changed with a date."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0002_guards"), ("points", "0002_ledger")]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["counts_on", "member"],
                name="points_entry_growth_date",
                condition=models.Q(wallet="growth"),
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["business_date", "member"],
                name="points_entry_growth_late",
                condition=models.Q(wallet="growth") & ~models.Q(business_date=models.F("counts_on")),
            ),
        ),
    ]
