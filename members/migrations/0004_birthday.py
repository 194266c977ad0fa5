"""A birthday may be changed once a year, so the last change is kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0003_finance")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="birthday_changed_at",
            field=models.DateTimeField(help_text="When another birthday was last stated.", null=True),
        ),
    ]
