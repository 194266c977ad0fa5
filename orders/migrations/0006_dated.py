import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0005_happenings"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["business_date"], name="orders_order_dated", pages_per_range=16
            ),
        ),
        migrations.AddIndex(
            model_name="shopevent",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["business_date"], name="orders_shopevent_dated", pages_per_range=16
            ),
        ),
    ]
