"""The role of finance: it sees what members hold and decides on what others ask for."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_guards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("operator", "operator"),
                        ("agent", "agent"),
                        ("auditor", "auditor"),
                        ("finance", "finance"),
                        ("admin", "admin"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
    ]
