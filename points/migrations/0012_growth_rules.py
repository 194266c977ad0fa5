"""Rules may feed growth value: how a deed came to it is remembered beside how it came to its points."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("points", "0011_withdrawn")]

    operations = [
        migrations.AddField(
            model_name="earning",
            name="grown",
            field=models.JSONField(
                default=list, help_text="Steps to its growth value, where rules of that were asked."
            ),
        ),
    ]
