"""Two indexes of standings go whose columns others begin with: each was written with every change of a sum."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tiers", "0004_full_ladder")]

    operations = [
        migrations.AlterField(
            model_name="standing",
            name="ladder",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tiers.ladder",
            ),
        ),
        migrations.AlterField(
            model_name="standing",
            name="tier",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tiers.tier",
            ),
        ),
    ]
