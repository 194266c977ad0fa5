"""A member's standings can be joined from the member: counts by tier take one pass."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0005_time_zone"), ("tiers", "0010_counted_on")]

    operations = [
        migrations.AlterField(
            model_name="standing",
            name="member",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="standings",
                to="members.member",
            ),
        ),
    ]
