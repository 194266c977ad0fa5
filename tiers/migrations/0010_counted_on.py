"""A standing says of which date's window an event has summed it, so that the night need not do so again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tiers", "0009_ends")]

    operations = [
        migrations.AddField(
            model_name="standing",
            name="counted_on",
            field=models.DateField(
                help_text="The date whose window an event summed last; the sums of nights and imports have none.",
                null=True,
            ),
        ),
    ]
